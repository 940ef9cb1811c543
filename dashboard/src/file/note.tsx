// What a page that was opened from a file says of itself, and the journal out of it.
import { useSignal } from "@preact/signals";
import { problemOf } from "../shared";
import { Said } from "../text";
import { blocksOf, file, read } from "./held";

export function Note() {
  const failed = useSignal<string | null>(null);
  if (file === null) return null;
  const when = new Date(file.written_at).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
  const save = () => saved().catch((error) => (failed.value = problemOf(error).message));
  return (
    <aside class="banner" aria-label="This file">
      This file was written {when}.{file.going && <> The run went on then, and is shown as it stood.</>} {!file.content && <LeftOut />}{" "}
      <button onClick={save}>Save the journal</button>
      {failed.value && <Said text={failed.value} />}
    </aside>
  );
}

/** Say of what is not shown that the file does not have it. */
export function LeftOut() {
  return <>What agents were asked and answered is not in this file; <code>weft export {file!.run} --format html --content</code> puts it in.</>;
}

/** Let the browser save the journal, as lines of JSON. */
async function saved(): Promise<void> {
  const parts: Blob[] = [];
  for (const block of blocksOf("journal")) parts.push(new Blob([await read(block)]));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(parts, { type: "application/x-ndjson" }));
  link.download = `${file!.run}.jsonl`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // by then it has been read
}
