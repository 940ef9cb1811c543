// What a page that was opened from a file has in it: what file that is, and blocks of compressed JSON, by name.

export interface About {
  project: string;
  run: string;
  written_at: string;
  /** Whether the run went on when the file was written. */
  going: boolean;
  /** Whether what agents were told and have said is in it. */
  content: boolean;
}

const KEPT = 4;

/** The file; nothing on a page that a server has sent. */
export const file: About | null = JSON.parse(document.getElementById("file")?.textContent ?? "null");

/** What time it is, in milliseconds; in a file, when it was written. */
export function present(): number {
  return file === null ? Date.now() : Date.parse(file.written_at);
}

const opened = new Map<Element, Promise<string>>();

/** Return what is in a block; the latest few are kept. */
export function textOf(block: Element): Promise<string> {
  const text = opened.get(block) ?? read(block);
  opened.delete(block);
  opened.set(block, text);
  if (opened.size > KEPT) opened.delete(opened.keys().next().value!);
  return text;
}

/** Return what is in a block, which is not kept. */
export function read(block: Element): Promise<string> {
  const packed = Uint8Array.from(atob(JSON.parse(block.textContent!)), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}

/** Return the block of one answer. */
export function blockOf(name: string): Element | null {
  return document.getElementById(`told-${name}`);
}

/** Return the blocks of lines of a kind, in the order of their numbers. */
export function blocksOf(kind: "agents" | "journal"): Element[] {
  return [...document.querySelectorAll(`script[id^="told-${kind}-"]`)];
}

/** Return the lines of these numbers, which are in order; `name` is what the number is called in a line. */
export async function linesOf(kind: "agents" | "journal", name: string, numbers: number[]): Promise<any[]> {
  const blocks = blocksOf(kind).map((block) => ({ block, first: Number(block.id.split("-").at(-1)) }));
  const found: any[] = [];
  for (let at = 0, next = 0; at < blocks.length && next < numbers.length; at++) {
    const until = blocks[at + 1]?.first ?? Infinity;
    if (numbers[next]! >= until) continue;
    const lines = (await textOf(blocks[at]!.block)).split("\n");
    for (; next < numbers.length && numbers[next]! < until; next++) {
      const line = lines.find((one) => one.startsWith(`{"${name}":${numbers[next]},`));
      if (line !== undefined) found.push(JSON.parse(line));
    }
  }
  return found;
}
