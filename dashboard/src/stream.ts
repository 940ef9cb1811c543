// What the server tells as it changes. A page that cannot be seen holds no stream, for a browser has few for each server;
// one that has lost the server goes on where it was when the server is there again.
import { signal } from "@preact/signals";
import { API, type Problem } from "./api";
import { file } from "./file/held";

export type Line = "loading" | "live" | "broken" | "failed";

/** How long it is waited before the server is asked again, in milliseconds. */
export const AGAIN_MS = 2000;

export interface Told {
  /** Return where the stream is now, from the position on that was reached; nothing before there is one. */
  at: () => string | null;
  change: (data: any) => void;
  /** Begin anew: too much was missed, or the server has refused the stream and is to say why. */
  anew: () => void;
  problem: (problem: Problem) => void;
}

export class Stream {
  readonly line = signal<Line>("loading");
  private source: EventSource | null = null;
  private later = 0;
  private closed = false;

  constructor(private readonly told: Told) {
    if (file === null) document.addEventListener("visibilitychange", this.seen);
  }

  /** Begin to listen, or go on from another position. */
  open(): void {
    this.drop();
    const at = this.told.at();
    if (this.closed || document.hidden || at === null || file !== null) return;
    const source = new EventSource(`${API}/${at}`);
    this.source = source;
    source.onopen = () => (this.line.value = "live");
    source.addEventListener("change", (event) => {
      this.line.value = "live";
      this.told.change(JSON.parse(event.data));
    });
    source.addEventListener("resync", () => this.anew());
    source.addEventListener("problem", (event) => {
      this.fail();
      this.told.problem(JSON.parse(event.data).error);
    });
    source.onerror = () => {
      this.line.value = "broken"; // the browser tries again by itself, unless the server answers with something else
      if (source.readyState === EventSource.CLOSED) this.again();
    };
  }

  /** Nothing comes any more, until the page is seen anew. */
  fail(): void {
    this.drop();
    this.line.value = "failed";
  }

  /** Begin anew a little later. */
  again(): void {
    this.drop();
    this.line.value = "broken";
    this.later = setTimeout(() => this.anew(), AGAIN_MS);
  }

  close(): void {
    this.closed = true;
    this.drop();
    document.removeEventListener("visibilitychange", this.seen);
  }

  private anew(): void {
    this.drop();
    if (!this.closed && !document.hidden) this.told.anew();
  }

  private drop(): void {
    clearTimeout(this.later);
    this.source?.close();
    this.source = null;
  }

  private seen = (): void => {
    if (document.hidden) this.drop();
    else if (this.line.value === "live") this.open();
    else this.anew();
  };
}
