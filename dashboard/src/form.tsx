// A form for the arguments of a harness, made of their JSON Schema. What has no field of its own is written as JSON.
import { Said } from "./text";

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

export function begun(schema: Schema): Written {
  const fields = Object.entries(schema.properties ?? {});
  return Object.fromEntries(fields.map(([name, of]) => [name, of.default === undefined ? "" : asText(of, of.default)]));
}

function asText(of: Schema, value: unknown): string {
  const kind = kindOf(of);
  if (kind === "text") return String(value);
  if (kind === "lines" && Array.isArray(value)) return value.join("\n");
  return JSON.stringify(value);
}

/** Return the arguments that are written; what is left empty is left out. Throws a `SyntaxError` for what is no JSON. */
export function read(schema: Schema, written: Written): Record<string, unknown> {
  const args: Record<string, unknown> = {};
  for (const [name, of] of Object.entries(schema.properties ?? {})) {
    const text = written[name] ?? "";
    if (text === "") continue;
    const kind = kindOf(of);
    if (kind === "text") args[name] = text;
    else if (kind === "lines") args[name] = text.split("\n").filter((line) => line.trim());
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

export function Fields({ schema, written, write }: { schema: Schema; written: Written; write: (name: string, text: string) => void }) {
  return (
    <>
      {Object.entries(schema.properties ?? {}).map(([name, of]) => {
        const needed = schema.required?.includes(name) ?? false;
        return (
          <label key={name}>
            <span><Said text={name} />{needed && <span class="dim"> (needed)</span>}</span>
            <Field of={of} value={written[name] ?? ""} needed={needed} write={(text) => write(name, text)} />
            {of.description && <span class="dim"><Said text={of.description} most={600} /></span>}
          </label>
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
      return <select {...common}><option value="" />{choices.map((one) => <option key={one} value={one}>{one.replace(/^"|"$/g, "")}</option>)}</select>;
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
