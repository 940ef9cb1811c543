"""`weft watch`: a run on the whole screen, its agents as a tree and one of them in full, with the keys of the block.

Needs the extra `tui`. It reads the journal as any process may, and steers the run as the commands do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from threading import Event as Flag
from typing import ClassVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Footer, Input, Static, Tree
from textual.widgets.tree import TreeNode

from weft.primitives.errors import WeftError
from weft.runtime.cli.keys import (
    AT_WORK,
    KEYS,
    answered,
    asks_budget,
    asks_question,
    asks_stop,
    keys_table,
    new_budget,
    open_question,
    paused_or_not,
)
from weft.runtime.errors import UsageError
from weft.runtime.journal.agentstate import AgentState, Phase, Standing
from weft.runtime.journal.events import Event, RunStarted
from weft.runtime.page import Block, line, shortened
from weft.runtime.plain import on_one_line
from weft.runtime.project.folders import RunFolder
from weft.runtime.project.followed import GLANCE_S, followed
from weft.runtime.steering.socket import Command, RetryRun, StopRun, send
from weft.runtime.views.block import QUIET_S, head_rows
from weft.runtime.views.doing import doing
from weft.runtime.views.found import found_row
from weft.runtime.views.live import Known
from weft.runtime.views.terminal import fitted
from weft.runtime.views.text import MARKS, agent_page, phase_name

__all__ = ["Watch"]

MOST_NAMED = 48
"""Columns of a name in the tree."""

FILTERS: tuple[tuple[str, tuple[Standing, ...]], ...] = (
    ("all", ()),
    ("at work", ("queued", "running", "waiting")),
    ("lost", ("lost", "cancelled")),
    ("done", ("done",)),
)
"""Which agents are shown, by how they stand; all where nothing is named."""


class Watch(App[WeftError]):
    """Shows a run until somebody leaves; ends with an error where its journal cannot be read."""

    CSS = """
    #head { height: auto; max-height: 10; padding-bottom: 1; }
    #agents { width: 1fr; }
    #inspector { width: 1fr; padding-left: 2; }
    #line { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(key.key, key.watch, key.word, show=bool(key.word)) for key in KEYS),
        Binding("escape", "withdraw", show=False),
    ]
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, folder: RunFolder) -> None:
        super().__init__()
        self._folder = folder
        self._known = Known()
        self._alive = True
        self._over = Flag()
        self._phases: dict[Phase, TreeNode[int]] = {}
        self._leaves: dict[int, TreeNode[int]] = {}
        self._typed: Callable[[str], Command | None] | None = None
        """Makes a command of the line that is typed."""
        self._filter = 0
        """Which agents are shown, as the place in `FILTERS`."""
        self._searched = ""
        self._keys_shown = False

    def compose(self) -> ComposeResult:
        """Lay the screen out."""
        yield Static(id="head")
        with Horizontal():
            agents: Tree[int] = Tree(Text(self._folder.id), id="agents")
            agents.root.expand()
            yield agents
            with VerticalScroll(id="inspector"):
                yield Static(id="agent")
        yield Input(id="line")
        yield Footer()

    def on_mount(self) -> None:
        """Begin to look on."""
        self.query_one(Tree).focus()
        self.run_worker(self._follow, thread=True)
        self.set_interval(GLANCE_S, self._refresh)

    def on_unmount(self) -> None:
        """Look on no more."""
        self._over.set()

    # -------------------------------------------------------------------------------------------- what is shown

    def _follow(self) -> None:
        """Hand over what the journal says, from a thread of its own."""
        try:
            for news in followed(self._folder, self._over.wait):
                if self._over.is_set():
                    return
                self.call_from_thread(self._take_in, news)
        except WeftError as error:
            self.call_from_thread(self.exit, error)
        else:
            self.call_from_thread(self._end)

    def _take_in(self, news: Iterable[tuple[float, Event]]) -> None:
        touched: set[int] = set()
        for at, event in news:
            if isinstance(event, RunStarted):  # its agents are called anew
                self.query_one(Tree).clear()
                self._phases, self._leaves, touched = {}, {}, set()
            self._known.apply(at, event)
            touched.update(getattr(event, "ids", ()), [getattr(event, "id", -1)])
        self._label(agent for number, agent in self._known.state.agents.items() if number in touched)
        self._refresh()

    def _end(self) -> None:
        self._alive = False
        self._refresh()

    def _refresh(self) -> None:
        state = self._known.state
        now = self._known.now if self._alive else state.at
        ended = [] if self._alive else [line(("nobody executes it any more", "dim"))]
        self._show("#head", [*head_rows(state, now), *found_row(state.findings), *ended])
        self._label(agent for agent in state.agents.values() if agent.standing in ("running", "waiting"))
        agent = self._selected()
        page = [] if agent is None else agent_page(agent)
        self._show("#agent", [keys_table(block=False)] if self._keys_shown else page)

    def _show(self, where: str, page: Iterable[Block]) -> None:
        shown = self.query_one(where, Static)
        shown.update(Text("\n").join(fitted(page, max(1, shown.size.width))))

    def _label(self, agents: Iterable[AgentState]) -> None:
        """Show in the tree how agents stand, and put those there that are new."""
        state, now = self._known.state, self._known.now
        wanted = FILTERS[self._filter][1]
        for agent in agents:
            if wanted and agent.standing not in wanted:
                self._hide(agent)
                continue
            name = shortened(on_one_line(agent.called.request.name), MOST_NAMED)
            does = doing(agent, state, now) if agent.standing in ("running", "waiting") else ("", "plain")
            label = next(fitted([line(MARKS[agent.standing], f" {agent.called.id} {name}  ", does)], None))
            node = self._leaves.get(agent.called.id)
            if node is None:
                self._leaves[agent.called.id] = self._phase(agent.phase).add_leaf(label, agent.called.id)
            else:
                node.set_label(label)

    def _hide(self, agent: AgentState) -> None:
        """Take an agent out of the tree."""
        node = self._leaves.pop(agent.called.id, None)
        if node is not None:
            node.remove()

    def _phase(self, phase: Phase) -> TreeNode[int]:
        if phase not in self._phases:
            root = self.query_one("#agents", Tree).root
            self._phases[phase] = root.add(Text(phase_name(phase)), expand=True)
        return self._phases[phase]

    def _selected(self) -> AgentState | None:
        node = self.query_one("#agents", Tree).cursor_node
        return None if node is None or node.data is None else self._known.state.agents.get(node.data)

    def on_tree_node_highlighted(self) -> None:
        """Show another agent in full."""
        self._keys_shown = False
        self.query_one("#inspector").scroll_home(animate=False)
        self._refresh()

    # -------------------------------------------------------------------------------------------- keys

    def action_pause_or_go_on(self) -> None:
        """Let no further agents start; or let them again."""
        self._send(paused_or_not(self._known.state))

    def action_retry(self) -> None:
        """Have those asked again that were lost."""
        self._send(RetryRun())

    def action_stop_agent(self) -> None:
        """Stop the selected agent, after a yes."""
        agent = self._selected()
        if agent is None or agent.standing not in AT_WORK:
            self.notify("select an agent that is at work", severity="warning")
            return
        stop = StopRun(agent=str(agent.called.id))
        self._ask(asks_stop(agent), lambda said: stop if said == "y" else None)

    def action_answer(self) -> None:
        """Answer the question that is open for longest."""
        found = open_question(self._known.state)
        if found is None:
            self.notify("no question is open", severity="warning")
            return
        self._ask(asks_question(found[1]), partial(answered, *found))

    def action_budget(self) -> None:
        """Move the ceiling."""
        self._ask(asks_budget(self._known.state), self._budget)

    def _budget(self, said: str) -> Command | None:
        try:
            return new_budget(self._known.state, said) if said else None
        except UsageError as error:
            self.notify(on_one_line(f"{error.what}; {error.fix}"), severity="error", markup=False)
            return None

    # -------------------------------------------------------------------------------------------- where to look

    def action_keys(self) -> None:
        """Show what each key does in place of the agent, until another is selected."""
        self._keys_shown = not self._keys_shown
        self._refresh()

    def action_row(self, step: int) -> None:
        """Go up or down."""
        tree = self.query_one(Tree)
        (tree.action_cursor_down if step > 0 else tree.action_cursor_up)()

    def action_fold(self, fold: int) -> None:
        """Fold or unfold the phase of the selected row."""
        node = self.query_one(Tree).cursor_node
        phase = node if node is None or node.allow_expand else node.parent
        if phase is not None:
            (phase.collapse if fold else phase.expand)()

    def action_filter(self) -> None:
        """Show others of the agents."""
        self._filter = (self._filter + 1) % len(FILTERS)
        tree = self.query_one(Tree)
        tree.clear()
        self._phases, self._leaves = {}, {}
        self._label(self._known.state.agents.values())
        tree.border_title = FILTERS[self._filter][0]
        self.notify(f"shown: {FILTERS[self._filter][0]}")
        self._refresh()

    def action_search(self) -> None:
        """Go to the next agent that is called like what is typed, or like what was typed last."""
        self._ask("Part of a name" + (f" (Enter: {self._searched})" if self._searched else ""), self._search)

    def _search(self, said: str) -> None:
        self._searched = (said or self._searched).casefold()
        if not self._go(1, lambda agent: self._searched in agent.called.request.name.casefold()):
            self.notify("no agent that is shown has this in its name", severity="warning")

    def action_problem(self, step: int) -> None:
        """Go to the next agent, or the one before, that was lost, waits, or of which nothing is heard."""
        heard, now = self._known.heard, self._known.now

        def is_one(agent: AgentState) -> bool:
            silent = agent.standing == "running" and self._alive and heard.quiet_s(agent, now) >= QUIET_S
            return agent.standing in ("lost", "waiting") or silent

        if not self._go(step, is_one):
            self.notify("no agent that is shown was lost, waits, or is quiet")

    def _go(self, step: int, wanted: Callable[[AgentState], bool]) -> bool:
        """Select the next of the agents shown, from the selected one on and around; return whether there is one."""
        tree = self.query_one(Tree)
        nodes = [leaf for phase in tree.root.children for leaf in phase.children]
        at = next((place for place, node in enumerate(nodes) if node is tree.cursor_node), -1 if step > 0 else 0)
        for distance in range(1, len(nodes) + 1):
            node = nodes[(at + step * distance) % len(nodes)]
            agent = None if node.data is None else self._known.state.agents.get(node.data)
            if agent is not None and wanted(agent):
                if node.parent is not None:
                    node.parent.expand()
                tree.call_after_refresh(tree.move_cursor, node)
                return True
        return False

    def action_withdraw(self) -> None:
        """Type no line after all."""
        self._typed = None
        self.query_one("#line").display = False
        self.query_one(Tree).focus()

    def _ask(self, what: str, typed: Callable[[str], Command | None]) -> None:
        entry = self.query_one(Input)
        entry.value, entry.placeholder, entry.display = "", on_one_line(what), True
        entry.focus()
        self._typed = typed

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Send what a line means."""
        command = None if self._typed is None else self._typed(event.value.strip())
        self.action_withdraw()
        if command is not None:
            self._send(command)

    def _send(self, command: Command) -> None:
        self.run_worker(self._sent(command))

    async def _sent(self, command: Command) -> None:
        try:
            receipt = await send(self._folder, command)
        except WeftError as error:
            self.notify(on_one_line(error.what), severity="error", markup=False)
        else:
            self.notify(on_one_line(f"{command.verb}: {receipt.detail}"), markup=False)
