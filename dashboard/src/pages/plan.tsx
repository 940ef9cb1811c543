// A plan: what would be done, what it may cost and do, the yes to exactly that, and what makes another plan of it.
import { signal, useSignal, type Signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { post, projectAt, type Problem } from "../api";
import { go, to } from "../place";
import { again, planned, type Plan } from "../plan/asking";
import { Bill } from "../plan/bill";
import { Shown, fixable } from "../plan/shown";
import { Trouble, problemOf, readOnly, useTitle, useTold } from "../shared";
import { Long, Said, State, many } from "../text";
import { clock } from "../watch";

/** Whether the plan that is shown goes on with a run. */
export const resuming = signal(false);

const MOVING = new Set(["planning", "starting"]);

export function PlanPage({ project, id }: { project: string; id: string }) {
  const at = `${projectAt(project)}/plans/${encodeURIComponent(id)}`;
  const moving = useSignal(true);
  const turn = moving.value ? Math.floor(clock.value / 1000) : 0;
  const { data, problem } = useTold<Plan>(at, {}, turn);
  const plan = data.value;
  useTitle("Plan");
  useEffect(() => {
    if (plan === null) return;
    moving.value = MOVING.has(plan.state);
    resuming.value = plan.resumes;
    if (plan.run) go(to("r", project, plan.run), { replace: true });
  }, [plan]);
  if (plan === null) return problem.value ? <Trouble problem={problem.value} /> : <p class="empty">…</p>;
  return <One key={id} project={project} at={at} plan={plan} data={data} unreached={problem.value} />;
}

function One({ project, at, plan, data, unreached }: { project: string; at: string; plan: Plan; data: Signal<Plan | null>; unreached: Problem | null }) {
  const told = useSignal<Problem | null>(null);
  const saved = useSignal("");
  const busy = useSignal(false);
  const act = async (work: () => Promise<unknown>) => {
    if (busy.value) return;
    busy.value = true;
    told.value = null;
    try {
      await work();
    } catch (error) {
      told.value = problemOf(error);
    } finally {
      busy.value = false;
    }
  };
  const post_ = async (what: string, body: unknown) => (data.value = await post<Plan>(`${at}/${what}`, body));
  const save = async (name: string) => {
    const kept = await post<{ path: string; version: number }>(`${at}/save`, { name });
    saved.value = `Saved as ${kept.path}, version ${kept.version}. It is in the library.`;
  };
  const shown = { project, plan, act, busy: busy.value };
  const before = useTold<Plan>(plan.before && `${projectAt(project)}/plans/${encodeURIComponent(plan.before)}`);
  return (
    <div class="page plan">
      <div class="bar">
        <h1>{plan.resumes ? "Go on with a run" : "Plan"}</h1><State of={plan.state} /><span class="grow" />
        {plan.state === "planning" && !readOnly.value && <button onClick={() => void act(() => post_("cancel", {}))}>Cancel</button>}
      </div>
      <p class="task">{plan.resumes ? <a href={to("r", project, plan.target)}><Said text={plan.target} /></a> : <Said text={plan.about} most={2000} />}</p>
      {plan.before && <p class="dim">{plan.revises ? <>Revised: <Said text={plan.target} most={500} />.</> : "Changed."} <a href={to("plan", project, plan.before)}>The plan before</a> is as it was.</p>}
      {unreached && <Trouble problem={unreached} />}
      {plan.state === "planning" && <Progress said={plan.said} />}
      {plan.state === "starting" && <Starting plan={plan} />}
      {plan.error && <Trouble problem={plan.error} />}
      {plan.state === "cancelled" && <p>It was cancelled. What a model had written by then is paid for, and nothing has run.</p>}
      {saved.value && <p class="notice" role="status"><Said text={saved.value} most={500} /></p>}
      {told.value && <Trouble problem={told.value} />}
      {!readOnly.value && <Acts {...shown} approve={() => act(() => post_("approve", { digest: plan.plan.digest ?? null }))} save={save} />}
      {plan.plan && (plan.resumes ? <Bill of={plan.plan} choose={readOnly.value ? null : (choices) => void act(() => planned(project, again(plan, plan.options, { ...plan.choices, ...choices })))} /> : <Shown of={plan.plan} before={before.data.value?.source ?? null} />)}
    </div>
  );
}

/** What whoever writes the plan does now, and what was done before. */
function Progress({ said }: { said: string[] }) {
  const now = said.at(-1)?.trim() ?? "beginning";
  return (
    <section class="panel" aria-label="Progress">
      <p role="status"><span class="is-running" aria-hidden="true">●</span> <Said text={now} most={400} /></p>
      {said.length > 1 && <details><summary>What was done before</summary><Long text={said.slice(0, -1).join("\n")} /></details>}
      <p class="dim">Nothing runs before you approve the plan. It goes on when you leave this page.</p>
    </section>
  );
}

/** What is done between the yes and the run. */
function Starting({ plan }: { plan: Plan }) {
  return (
    <section class="panel" aria-label="Progress">
      <p role="status"><span class="is-running" aria-hidden="true">●</span> {plan.resumes ? "Checking what the run has, and starting it." : "Checking that what would run is still what you approved: it is checked and rehearsed once more, and starts only if nothing is different."}</p>
      <p class="dim">This page becomes that of the run. It goes on when you leave this page.</p>
    </section>
  );
}

// ------------------------------------------------------------------------------------------------ what can be done

interface Acting {
  project: string;
  plan: Plan;
  busy: boolean;
  act: (work: () => Promise<unknown>) => Promise<void>;
}

type Open = "" | "revise" | "edit" | "save";

function Acts({ project, plan, busy, act, approve, save }: Acting & { approve: () => Promise<void>; save: (name: string) => Promise<void> }) {
  const open = useSignal<Open>("");
  if (plan.state === "planning" || plan.state === "starting" || plan.state === "started") return null;
  const made = plan.plan;
  const harness = made !== null && !plan.resumes;
  const wants: string[] = harness ? made.wants.tools : [];
  const lacks = harness && made.wants.missing.some((one: any) => one.always);
  const undecided = plan.resumes && made?.undecided.length > 0;
  const runs = plan.state === "ready" && wants.length === 0 && !lacks && !undecided;
  const fixes = harness ? fixable(made) : 0;
  const make = (body: Record<string, unknown>) => void act(() => planned(project, body));
  const grant = () => make(again(plan, { ...plan.options, allow: [...(plan.options.allow ?? []), ...wants] }));
  const toggle = (what: Open, word: string) => <button aria-expanded={open.value === what} disabled={busy} onClick={() => (open.value = open.value === what ? "" : what)}>{word}</button>;
  const done = (work: () => Promise<unknown>) => act(async () => (await work(), (open.value = "")));
  const ask = plan.saved !== null ? to("library", project, plan.saved) : to("new", project);
  return (
    <section class="panel acts" aria-label="Decide">
      {wants.length > 0 && <p>It wants what nobody has granted: <b><Said text={wants.join(", ")} most={1000} /></b>. {made.wants.tools.length > 0 && "Granting it makes another plan, which you see first."}</p>}
      {undecided && <p>Agents had started and may have had effects. Decide below whether they are asked again.</p>}
      <div class="buttons">
        {runs && <button class="main" disabled={busy} onClick={() => void approve()}>{plan.resumes ? "Go on with it" : "Approve and run"}</button>}
        {wants.length > 0 && <button class="main" disabled={busy} onClick={grant}>Grant it and plan again</button>}
        {fixes > 0 && <button disabled={busy} onClick={() => make({ fix: plan.id })}>Fix {many(fixes, "finding")}</button>}
        {harness && toggle("revise", "Revise in words…")}
        {plan.source !== null && toggle("edit", "Edit the script…")}
        {harness && plan.state !== "refused" && toggle("save", "Save…")}
        {plan.state === "failed" && <button disabled={busy} onClick={() => make(again(plan))}>Plan it again</button>}
        {!plan.resumes && plan.state !== "ready" && <a class="button" href={`${ask}?from=${encodeURIComponent(plan.id)}`}>Change what was asked</a>}
        <a class="button" href={plan.resumes ? to("r", project, plan.target) : "/"}>{plan.state === "ready" ? "No" : "Leave it"}</a>
      </div>
      {open.value === "revise" && <Words key="revise" busy={busy} title="What is to be different?" word="Revise" rows={3} begin="" done={(wish) => done(() => planned(project, { task: wish, revise: plan.id }))} note="A model changes the harness, which costs as writing it did. The plan here stays as it is." />}
      {open.value === "edit" && <Words key="edit" busy={busy} title="The script" word="Check and plan it" rows={24} code begin={plan.source ?? ""} done={(source) => done(() => planned(project, { source, edit: plan.id }))} note="It is checked again, and is another plan with a digest of its own." />}
      {open.value === "save" && <Words key="save" busy={busy} title="Under which name?" word="Save" rows={1} begin="" done={(name) => done(() => save(name.trim()))} note="It can be run by that name from then on, with other arguments." />}
    </section>
  );
}

function Words({ title, word, rows, begin, done, busy, note, code = false }: { title: string; word: string; rows: number; begin: string; done: (text: string) => Promise<void>; busy: boolean; note: ComponentChildren; code?: boolean }) {
  const text = useSignal(begin);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current!.querySelector<HTMLElement>("input, textarea")!.focus(), []);
  const common = { required: true, value: text.value, onInput: (event: { currentTarget: { value: string } }) => (text.value = event.currentTarget.value) };
  return (
    <form ref={form} class="form wide" onSubmit={(event) => (event.preventDefault(), void done(text.value))}>
      <label>{title}{rows === 1 ? <input {...common} /> : <textarea rows={rows} class={code ? "code" : ""} spellcheck={!code} {...common} />}</label>
      <div class="buttons"><button class="main" type="submit" disabled={busy}>{word}</button><span class="dim">{note}</span></div>
    </form>
  );
}
