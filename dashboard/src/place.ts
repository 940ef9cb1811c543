// Where one is: the address is all that a page knows of its place, so that it survives a reload and can be sent on. A page
// that was opened from a file has its places behind the #.
import { signal } from "@preact/signals";
import { file } from "./file/held";

export interface Place {
  /** The address without its words. */
  path: string;
  /** The words, as they stand behind it. */
  words: string;
  parts: string[];
  query: URLSearchParams;
}

const ROOT = file === null ? "" : "#";
const HOME = file === null ? "/" : to("r", file.project, file.run);

function here(): Place {
  const inFile = /^#\/./.test(location.hash) ? location.hash : HOME;
  const address = file === null ? location.pathname + location.search : inFile;
  const [path = "", ...rest] = address.split("?");
  const words = rest.length ? `?${rest.join("?")}` : "";
  const parts = path.slice(ROOT.length).split("/").filter(Boolean).map(decoded);
  return { path, words, parts, query: new URLSearchParams(words) };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // no address of ours
  }
}

export const place = signal(here());

addEventListener("popstate", () => (place.value = here()));

/** Return the address of a place. */
export function to(...parts: (string | number)[]): string {
  return `${ROOT}/${parts.map((part) => encodeURIComponent(String(part))).join("/")}`;
}

/** Go to an address of ours. */
export function go(address: string, { replace = false } = {}): void {
  history[replace ? "replaceState" : "pushState"](null, "", address);
  place.value = here();
}

/** Change the words of the address. */
export function edit(change: (query: URLSearchParams) => void): void {
  const query = new URLSearchParams(place.value.words);
  change(query);
  const text = query.toString();
  go(place.value.path + (text ? `?${text}` : ""), { replace: true });
}

/** Change words of the address, or take them away where they are empty. */
export function say(words: Record<string, string>): void {
  edit((query) => {
    for (const [name, value] of Object.entries(words)) {
      if (value) query.set(name, value);
      else query.delete(name);
    }
  });
}

/** Let links within these pages change the place alone. */
export function follow(event: MouseEvent): void {
  const link = (event.target as Element).closest?.("a[href]");
  if (!(link instanceof HTMLAnchorElement) || link.origin !== location.origin) return;
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const address = link.getAttribute("href")!;
  const onPage = address.startsWith("#") && !address.startsWith("#/");
  if (onPage && file === null) return;
  event.preventDefault();
  if (onPage) reach(address.slice(1));
  else go(address);
}

/** Go to a part of the page, which in a file has no address. */
function reach(id: string): void {
  const part = document.getElementById(id);
  part?.scrollIntoView();
  part?.focus();
}
