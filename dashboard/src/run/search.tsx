// Search in all that was said in a run. The words are in the address, so what was found can be sent on.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { edit, place, to } from "../place";
import { Dialog, Trouble, useTold } from "../shared";
import { Said, many } from "../text";
import type { Watch } from "../watch";

const PAUSE_MS = 200;

interface Hit {
  id: number | null;
  label: string;
  where: string;
  text: string;
}

interface Found {
  total: number;
  complete: boolean;
  cut: string | null;
  found: Hit[];
}

/** Say what is searched for in the address: `null` for nothing, and no search. */
export function find(words: string | null): void {
  edit((query) => (words === null ? query.delete("find") : query.set("find", words)));
}

/** Return the address of a search. */
export function searchAt(watch: Watch, words: string): string {
  return `${to("r", watch.project, watch.run)}?${new URLSearchParams({ find: words })}`;
}

/** Return where a place can be seen: a tab of its agent, or a finding. */
function addressOf(watch: Watch, hit: Hit): string {
  const run = to("r", watch.project, watch.run);
  const [kind, number] = hit.where.split(" ");
  if (hit.id === null || watch.agents.placeOf(hit.id) === undefined) return kind === "finding" ? `${run}?finding=${number}` : run;
  const agent = `${run}/a/${hit.id}`;
  if (kind === "transcript") return `${agent}?tab=transcript&part=${number}`;
  return kind === "prompt" || kind === "context" ? `${agent}?tab=prompt` : agent;
}

export function Search({ watch }: { watch: Watch }) {
  const words = place.value.query.get("find") ?? "";
  const asked = useSignal(words);
  useEffect(() => {
    const later = setTimeout(() => (asked.value = words), PAUSE_MS);
    return () => clearTimeout(later);
  }, [words]);
  const sought = asked.value.trim();
  const { data, problem } = useTold<Found>(sought ? `${watch.at}/search` : null, { words: sought });
  const found = sought ? data.value : null;
  return (
    <Dialog title="Search this run" wide close={() => find(null)}>
      <div class="search" onKeyDown={walk}>
        <input type="search" aria-label="Words" autoFocus maxLength={500} placeholder="In labels, prompts, answers, transcripts, findings and the log" value={words} onInput={(event) => find(event.currentTarget.value)} />
        <p class="dim" role="status">{found && told(found)}</p>
        {problem.value && <Trouble problem={problem.value} />}
        <ol class="hits">
          {found?.found.map((hit, at) => (
            <li key={at}>
              <a href={addressOf(watch, hit)}>
                <span><b><Said text={hit.id === null ? "the harness" : hit.label} /></b> <span class="dim">{hit.where}</span></span>
                <span><Said text={hit.text} /></span>
              </a>
            </li>
          ))}
        </ol>
      </div>
    </Dialog>
  );
}

function told({ total, complete, cut, found }: Found): string {
  if (total === 0) return cut ? `Nothing so far; ${cut}.` : "Nothing has all of these words.";
  const said = complete ? `${many(total, "place")}.` : `${found.length} of ${cut ? "at least " : ""}${many(total, "place")}; more words find fewer.`;
  return cut ? `${said} Not all was searched: ${cut}.` : said;
}

/** Let arrows go through what was found. */
function walk(event: KeyboardEvent): void {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by === undefined) return;
  const stops = [...(event.currentTarget as Element).querySelectorAll<HTMLElement>("input, a")];
  stops[Math.min(stops.length - 1, Math.max(0, stops.indexOf(document.activeElement as HTMLElement) + by))]?.focus();
  event.preventDefault();
}
