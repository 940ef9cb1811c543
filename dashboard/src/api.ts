// What the server is asked, and the four parts of what it says when it refuses. A page that was opened from a file asks
// the file instead.
import { answer, eventsAt } from "./file/answers";
import { file } from "./file/held";

export interface Problem {
  type: string;
  message: string;
  where: string | null;
  meaning: string | null;
  fix: string | null;
}

/** An answer that is none. */
export class Failure extends Error {
  constructor(readonly problem: Problem, readonly status: number) {
    super(problem.message);
  }
}

export const API = "/api/v1";

async function told(path: string, init: RequestInit = {}): Promise<any> {
  if (file !== null) return fromFile(path, init);
  let answer: Response;
  try {
    answer = await fetch(`${API}/${path}`, { credentials: "same-origin", ...init });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    const message = "The server does not answer.";
    throw new Failure({ type: "Unreachable", message, where: null, meaning: "Runs go on without it.", fix: "Start weft serve again; this page goes on by itself." }, 0);
  }
  const type = answer.headers.get("content-type") ?? "";
  const body = type.startsWith("application/json") ? await answer.json() : null;
  if (answer.ok && body !== null) return body;
  const none = { type: "Failure", message: `The server answers with ${answer.status}.`, where: null, meaning: null, fix: null };
  throw new Failure(body?.error ?? none, answer.status);
}

async function fromFile(path: string, { signal, method }: RequestInit): Promise<any> {
  const data = method === undefined ? await answer(path, signal) : undefined;
  if (data !== undefined) return data;
  throw new Failure({ type: "NotFound", message: "This is not in the file.", where: null, meaning: null, fix: "weft serve shows it, in the project of the run." }, 404);
}

/** Ask for something; `query` leaves out what is empty. */
export function get<T>(path: string, query: Record<string, string | number | undefined> = {}, signal?: AbortSignal): Promise<T> {
  const said = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  const words = new URLSearchParams(said.map(([name, value]) => [name, String(value)]));
  return told(said.length ? `${path}?${words}` : path, { signal });
}

/** Ask for what is told in lines of JSON. */
export async function getLines<T>(path: string, signal: AbortSignal): Promise<T[]> {
  if (file !== null) return eventsAt<T>(path);
  const answer = await fetch(`${API}/${path}`, { credentials: "same-origin", signal });
  if (!answer.ok) throw new Failure((await answer.json()).error, answer.status);
  return (await answer.text()).split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

export function post<T>(path: string, body: unknown): Promise<T> {
  return told(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

export function projectAt(project: string): string {
  return `projects/${encodeURIComponent(project)}`;
}

export function runAt(project: string, run: string): string {
  return `${projectAt(project)}/runs/${encodeURIComponent(run)}`;
}
