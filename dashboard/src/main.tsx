// The frame of all pages, and which page an address means.
import { render } from "preact";
import { useEffect } from "preact/hooks";
import "./style.css";
import "./frame";
import { get } from "./api";
import { file } from "./file/held";
import { Note } from "./file/note";
import { Keys, keysShown } from "./keys";
import { follow, place, to } from "./place";
import { Trouble, about, readOnly, projects } from "./shared";
import { AnalysePage } from "./pages/analyse";
import { DiffPage } from "./pages/diff";
import { InboxPage, waiting } from "./pages/inbox";
import { LibraryPage } from "./pages/library";
import { NewPage } from "./pages/new";
import { PlanPage, resuming } from "./pages/plan";
import { RunPage } from "./pages/run";
import { RunsPage } from "./pages/runs";
import { ScriptPage } from "./pages/script";

function Page() {
  const [kind, project = "", one = "", more, agent] = place.value.parts;
  if (file !== null && kind !== "r") return <Trouble problem={about("This is not in the file.", "weft serve shows it, in the project of the run.")} />;
  if (kind === undefined) return <RunsPage />;
  if (kind === "r" && one && more === "script") return <ScriptPage key={one} project={project} run={one} />;
  if (kind === "r" && one && more === "analyse") return <AnalysePage key={one} project={project} run={one} />;
  if (kind === "r" && one) {
    const open = more === "a" && agent !== undefined ? agent : null;
    return <RunPage key={`${project}/${one}`} project={project} run={one} open={open} />;
  }
  if (kind === "diff" && more) return <DiffPage key={`${one}/${more}`} project={project} before={one} now={more} />;
  if (kind === "inbox") return <InboxPage />;
  if (kind === "library") return <LibraryPage key={one} project={project} name={one} />;
  if (kind === "new") return <NewPage project={project} />;
  if (kind === "plan" && one) return <PlanPage key={one} project={project} id={one} />;
  return <Trouble problem={about("There is no such page.", "The list of runs leads everywhere.")} />;
}

function Frame() {
  useEffect(() => {
    document.addEventListener("click", follow);
    if (file === null) get<{ projects: { name: string; folder: string }[]; read_only: boolean }>("projects").then((told) => {
      projects.value = told.projects;
      readOnly.value = told.read_only;
    }, () => undefined); // each page says itself that nothing answers
    return () => document.removeEventListener("click", follow);
  }, []);
  const [kind, project = projects.value[0]?.name ?? ""] = place.value.parts;
  const resumes = kind === "plan" && resuming.value;
  const here = (is: boolean) => (is ? "page" : undefined);
  return (
    <>
      <a class="skip" href="#main">Skip to content</a>
      <header class="top">
        <a class="brand" href={to()}><span aria-hidden="true" class="mark" />Weft</a>
        {file === null && <nav aria-label="Pages">
          <a href="/" aria-current={here(kind === undefined || kind === "r" || kind === "diff" || resumes)}>Runs</a>
          {project && <a href={to("library", project)} aria-current={here(kind === "library")}>Library</a>}
          {project && !readOnly.value && <a href={to("new", project)} aria-current={here(kind === "new" || (kind === "plan" && !resumes))}>New task</a>}
          {waiting.value.length > 0 && <a href="/inbox" aria-current={here(kind === "inbox")}><span class="tag needs">◆ {waiting.value.length}<span class="spare"> for you</span></span></a>}
        </nav>}
        {readOnly.value && file === null && <span class="tag">shows only</span>}
        <button class="quiet" onClick={() => (keysShown.value = true)} aria-keyshortcuts="?">Keys</button>
      </header>
      <Note />
      <main id="main" tabIndex={-1}><Page /></main>
      <Keys />
    </>
  );
}

render(<Frame />, document.getElementById("app")!);
