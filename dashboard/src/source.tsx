// A source with what is known of its lines beside it.
import { Fragment, type ComponentChildren } from "preact";
import { shown } from "./text";

export function Source({ text, beside, below, sought }: { text: string; sought?: number; beside?: Map<number, ComponentChildren>; below?: Map<number, ComponentChildren> }) {
  return (
    <div class="source" tabIndex={0} role="region" aria-label="Source">
      <table>
        <tbody>
          {text.split("\n").map((line, at) => (
            <Fragment key={at}>
              <tr id={`L${at + 1}`} class={`${beside?.has(at + 1) ? "told" : ""} ${sought === at + 1 ? "sought" : ""}`}>
                <td class="number dim">{at + 1}</td>
                <td class="beside">{beside?.get(at + 1)}</td>
                <td><code><bdi>{shown(line)}</bdi></code></td>
              </tr>
              {below?.has(at + 1) && <tr class="below"><td /><td /><td>{below.get(at + 1)}</td></tr>}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}
