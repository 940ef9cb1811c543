// What stands beside the tree: what was lost, found and said, and what the run came to.
import { Value } from "../json";
import { useTold } from "../shared";
import { Folded, Said, many, span } from "../text";
import type { Head, Watch } from "../watch";
import { Findings } from "./findings";
import { Panel } from "./panel";

const SHOWN = 200;

export function Side({ watch, head }: { watch: Watch; head: Head }) {
  const over = head.outcome !== "running";
  return (
    <>
      {(head.numbers.lost ?? 0) > 0 && <Lost watch={watch} number={head.numbers.lost!} />}
      {over && head.outcome !== "killed" && <Result watch={watch} head={head} />}
      <Findings watch={watch} number={head.numbers.findings ?? 0} />
      {(head.numbers.logs ?? 0) > 0 && <Logged watch={watch} number={head.numbers.logs!} />}
    </>
  );
}

// ------------------------------------------------------------------------------------------------ lists

function Lost({ watch, number }: { watch: Watch; number: number }) {
  const { data } = useTold<{ lost: any[]; next: number | null }>(`${watch.at}/lost`, { limit: SHOWN }, number);
  return (
    <Panel title="What was lost" number={number}>
      <ul class="list">
        {data.value?.lost.map((one, place) => (
          <li key={place}>
            <span class="is-lost" aria-hidden="true">✗</span> <Said text={String(one.label)} />
            <p class="dim"><Folded text={`${one.cause}: ${one.message}`} /></p>
            {one.consequence && <p><Said text={String(one.consequence)} most={1000} /></p>}
          </li>
        ))}
      </ul>
      {data.value?.next != null && <p class="dim">The first {SHOWN} of {number}.</p>}
    </Panel>
  );
}

function Logged({ watch, number }: { watch: Watch; number: number }) {
  const { data } = useTold<{ logs: { at: number; message: string }[] }>(`${watch.at}/logs`, { limit: 20, after: Math.max(0, number - 20) }, number);
  return (
    <Panel title="Log" number={number}>
      <ul class="list log">
        {data.value?.logs.toReversed().map((one, place) => <li key={place}><span class="dim number">{span(Math.floor(one.at))}</span> <span><Folded text={one.message} /></span></li>)}
      </ul>
    </Panel>
  );
}

function Result({ watch, head }: { watch: Watch; head: Head }) {
  const { data } = useTold<any>(`${watch.at}/result`, {}, `${head.outcome}${head.execution}`);
  const error = head.error;
  return (
    <Panel title="Result">
      {error && (
        <div class="trouble">
          <strong><Said text={`${error.type}: ${error.message}`} most={2000} /></strong>
          {[error.where, error.meaning, error.fix].filter(Boolean).map((one) => <p key={one}><Said text={String(one)} most={2000} /></p>)}
        </div>
      )}
      {data.value && <Unanswered of={data.value.unanswered ?? []} />}
      {data.value && (data.value.result !== null || !error ? <Value value={data.value.result} /> : null)}
    </Panel>
  );
}

/** Agents that ended without having done what they were asked: nothing was lost, and the result rests on less all the same. */
function Unanswered({ of }: { of: { label: string; message: string }[] }) {
  const messages = [...new Set(of.map((one) => one.message))];
  if (of.length === 0) return null;
  return (
    <div class="trouble">
      <strong>{many(of.length, "agent")} did not answer what was asked</strong>
      {messages.slice(0, 20).map((message) => {
        const labels = of.filter((one) => one.message === message).map((one) => one.label);
        return <p key={message}><Said text={message} most={1000} /> <span class="dim"><Said text={labels.join(", ")} /></span></p>;
      })}
    </div>
  );
}
