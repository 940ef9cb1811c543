// Forms: the arguments of a harness, made of their JSON Schema, and the settings of a run. What has no field of its own
// is written as JSON. What the server refuses stands beside the field that it is about.
import type { ComponentChildren } from "preact";
import type { Problem } from "./api";
import { Said, shown } from "./text";

export interface Schema {
  type?: string | string[];
  description?: string;
  enum?: unknown[];
  default?: unknown;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
}

type Kind = "choice" | "text" | "number" | "switch" | "lines" | "json";

function kindOf(schema: Schema): Kind {
  if (schema.enum) return "choice";
  if (schema.type === "string") return "text";
  if (schema.type === "integer" || schema.type === "number") return "number";
  if (schema.type === "boolean") return "switch";
  return schema.type === "array" && schema.items?.type === "string" ? "lines" : "json";
}

/** What is written in each field, as text. */
export type Written = Record<string, string>;

/** Return what the fields begin with: the arguments that are given, else the defaults. */
export function begun(schema: Schema, given: unknown = {}): Written {
  const fields = Object.entries(schema.properties ?? {});
  const args = (given ?? {}) as Record<string, unknown>;
  return Object.fromEntries(fields.map(([name, of]) => [name, asText(of, args[name] ?? of.default)]));
}

function asText(of: Schema, value: unknown): string {
  const kind = kindOf(of);
  if (value === undefined) return "";
  if (kind === "text") return String(value);
  if (kind === "lines" && Array.isArray(value)) return value.join("\n");
  return JSON.stringify(value);
}

export function lines(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter(Boolean);
}

/** Return the arguments that are written; what is left empty is left out. Throws a `SyntaxError` for what is no JSON. */
export function read(schema: Schema, written: Written): Record<string, unknown> {
  const args: Record<string, unknown> = {};
  for (const [name, of] of Object.entries(schema.properties ?? {})) {
    const text = written[name] ?? "";
    if (text === "") continue;
    const kind = kindOf(of);
    if (kind === "text") args[name] = text;
    else if (kind === "lines") args[name] = lines(text);
    else args[name] = parsed(name, text);
  }
  return args;
}

function parsed(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SyntaxError(`“${name}” is no JSON`);
  }
}

/** Return which of these fields a problem is about, if it names one. */
export function fieldOf(problem: Problem | null, names: string[]): string | null {
  if (problem === null) return null;
  const setting = /^options: (\w+):/.exec(problem.message)?.[1];
  const words = `${problem.where ?? ""} ${setting ?? ""} ${/“(.*)”/.exec(problem.message)?.[1] ?? ""}`.split(/[^\w-]+/).map(plain);
  return names.find((name) => words.includes(plain(name))) ?? null;
}

/** A name as it is compared: an argument is an option too, with other signs in it. */
function plain(name: string): string {
  return name.replace(/^-+/, "").replaceAll("_", "-");
}

/** A field with its name, and what is wrong with it. */
export function Labelled({ name, hint, wrong, children }: { name: ComponentChildren; hint?: ComponentChildren; wrong?: Problem | null; children: ComponentChildren }) {
  return (
    <label class={wrong ? "wrong" : undefined}>
      <span>{name}</span>
      {children}
      {wrong && <span class="is-lost" role="alert"><Said text={[wrong.message, wrong.where].filter(Boolean).join(": ")} most={600} /></span>}
      {hint && <span class="dim">{hint}</span>}
    </label>
  );
}

