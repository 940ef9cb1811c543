// A part of what stands beside the tree, with its title and how much is in it.
import type { ComponentChildren } from "preact";

export function Panel({ title, number, children }: { title: string; number?: number; children: ComponentChildren }) {
  return (
    <section class="panel" aria-label={title}>
      <h2>{title}{number !== undefined && <span class="count">{number.toLocaleString("en")}</span>}</h2>
      {children}
    </section>
  );
}
