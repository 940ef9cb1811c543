// Where one is: the address is all that a page knows of its place, so that it survives a reload and can be sent on.
import { signal } from "@preact/signals";

export interface Place {
  parts: string[];
  query: URLSearchParams;
}

function here(): Place {
  const parts = location.pathname.split("/").filter(Boolean).map(decoded);
  return { parts, query: new URLSearchParams(location.search) };
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
  return `/${parts.map((part) => encodeURIComponent(String(part))).join("/")}`;
}

/** Go to an address of ours. */
export function go(address: string, { replace = false } = {}): void {
  history[replace ? "replaceState" : "pushState"](null, "", address);
  place.value = here();
}

/** Change words of the address, or take them away where they are empty. */
export function say(words: Record<string, string>): void {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(words)) {
    if (value) query.set(name, value);
    else query.delete(name);
  }
  const text = query.toString();
  go(location.pathname + (text ? `?${text}` : ""), { replace: true });
}

/** Let links within these pages change the place alone. */
export function follow(event: MouseEvent): void {
  const link = (event.target as Element).closest?.("a[href]");
  if (!(link instanceof HTMLAnchorElement) || link.origin !== location.origin) return;
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
  if (link.getAttribute("href")!.startsWith("#")) return;
  event.preventDefault();
  go(link.pathname + link.search);
}
