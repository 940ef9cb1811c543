// What of a text is other than in another: by words, or by lines where there are too many of them.
import { shown } from "./text";

const MOST_CELLS = 2_000_000;

export interface Piece {
  kind: "same" | "gone" | "new";
  text: string;
}

/** Return the pieces of both texts, in their order. */
export function changes(before: string, now: string): Piece[] {
  for (const parts of [/\s+|\S+/g, /[^\n]*\n|[^\n]+$/g]) {
    const found = compared(before.match(parts) ?? [], now.match(parts) ?? []);
    if (found !== null) return joined(found);
  }
  return joined([{ kind: "gone", text: before }, { kind: "new", text: now }]);
}

/** Compare lists by their longest common part; nothing where that would take too long. */
function compared(before: string[], now: string[]): Piece[] | null {
  let start = 0;
  while (start < before.length && start < now.length && before[start] === now[start]) start++;
  let end = 0;
  while (end < before.length - start && end < now.length - start && before.at(-1 - end) === now.at(-1 - end)) end++;
  const a = before.slice(start, before.length - end);
  const b = now.slice(start, now.length - end);
  if (a.length * b.length > MOST_CELLS) return null;
  const same = (text: string): Piece => ({ kind: "same", text });
  return [...before.slice(0, start).map(same), ...middle(a, b), ...before.slice(before.length - end).map(same)];
}

function middle(a: string[], b: string[]): Piece[] {
  const width = b.length + 1;
  const longest = new Uint32Array((a.length + 1) * width); // of what is left from each pair of places on
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      longest[i * width + j] = a[i] === b[j] ? longest[(i + 1) * width + j + 1]! + 1 : Math.max(longest[(i + 1) * width + j]!, longest[i * width + j + 1]!);
  const pieces: Piece[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) pieces.push({ kind: "same", text: a[i++]! }), j++;
    else if (j === b.length || (i < a.length && longest[(i + 1) * width + j]! >= longest[i * width + j + 1]!)) pieces.push({ kind: "gone", text: a[i++]! });
    else pieces.push({ kind: "new", text: b[j++]! });
  }
  return pieces;
}

function joined(pieces: Piece[]): Piece[] {
  const out: Piece[] = [];
  for (const piece of pieces) {
    const last = out.at(-1);
    if (last?.kind === piece.kind) last.text += piece.text;
    else if (piece.text) out.push({ ...piece });
  }
  return out;
}

const AT_ONCE = 60_000;

/** One text with what is other than in the one before. */
export function Changes({ before, now }: { before: string; now: string }) {
  if (before === now) return <p class="dim">Both are the same.</p>;
  const cut = before.length > AT_ONCE || now.length > AT_ONCE;
  return (
    <>
      <div class="long changes" tabIndex={0} role="group" aria-label="Changes">
        <pre>
          {changes(before.slice(0, AT_ONCE), now.slice(0, AT_ONCE)).map(({ kind, text }, at) => {
            const said = <bdi key={at}>{shown(text)}</bdi>;
            return kind === "same" ? said : kind === "gone" ? <del key={at}>{said}</del> : <ins key={at}>{said}</ins>;
          })}
        </pre>
      </div>
      {cut && <p class="dim">Only the first {AT_ONCE.toLocaleString("en")} characters are compared.</p>}
    </>
  );
}
