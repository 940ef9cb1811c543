"use strict";
// Shows one run. All text of agents goes through `textContent`, and nothing is fetched.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const MOST = 300; // rows that are drawn at once
  const GLYPHS = { done: "✓", lost: "✗", cancelled: "-", queued: "·", running: "●", waiting: "◌" };

  function make(tag, { text, cls, ...attributes } = {}, ...children) {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    if (cls) made.className = cls;
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }
  const at = (id) => document.getElementById(id);
  const usd = (value) => "$" + value.toFixed(4);
  const shown = (value) => (typeof value === "string" ? value : JSON.stringify(value, null, 1));

  function time(seconds) {
    if (seconds === null) return "";
    if (seconds < 60) return seconds.toFixed(1) + " s";
    const whole = Math.round(seconds);
    return Math.floor(whole / 60) + ":" + String(whole % 60).padStart(2, "0");
  }

  function section(title, ...children) {
    return make("section", { "aria-label": title }, make("h2", { text: title }), ...children);
  }

  function head() {
    const clean = data.outcome === "completed" && data.health === "clean";
    const words = data.outcome + ", " + data.health;
    at("head").append(
      make("h1", { text: data.title }),
      make("p", {}, make("strong", { text: words, cls: clean ? "ok" : "lost" }),
        " · " + data.counts + " · " + time(data.seconds) + " · " + usd(data.usd)),
      make("p", { cls: "dim", text: data.name + " · " + data.run + " · began " + data.began }),
    );
    if (data.problem) at("head").append(make("p", { cls: "lost", text: data.problem }));
    for (const note of data.notes) at("head").append(make("p", { cls: "warning", text: note }));
  }

  function lists() {
    const before = at("before");
    if (data.lost.length) {
      before.append(section("What was lost", make("ul", {}, ...data.lost.map((text) => make("li", { text })))));
    }
    const after = at("after");
    if (data.findings.length) {
      after.append(section("Findings (" + data.findings.length + ")",
        ...data.findings.map((one) => make("pre", { text: shown(one) }))));
    }
    if (data.result !== null) after.append(section("Result", make("pre", { text: shown(data.result) })));
    if (data.logs.length) after.append(section("Log", make("pre", { text: data.logs.join("\n") })));
  }

  // ------------------------------------------------------------------------------------------------ agents

  const place = (seconds) => (data.seconds ? Math.min(100, (100 * seconds) / data.seconds) : 0);

  function bar(agent) {
    const lane = make("div", { cls: "lane", "aria-hidden": "true" });
    const end = agent.ended_s === null ? data.seconds : agent.ended_s;
    const draw = (from, to, cls) => {
      const one = make("i", { cls });
      one.style.left = place(from) + "%";
      one.style.width = Math.max(0, place(to) - place(from)) + "%";
      lane.append(one);
    };
    const begun = agent.started_s === null ? end : agent.started_s;
    if (begun > agent.queued_s) draw(agent.queued_s, begun, "queue");
    const kind = agent.state === "lost" ? "lost" : agent.reused ? "again" : "";
    if (agent.started_s !== null) draw(begun, end, kind + (agent.critical ? " critical" : ""));
    return lane;
  }

  function row(agent) {
    const name = make("button", { text: agent.label, type: "button", title: agent.label });
    name.addEventListener("click", () => inspect(agent, name));
    const end = agent.ended_s === null ? data.seconds : agent.ended_s;
    const took = agent.started_s === null ? null : end - agent.started_s;
    const word = agent.reused ? "from journal" : agent.state;
    const made = make("tr", { cls: "row" },
      make("td", {}, name),
      make("td", { text: (GLYPHS[agent.state] || "") + " " + word, cls: agent.state === "lost" ? "lost" : "" }),
      make("td", { text: time(took), cls: "number" }),
      make("td", { text: usd(agent.usd), cls: "number" }),
      make("td", {}, bar(agent)));
    made.dataset.agent = agent.agent;
    return made;
  }

  function phase(title, agents, open) {
    const lost = agents.filter((one) => one.state === "lost").length;
    const spent = agents.reduce((sum, one) => sum + one.usd, 0);
    const text = `${title}: ${agents.length} agents` + (lost ? `, ${lost} lost` : "") + `, ${usd(spent)}`;
    const toggle = make("button", { type: "button" });
    const body = make("div");
    const rows = make("tbody");
    let drawn = 0;
    const more = make("button", { type: "button" });
    function draw() {
      for (const agent of agents.slice(drawn, drawn + MOST)) rows.append(row(agent));
      drawn = Math.min(agents.length, drawn + MOST);
      more.hidden = drawn >= agents.length;
      more.textContent = `show more (${agents.length - drawn} left)`;
    }
    function set(wanted) {
      toggle.setAttribute("aria-expanded", String(wanted));
      toggle.textContent = (wanted ? "▾ " : "▸ ") + text;
      body.hidden = !wanted;
      if (wanted && !drawn) draw();
    }
    more.addEventListener("click", draw);
    toggle.addEventListener("click", () => set(toggle.getAttribute("aria-expanded") !== "true"));
    const heads = [["agent", "label"], ["state", "state"], ["took", "took number"], ["cost", "cost number"], ["when", "time"]];
    const table = make("table", {},
      make("thead", {}, make("tr", {}, ...heads.map(([name, cls]) => make("th", { text: name, cls, scope: "col" })))), rows);
    body.append(table, more);
    set(open);
    return make("div", { cls: "phase" }, toggle, body);
  }

  function tree() {
    const word = at("search").value.toLowerCase();
    const state = at("state").value;
    const groups = new Map();
    for (const agent of data.agents) {
      const kind = agent.reused ? "reused" : agent.state;
      if (state && kind !== state && !(state === "critical" && agent.critical)) continue;
      if (word && !agent.label.toLowerCase().includes(word)) continue;
      if (!groups.has(agent.group)) groups.set(agent.group, []);
      groups.get(agent.group).push(agent);
    }
    const all = [...groups.values()].reduce((sum, one) => sum + one.length, 0);
    at("tree").replaceChildren(...[...groups].map(([title, agents]) => phase(title, agents, all <= MOST || Boolean(word || state))));
    at("count").textContent = `${all} of ${data.agents.length} agents`;
  }

  // ------------------------------------------------------------------------------------------------ one agent

  let opener = null;

  function inspect(agent, from) {
    opener = from;
    for (const one of document.querySelectorAll("tr.chosen")) one.classList.remove("chosen");
    from.closest("tr").classList.add("chosen");
    const fields = [
      ["state", agent.reused ? agent.state + ", from the journal" : agent.state], ["model", agent.model],
      ["lost", agent.lost ? agent.lost + ": " + agent.message : null],
      ["queued", time(agent.queued_s)], ["began", time(agent.started_s)], ["ended", time(agent.ended_s)],
      ["tokens", `${agent.input_tokens} in (${agent.cache_read_tokens} from a cache), ${agent.output_tokens} out`],
      ["cost", usd(agent.usd)], ["attempts", agent.attempts], ["line", agent.line], ["call path", agent.path || "main"],
      ["critical path", agent.critical ? "yes: it decided how long the run took" : null],
    ].filter(([, value]) => value !== null && value !== undefined && value !== "");
    const list = make("dl", {}, ...fields.flatMap(([name, value]) => [make("dt", { text: name }), make("dd", { text: value })]));
    const close = make("button", { text: "close", type: "button" });
    close.addEventListener("click", leave);
    const parts = data.content
      ? [["Prompt", agent.prompt], ["Context", agent.context], ["Answer", agent.result],
         ["Opened, asked and done", agent.touched && agent.touched.join("\n")],
         ["Transcript", agent.transcript && agent.transcript.length ? agent.transcript : null]]
        .filter(([, value]) => value !== null && value !== undefined && value !== "")
        .flatMap(([title, value]) => [make("h2", { text: title }), make("pre", { text: shown(value) })])
      : [make("p", { cls: "dim", text: "Prompts and answers are not in this file: weft export … --content puts them in." })];
    const panel = at("panel");
    panel.replaceChildren(make("h2", { text: agent.label, tabindex: "-1" }), close, list, ...parts);
    panel.hidden = false;
    at("split").classList.add("open");
    panel.querySelector("h2").focus();
  }

  function leave() {
    at("panel").hidden = true;
    at("split").classList.remove("open");
    if (opener) opener.focus();
  }

  function step(by) {
    const names = [...document.querySelectorAll("#tree .phase div:not([hidden]) tr.row button")];
    const now = names.indexOf(document.activeElement);
    const next = names[now < 0 ? (by > 0 ? 0 : names.length - 1) : now + by];
    if (next) next.focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") leave();
    if (event.target.matches("input, select") || event.ctrlKey || event.metaKey || event.altKey) return;
    const moves = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };
    const inPanel = at("panel").contains(document.activeElement);
    if (event.key in moves && !inPanel) { step(moves[event.key]); event.preventDefault(); }
    if (event.key === "/") { at("search").focus(); event.preventDefault(); }
  });
  at("search").addEventListener("input", tree);
  at("state").addEventListener("change", tree);
  head();
  lists();
  tree();
})();