/** `filled` are those that are filled in where they are left out. */
export function Fields({ schema, written, write, filled = [], problem = null }: { schema: Schema; written: Written; write: (name: string, text: string) => void; filled?: string[]; problem?: Problem | null }) {
  const wrong = fieldOf(problem, Object.keys(schema.properties ?? {}));
  return (
    <>
      {Object.entries(schema.properties ?? {}).map(([name, of]) => {
        const later = filled.includes(name);
        const needed = !later && (schema.required?.includes(name) ?? false);
        return (
          <Labelled key={name} name={<><Said text={name} />{needed && <span class="dim"> (needed)</span>}</>} hint={(of.description || later) && <>{of.description && <Said text={of.description} most={600} />}{of.description && later && <br />}{later && "Left empty, it is filled in."}</>} wrong={wrong === name ? problem : null}>
            <Field of={of} value={written[name] ?? ""} needed={needed} write={(text) => write(name, text)} />
          </Labelled>
        );
      })}
    </>
  );
}

function Field({ of, value, needed, write }: { of: Schema; value: string; needed: boolean; write: (text: string) => void }) {
  const common = { required: needed, value, onInput: (event: { currentTarget: { value: string } }) => write(event.currentTarget.value) };
  const choices = of.enum?.map((one) => JSON.stringify(one)) ?? ["true", "false"];
  switch (kindOf(of)) {
    case "choice":
    case "switch":
      return <select {...common}><option value="" />{choices.map((one) => <option key={one} value={one}>{shown(one.replace(/^"|"$/g, ""))}</option>)}</select>;
    case "number":
      return <input type="number" step={of.type === "integer" ? 1 : "any"} {...common} />;
    case "text":
      return <input {...common} />;
    case "lines":
      return <textarea rows={3} placeholder="one a line" {...common} />;
    default:
      return <textarea rows={3} placeholder="JSON" spellcheck={false} {...common} />;
  }
}

// ------------------------------------------------------------------------------------------------ settings

/** The settings that a form has, by their names in `weft.toml`. */
export const SETTINGS = ["budget", "dir", "model", "allow"];

export function settingsBegun(options: Record<string, any> = {}): Written {
  return Object.fromEntries(SETTINGS.map((name) => [name, Array.isArray(options[name]) ? options[name].join("\n") : String(options[name] ?? "")]));
}

/** Return the settings that are written, with those of before that have no field. */
export function settingsOf(written: Written, before: Record<string, unknown> = {}): Record<string, unknown> {
  const others = Object.entries(before).filter(([name]) => !SETTINGS.includes(name));
  const options: Record<string, unknown> = Object.fromEntries(others);
  if (written.budget) options.budget = Number(written.budget);
  if (written.model?.trim()) options.model = written.model.trim();
  for (const name of ["dir", "allow"]) if (lines(written[name] ?? "").length) options[name] = lines(written[name]!);
  return options;
}

export function SettingFields({ written, write, problem = null }: { written: Written; write: (name: string, text: string) => void; problem?: Problem | null }) {
  const wrong = fieldOf(problem, SETTINGS);
  const of = (name: string) => ({ value: written[name] ?? "", onInput: (event: { currentTarget: { value: string } }) => write(name, event.currentTarget.value) });
  const told = (name: string) => (wrong === name ? problem : null);
  return (
    <>
      <Labelled name="Budget in dollars" wrong={told("budget")} hint="All that may be spent; the run is paused there, and nothing is lost."><input type="number" min="0" step="any" {...of("budget")} /></Labelled>
      <details open={["dir", "model", "allow"].some((name) => written[name]) || undefined}>
        <summary>Folder, model, tools</summary>
        <div class="form">
          <Labelled name="Folders that agents may read" wrong={told("dir")} hint="One a line; without one, the folder of the project."><textarea rows={2} spellcheck={false} {...of("dir")} /></Labelled>
          <Labelled name="Model" wrong={told("model")} hint="As provider:name, local, or offline; without one, what the project says."><input spellcheck={false} {...of("model")} /></Labelled>
          <Labelled name="What agents may do besides reading" wrong={told("allow")} hint="One a line, as write_file:src/** or run_command:pytest*."><textarea rows={2} spellcheck={false} {...of("allow")} /></Labelled>
        </div>
      </details>
    </>
  );
}
