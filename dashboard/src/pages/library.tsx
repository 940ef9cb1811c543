// The harnesses that can be run by their names; of one, its source, how its runs went, and a form to plan it with.
import { useSignal } from "@preact/signals";
import { projectAt, type Problem } from "../api";
import { Fields, SETTINGS, SettingFields, begun, fieldOf, read, settingsBegun, settingsOf, type Schema } from "../form";
import { place, to } from "../place";
import { planned, type Plan } from "../plan/asking";
import { Trouble, about, problemOf, readOnly, useTitle, useTold } from "../shared";
import { Source } from "../source";
import { Said, State, many } from "../text";

interface Harness {
  name: string;
  where: string;
  purpose: string | null;
  args: Schema | null;
  filled: string[];
  approved: boolean;
  readable: boolean;
  group: string | null;
  runs: number;
  source?: string;
  versions?: unknown[];
}

export function LibraryPage({ project, name }: { project: string; name: string }) {
  useTitle(name || "Library");
  return name ? <One project={project} name={name} /> : <All project={project} />;
}

function All({ project }: { project: string }) {
  const { data, problem } = useTold<{ harnesses: Harness[] }>(`${projectAt(project)}/library`);
  const text = useSignal("");
  if (problem.value) return <Trouble problem={problem.value} />;
  const fits = (one: Harness) => `${one.name} ${one.purpose ?? ""}`.toLowerCase().includes(text.value.trim().toLowerCase());
  const found = data.value?.harnesses.filter(fits);
  return (
    <div class="page">
      <div class="bar"><h1>Library</h1><span class="grow" /><input type="search" aria-label="Search the library" placeholder="Search" value={text.value} onInput={(event) => (text.value = event.currentTarget.value)} /></div>
      {found?.length === 0 && <p class="empty">There is none like that.</p>}
      <ul class="cards">
        {found?.map((one) => (
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
  const from = place.value.query.get("from");
  const before = useTold<Plan>(from && `${projectAt(project)}/plans/${encodeURIComponent(from)}`);
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
      {!readOnly.value && (from === null || before.data.value) && <Planning key={from} project={project} harness={one} from={before.data.value} />}
      {one.source && <><h2>Source</h2><Source text={one.source} /></>}
    </div>
  );
}

function Planning({ project, harness, from }: { project: string; harness: Harness; from: Plan | null }) {
  const schema = harness.args ?? {};
  const written = useSignal(begun(schema, from?.args));
  const settings = useSignal(settingsBegun(from?.options));
  const problem = useSignal<Problem | null>(from?.error ?? null);
  const asking = useSignal(false);
  const plan = async (event: Event) => {
    event.preventDefault();
    asking.value = true;
    try {
      const args = harness.args === null ? {} : { args: read(schema, written.value) };
      await planned(project, { harness: harness.name, ...args, options: settingsOf(settings.value, from?.options) });
    } catch (error) {
      problem.value = error instanceof SyntaxError ? about(error.message) : problemOf(error);
    } finally {
      asking.value = false;
    }
  };
  const field = fieldOf(problem.value, [...Object.keys(schema.properties ?? {}), ...SETTINGS]);
  return (
    <form class="panel form" onSubmit={plan} aria-label="Plan a run of it">
      <h2>Plan a run of it</h2>
      <Fields schema={schema} filled={harness.filled} written={written.value} write={(name, text) => (written.value = { ...written.value, [name]: text })} problem={problem.value} />
      <SettingFields written={settings.value} write={(name, text) => (settings.value = { ...settings.value, [name]: text })} problem={problem.value} />
      {problem.value && field === null && <Trouble problem={problem.value} />}
      <div class="buttons"><button class="main" type="submit" disabled={asking.value}>Plan it</button><span class="dim">Nothing runs before you approve the plan.</span></div>
    </form>
  );
}
