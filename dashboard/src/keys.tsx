// Keys: each page says what its letters do; the list of them, and the switch that turns letters off, are here.
import { signal } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";
import { file } from "./file/held";
import { place, go, to } from "./place";
import { Dialog, projects } from "./shared";

export interface Key {
  keys: string[];
  does: string;
  act: (event: KeyboardEvent) => void;
}

export const keysShown = signal(false);
const OFF = "weft-letters-off";
const lettersOff = signal(localStorage.getItem(OFF) === "1");
const tables = signal<readonly (readonly Key[])[]>([]);
let afterG = false;

const EVERYWHERE: Key[] = [
  { keys: ["?"], does: "show these keys", act: () => (keysShown.value = true) },
  ...(file === null ? elsewhere() : []),
];

function elsewhere(): Key[] {
  return [
    { keys: ["g r"], does: "go to the runs", act: () => go("/") },
    { keys: ["g l"], does: "go to the library", act: () => go(to("library", project())) },
    { keys: ["g i"], does: "go to what waits for you", act: () => go("/inbox") },
    { keys: ["g n"], does: "begin a new task", act: () => go(to("new", project())) },
  ];
}

function project(): string {
  return place.value.parts[1] ?? projects.value[0]?.name ?? "";
}

/** Let keys do something while a page is there. */
export function useKeys(keys: readonly Key[]): void {
  useLayoutEffect(() => {
    tables.value = [...tables.peek(), keys];
    return () => {
      tables.value = tables.peek().filter((table) => table !== keys);
    };
  }, [keys]);
}

function pressed(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  const target = event.target as Element;
  if (document.querySelector("dialog[open]")) return; // it has keys of its own
  if (event.key !== "Escape" && target.closest("input, textarea, select")) return;
  const letter = event.key.length === 1;
  if (letter && lettersOff.value) return;
  if (!letter && (event.key === "Enter" || event.key === " ") && target.closest("button, a, summary, [role=tab]")) return;
  if (event.key.startsWith("Arrow") && target.closest("[role=tab], .long, .panel")) return;
  const name = afterG ? `g ${event.key}` : event.key;
  afterG = !afterG && event.key === "g";
  const found = [...tables.value.flat(), ...EVERYWHERE].find((key) => key.keys.includes(name));
  if (found === undefined) return;
  event.preventDefault();
  found.act(event);
}

document.addEventListener("keydown", pressed);

/** The list of keys. */
export function Keys() {
  if (!keysShown.value) return null;
  const close = () => (keysShown.value = false);
  return (
    <Dialog title="Keys" close={close}>
      <label class="check">
        <input
          type="checkbox"
          checked={!lettersOff.value}
          onChange={(event) => {
            lettersOff.value = !event.currentTarget.checked;
            localStorage.setItem(OFF, lettersOff.value ? "1" : "");
          }}
        />
        Single letters do something
      </label>
      <dl class="keys">
        {[...tables.value.flat(), ...EVERYWHERE].map((key) => (
          <div key={key.does}>
            <dt>{key.keys.map((name) => <kbd key={name}>{name.replace("Arrow", "")}</kbd>)}</dt>
            <dd>{key.does}</dd>
          </div>
        ))}
      </dl>
      <div class="buttons"><button onClick={close}>Close</button></div>
    </Dialog>
  );
}
