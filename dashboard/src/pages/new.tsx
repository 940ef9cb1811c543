// A task is begun in words: what is wanted, what may be spent, and what agents may see and do.
import { useSignal } from "@preact/signals";
import { projectAt, type Problem } from "../api";
import { Labelled, SETTINGS, SettingFields, fieldOf, settingsBegun, settingsOf } from "../form";
import { place, to } from "../place";
import { planned, type Plan } from "../plan/asking";
import { Trouble, problemOf, readOnly, useTitle, useTold } from "../shared";
import { Said, State } from "../text";

export function NewPage({ project }: { project: string }) {
  useTitle("New task");
  const from = place.value.query.get("from");
  const { data } = useTold<Plan>(from && `${projectAt(project)}/plans/${encodeURIComponent(from)}`);
  if (readOnly.value) return <p class="empty">This server only shows runs.</p>;
  return (
    <div class="page">
      <h1>New task</h1>
      {from === null || data.value ? <Beginning key={from} project={project} from={data.value} /> : <p class="empty">…</p>}
      <Latest project={project} />
    </div>
  );
}

function Beginning({ project, from }: { project: string; from: Plan | null }) {
  const task = useSignal(from?.about ?? "");
  const written = useSignal(settingsBegun(from?.options));
  const problem = useSignal<Problem | null>(null);
  const asking = useSignal(false);
  const begin = async (event: Event) => {
    event.preventDefault();
    asking.value = true;
    try {
      await planned(project, { task: task.value, options: settingsOf(written.value, from?.options) });
    } catch (error) {
      problem.value = problemOf(error);
    } finally {
      asking.value = false;
    }
  };
  const field = fieldOf(problem.value, ["task", ...SETTINGS]);
  return (
    <form class="panel form" onSubmit={begin} aria-label="New task">
      <Labelled name="What do you want to know?" wrong={field === "task" ? problem.value : null}>
        <textarea rows={5} required maxLength={10000} value={task.value} onInput={(event) => (task.value = event.currentTarget.value)} />
      </Labelled>
      <SettingFields written={written.value} write={(name, text) => (written.value = { ...written.value, [name]: text })} problem={problem.value} />
      {problem.value && field === null && <Trouble problem={problem.value} />}
      <div class="buttons"><button class="main" type="submit" disabled={asking.value}>Plan it</button><span class="dim">A model writes a harness for it. Nothing runs before you approve the plan.</span></div>
    </form>
  );
}

/** Plans of before: one that is not approved yet would else be lost with its page. */
function Latest({ project }: { project: string }) {
  const { data } = useTold<{ plans: Plan[] }>(`${projectAt(project)}/plans`);
  if (!data.value?.plans.length) return null;
  return (
    <section class="panel" aria-label="Plans">
      <h2>Plans since the server began</h2>
      <ul class="list">
        {data.value.plans.map((one) => (
          <li key={one.id}><State of={one.state} /> <a href={one.run ? to("r", project, one.run) : to("plan", project, one.id)}><Said text={one.target} most={160} /></a></li>
        ))}
      </ul>
    </section>
  );
}
