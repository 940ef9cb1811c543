// What several pages have in common: what is asked once, troubles, dialogs, and what becomes of a command.
import { signal, useSignal, type ReadonlySignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { Failure, get, post, type Problem } from "./api";
import type { Line } from "./stream";
import { Said, shown } from "./text";
import { clock } from "./watch";

export const projects = signal<{ name: string; folder: string }[]>([]);
export const readOnly = signal(true); // until the server has said that more may be done

export function about(message: string, fix: string | null = null): Problem {
  return { type: "", message, where: null, meaning: null, fix };
}

/** Return what an error says; one that is a mistake of ours goes on to the console. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Failure) return error.problem;
  console.error(error);
  return about("This is a mistake in the page.", "Load it again; report it, please.");
}

/** Name the page in the browser's tab. */
export function useTitle(title: string) {
  useEffect(() => void (document.title = `${shown(title)} · Weft`), [title]);
}

/** What went wrong: what, where, what it means, what to do. */
export function Trouble({ problem }: { problem: Problem }) {
  return (
    <div class="trouble" role="alert">
      <strong><Said text={problem.message} most={2000} /></strong>
      {problem.where && <p><Said text={problem.where} /></p>}
      {problem.meaning && <p><Said text={problem.meaning} most={2000} /></p>}
      {problem.fix && <p class="dim"><Said text={problem.fix} most={2000} /></p>}
    </div>
  );
}

/** Ask for data, again when the address changes or `again` does; what was there stays until the new is. */
export function useTold<T>(path: string | null, query: Record<string, string | number | undefined> = {}, again: unknown = 0) {
  const data = useSignal<T | null>(null);
  const problem = useSignal<Problem | null>(null);
  const words = JSON.stringify(query);
  const asked = useRef("");
  useEffect(() => {
    if (path === null) return;
    const leaving = new AbortController();
    if (asked.current !== path) data.value = null;
    asked.current = path;
    get<T>(path, JSON.parse(words), leaving.signal).then(
      (told) => {
        data.value = told;
        problem.value = null;
      },
      (error) => leaving.signal.aborted || (problem.value = problemOf(error)),
    );
    return () => leaving.abort();
  }, [path, words, again]);
  return { data, problem };
}

/** What is said while the server is away. */
export function Away({ line }: { line: ReadonlySignal<Line> }) {
  if (line.value !== "broken") return null;
  return <p class="banner" role="status">The server does not answer; runs go on without it. What is shown may be old, and goes on when weft serve is started again.</p>;
}

export interface Receipt {
  applied: boolean;
  detail: string;
}

/** How long it is said what was done, in milliseconds: a run goes on, and what was true of it then is not for long. */
const SAID_MS = 10_000;

const notice = signal<{ text: string; bad: boolean; at: number } | null>(null);

/** Say what became of something; a refusal stays until it is dismissed or its page is left. */
export function noted(text: string, bad = false): void {
  notice.value = { text, bad, at: Date.now() };
}

/** Tell a run something; what becomes of it is said in `Notice`. Returns whether it was done. */
export async function tell(at: string, command: Record<string, unknown>): Promise<boolean> {
  try {
    const receipt = await post<Receipt>(`${at}/control`, command);
    noted(receipt.detail, !receipt.applied);
    return receipt.applied;
  } catch (error) {
    const { message, fix } = problemOf(error);
    noted(fix ? `${message}. ${fix}` : message, true);
    return false;
  }
}

/** What became of the latest command; nothing that was said of a run when it stood otherwise than `of` says now. */
export function Notice({ of = "" }: { of?: string }) {
  const said = notice.value;
  useEffect(() => () => void (notice.value = null), [of]);
  const old = said !== null && !said.bad && clock.value - said.at > SAID_MS;
  return (
    <div class="notices" role="status">
      {said && !old && (
        <div class={said.bad ? "notice bad" : "notice"}>
          <span><Said text={said.text} most={1000} /></span>
          <button class="quiet" onClick={() => (notice.value = null)} aria-label="Dismiss">×</button>
        </div>
      )}
    </div>
  );
}

/** A dialog that has the focus while it is there; Escape ends it. */
export function Dialog({ title, close, wide = false, children }: { title: string; close: () => void; wide?: boolean; children: ComponentChildren }) {
  const box = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const before = document.activeElement;
    box.current!.showModal();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog ref={box} aria-label={title} class={wide ? "wide" : undefined} onClose={close} onCancel={close}>
      <h2>{title}</h2>
      {children}
    </dialog>
  );
}
