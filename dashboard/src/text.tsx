// Texts of agents on the page, and amounts in words. What agents say gets to the page by `Said` and `Long` alone: as
// text, each piece isolated in its direction, with what would not be seen made visible.
import { useSignal } from "@preact/signals";

const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
const HARMLESS = new Set(["\n", "\t", "\u200c", "\u200d", "\ufe0e", "\ufe0f"]); // these join letters, and choose how a sign looks
const AT_ONCE = 20_000;

/** Return a text in which control and format characters can be seen, and do nothing. */
export function shown(text: string): string {
  return text.replace(HIDDEN, (letter) => {
    const code = letter.codePointAt(0)!;
    if (HARMLESS.has(letter)) return letter;
    return code < 0x20 ? String.fromCodePoint(0x2400 + code) : `⟨${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
  });
}

/** A short text of somebody else, on one line. */
export function Said({ text, most = 300 }: { text: string; most?: number }) {
  const line = text.length > most ? `${text.slice(0, most)} …` : text;
  return <bdi>{shown(line).replace(/\s+/g, " ")}</bdi>;
}

/** A text of any length; of a very long one more is shown when somebody asks for it. */
export function Long({ text, atOnce = AT_ONCE }: { text: string; atOnce?: number }) {
  const most = useSignal(atOnce);
  const rest = text.length - most.value;
  return (
    <div class="long" tabIndex={0} role="group" aria-label="Text">
      <pre>
        <bdi>{shown(text.slice(0, most.value))}</bdi>
      </pre>
      {rest > 0 && (
        <button onClick={() => (most.value *= 4)}>
          Show more ({rest.toLocaleString("en")} characters left)
        </button>
      )}
    </div>
  );
}

/** Any data, as what is copied: a text as it is, everything else as indented JSON. `Value` shows it as a tree. */
export function Data({ value }: { value: unknown }) {
  return <Long text={typeof value === "string" ? value : JSON.stringify(value, null, 2) ?? "nothing"} />;
}

/** A text of which the beginning is shown until somebody asks for all of it. */
export function Folded({ text, most = 280 }: { text: string; most?: number }) {
  const open = useSignal(false);
  if (text.length <= most) return <Said text={text} most={most} />;
  return (
    <>
      {open.value ? <Long text={text} /> : <Said text={text} most={most} />}{" "}
      <button class="more" aria-expanded={open.value} onClick={() => (open.value = !open.value)}>{open.value ? "Less" : "All of it"}</button>
    </>
  );
}

export function usd(amount: number | null | undefined): string {
  if (amount == null) return "–";
  if (amount === 0) return "$0";
  return amount >= 0.1 ? `$${amount.toFixed(2)}` : amount >= 0.0001 ? `$${amount.toFixed(4)}` : "<$0.0001";
}

export function tokens(amount: number): string {
  if (amount >= 1e6) return `${(amount / 1e6).toFixed(1)}M`;
  return amount >= 1000 ? `${(amount / 1000).toFixed(1)}k` : String(amount);
}

/** A time span, as short as a column wants it. */
export function span(seconds: number | null | undefined): string {
  if (seconds == null || !Number.isFinite(seconds)) return "–";
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return seconds < 10 && seconds % 1 !== 0 ? `${Math.max(0, seconds).toFixed(1)}s` : `${whole}s`;
  const two = (part: number) => String(part).padStart(2, "0");
  if (whole < 3600) return `${Math.floor(whole / 60)}:${two(whole % 60)}`;
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

export function many(number: number, one: string, more = `${one}s`): string {
  return `${number.toLocaleString("en")} ${number === 1 ? one : more}`;
}

const TIME = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" }); // making one takes a millisecond
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

/** When something began, in the words of this machine's clock. */
export function moment(iso: string): string {
  const when = new Date(iso);
  if (Number.isNaN(when.getTime())) return shown(iso);
  const today = when.toDateString() === new Date().toDateString();
  return today ? TIME.format(when) : `${DAY.format(when)} ${TIME.format(when)}`;
}

const GLYPHS: Record<string, string> = {
  running: "●", done: "✓", completed: "✓", lost: "✗", error: "✗", killed: "✗", refused: "✗", failed: "✗",
  waiting: "◆", paused: "‖", queued: "○", planning: "●", starting: "●", cancelled: "⊘", unfinished: "◌", reused: "↺", clean: "✓", degraded: "!", ready: "✓",
};

/** A state: sign, word and colour, each of which would do by itself. */
export function State({ of, word = of }: { of: string; word?: string }) {
  return (
    <span class={`state is-${of in GLYPHS ? of : "other"}`}>
      <span aria-hidden="true">{GLYPHS[of] ?? "·"}</span> {shown(word)}
    </span>
  );
}
