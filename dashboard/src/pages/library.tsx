// The harnesses that can be run by their names; of one, its source, how its runs went, and a form to plan it with.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { post, projectAt } from "../api";
import { Fields, begun, read, type Schema } from "../form";
import { go, to } from "../place";
import { Trouble, about, problemOf, readOnly, useTold } from "../shared";
import { Source } from "../source";
import { Said, State, many } from "../text";

interface Harness {
  name: string;
  where: string;
  purpose: string | null;
  args: Schema | null;
  approved: boolean;
  readable: boolean;
  group: string | null;
  runs: number;
  source?: string;
  versions?: unknown[];
}

export function LibraryPage({ project, name }: { project: string; name: string }) {
  useEffect(() => void (document.title = `${name || "Library"} · Weft`), [name]);
  return name ? <One project={project} name={name} /> : <All project={project} />;
}

function All({ project }: { project: string }) {
  const { data, problem } = useTold<{ harnesses: Harness[] }>(`${projectAt(project)}/library`);
  if (problem.value) return <Trouble problem={problem.value} />;
  return (
    <div class="page">
      <div class="bar"><h1>Library</h1></div>
      <ul class="cards">
        {data.value?.harnesses.map((one) => (
          <li key={one.name}>
            <a href={to("library", project, one.name)}><Said text={one.name} /></a> <span class="tag">{one.where}</span>
            {!one.readable && <State of="error" word="cannot be read" />}
            <p><Said text={one.purpose ?? ""} most={400} /></p>
            <p class="dim">{many(one.runs, "run")}</p>
          </li>
        ))}
      </ul>
    </div>
  );
}

function One({ project, name }: { project: string; name: string }) {
  const { data, problem } = useTold<Harness>(`${projectAt(project)}/library/${encodeURIComponent(name)}`);
  if (problem.value) return <Trouble problem={problem.value} />;
  const one = data.value;
  if (one === null) return <p class="empty">…</p>;
  return (
    <div class="page">
      <div class="bar">
        <h1><Said text={one.name} /></h1><span class="tag">{one.where}</span><span class="grow" />
        <a href={to("library", project)}>All harnesses</a>
      </div>
      <p><Said text={one.purpose ?? ""} most={2000} /></p>
      <p class="dim">{many(one.runs, "run")} · {many(one.versions?.length ?? 0, "version")} · {one.approved ? "you have said yes to it as it is" : "you have not said yes to it as it is"}</p>
      {!readOnly.value && <Planning project={project} harness={one} />}
      {one.source && <><h2>Source</h2><Source text={one.source} /></>}
    </div>
  );
}

function Planning({ project, harness }: { project: string; harness: Harness }) {
  const schema = harness.args ?? {};
  const written = useSignal(begun(schema));
  const budget = useSignal("");
  const problem = useSignal<ReturnType<typeof about> | null>(null);
  const plan = async (event: Event) => {
    event.preventDefault();
    try {
      const args = harness.args === null ? {} : { args: read(schema, written.value) };
      const options = budget.value ? { options: { budget: Number(budget.value) } } : {};
      const made = await post<{ id: string }>(`${projectAt(project)}/plans`, { harness: harness.name, ...args, ...options });
      go(to("plan", project, made.id));
    } catch (error) {
      problem.value = error instanceof SyntaxError ? about(error.message) : problemOf(error);
    }
  };
  return (
    <form class="panel form" onSubmit={plan} aria-label="Plan a run of it">
      <h2>Plan a run of it</h2>
      <Fields schema={schema} written={written.value} write={(name, text) => (written.value = { ...written.value, [name]: text })} />
      <label>Budget in dollars<input type="number" min="0" step="any" value={budget.value} onInput={(event) => (budget.value = event.currentTarget.value)} /></label>
      {problem.value && <Trouble problem={problem.value} />}
      <div class="buttons"><button class="main" type="submit">Plan it</button><span class="dim">Nothing runs before you approve the plan.</span></div>
    </form>
  );
}
