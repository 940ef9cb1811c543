// A task is begun, and its plan: what would be done, what it may cost and do, and the yes to exactly that.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { post, projectAt, type Problem } from "../api";
import { go, to } from "../place";
import { Trouble, problemOf, readOnly, useTold } from "../shared";
import { Source } from "../source";
import { Data, Long, Said, State, many, usd } from "../text";
import { clock } from "../watch";

interface Plan {
  id: string;
  state: string;
  target: string;
  resumes: boolean;
  said: string[];
  plan: any;
  error: Problem | null;
  run: string | null;
}

export function NewPage({ project }: { project: string }) {
  const task = useSignal("");
  const budget = useSignal("");
  const problem = useSignal<Problem | null>(null);
  useEffect(() => void (document.title = "New task · Weft"), []);
  const begin = async (event: Event) => {
    event.preventDefault();
    try {
      const options = budget.value ? { options: { budget: Number(budget.value) } } : {};
      const made = await post<{ id: string }>(`${projectAt(project)}/plans`, { task: task.value, ...options });
      go(to("plan", project, made.id));
    } catch (error) {
      problem.value = problemOf(error);
    }
  };
  if (readOnly.value) return <p class="empty">This server only shows runs.</p>;
  return (
    <div class="page">
      <h1>New task</h1>
      <form class="panel form" onSubmit={begin}>
        <label>What do you want to know?<textarea rows={5} required maxLength={10000} value={task.value} onInput={(event) => (task.value = event.currentTarget.value)} /></label>
        <label>Budget in dollars<input type="number" min="0" step="any" value={budget.value} onInput={(event) => (budget.value = event.currentTarget.value)} /></label>
        {problem.value && <Trouble problem={problem.value} />}
        <div class="buttons"><button class="main" type="submit">Plan it</button><span class="dim">A model writes a harness for it. Nothing runs before you approve the plan.</span></div>
      </form>
    </div>
  );
}

const MOVING = new Set(["planning", "starting"]);

export function PlanPage({ project, id }: { project: string; id: string }) {
  const at = `${projectAt(project)}/plans/${encodeURIComponent(id)}`;
  const moving = useSignal(true);
  const told = useSignal<Problem | null>(null);
  const turn = moving.value ? Math.floor(clock.value / 1000) : 0;
  const { data, problem } = useTold<Plan>(at, {}, turn);
  const plan = data.value;
  useEffect(() => void (document.title = "Plan · Weft"), []);
  useEffect(() => {
    if (plan === null) return;
    moving.value = MOVING.has(plan.state);
    if (plan.run) go(to("r", project, plan.run), { replace: true });
  }, [plan]);
  const approve = async () => {
    try {
      data.value = await post<Plan>(`${at}/approve`, { digest: plan!.plan.digest ?? null });
    } catch (error) {
      told.value = problemOf(error);
    }
  };
  if (problem.value) return <Trouble problem={problem.value} />;
  if (plan === null) return <p class="empty">…</p>;
  return (
    <div class="page">
      <div class="bar"><h1>Plan</h1><State of={plan.state} /><span class="grow" />
        {plan.state === "ready" && !readOnly.value && <button class="main" onClick={() => void approve()}>{plan.resumes ? "Go on with it" : "Approve and run"}</button>}
      </div>
      <p class="task"><Said text={plan.target} most={2000} /></p>
      {told.value && <Trouble problem={told.value} />}
      {plan.error && <Trouble problem={plan.error} />}
      {plan.said.length > 0 && plan.state === "planning" && <Long text={plan.said.join("\n")} />}
      {plan.plan && (plan.resumes ? <Bill of={plan.plan} /> : <Shown of={plan.plan} />)}
    </div>
  );
}

function range(of: any, words: (amount: number) => string = String): string {
  if (of == null) return "no price known";
  const [low, high] = [words(of.p10), words(of.p90)];
  return low === high ? low : `${low} – ${high}`;
}

const minutes = (amount: number) => `${amount < 10 ? amount.toFixed(1) : Math.round(amount)} min`;

function Shown({ of }: { of: any }) {
  const below = new Map<number, any>();
  for (const one of of.lint?.diagnostics ?? []) {
    below.set(one.line, <>{below.get(one.line)}<p class={`lint ${one.severity}`}><b>{one.severity} {one.code}</b> <Said text={one.message} most={1000} /> <span class="dim"><Said text={one.why ?? ""} most={1000} /></span></p></>);
  }
  const may = of.permissions;
  return (
    <>
      {of.forecast && <Forecast of={of.forecast} />}
      {may && (
        <dl class="facts wide-facts">
          <div><dt>Reads</dt><dd><Said text={may.folders.join(", ") || "nothing"} /></dd></div>
          <div><dt>Tools</dt><dd><Said text={may.tools.join(", ") || "none"} /></dd></div>
          <div><dt>Granted besides</dt><dd><Said text={may.allowed.join(", ") || "nothing"} /></dd></div>
          <div><dt>Answered by</dt><dd><Said text={[...may.models, may.agents].filter(Boolean).join(", ")} /></dd></div>
          <div><dt>At most</dt><dd>{may.agents_at_most == null ? "no bound is proved" : many(may.agents_at_most, "agent")}</dd></div>
        </dl>
      )}
      <h2>Harness</h2>
      <Source text={of.source} below={below} />
    </>
  );
}

function Forecast({ of }: { of: any }) {
  const row = (title: string, one: any) => (
    <tr key={title}>
      <th scope="row"><Said text={title} /></th>
      <td class="number">{range(one.agents)}</td>
      <td class="number">{range(one.usd, usd)}</td>
      <td class="number">{range(one.minutes, minutes)}</td>
      <td>{one.models && <Said text={one.models.join(", ")} />}</td>
    </tr>
  );
  return (
    <div class="scroll">
      <table class="plain">
        <thead><tr><th>Phase</th><th class="number">Agents</th><th class="number">Cost</th><th class="number">Time</th><th>Models</th></tr></thead>
        <tbody>{of.phases.map((one: any) => row(one.phase ?? "Before any phase", one))}{row("In all", of)}</tbody>
      </table>
      <p class="dim">From a tenth to nine tenths of what was simulated. <Said text={of.basis} /></p>
    </div>
  );
}

function Bill({ of }: { of: any }) {
  return (
    <>
      <dl class="facts wide-facts">
        <div><dt>Answers kept</dt><dd>{of.reused.length}</dd></div>
        <div><dt>Asked again</dt><dd>{of.asked.length}</dd></div>
        <div><dt>About</dt><dd>{usd(of.usd)}</dd></div>
        <div><dt>Spent so far</dt><dd>{usd(of.spent.usd)}</dd></div>
      </dl>
      <ul class="panel list">{of.asked.slice(0, 200).map((one: any, at: number) => <li key={at}><Said text={one.label} /> <span class="dim"><Said text={[one.reason, ...(one.fields ?? [])].filter(Boolean).join(", ")} /></span> {usd(one.usd)}</li>)}</ul>
      <details><summary>The whole bill</summary><Data value={of} /></details>
    </>
  );
}
