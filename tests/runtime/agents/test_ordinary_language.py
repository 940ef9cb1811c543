"""How the offline model reads and compares ordinary sentences: mechanisms, on sentences that no folder has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from offline import FOLDERS, QUESTION, Score, planted_in
from running import run_with
from trying import MORE

from weft.runtime.agents.offline.amounts import values_in
from weft.runtime.agents.offline.numbers import number_of
from weft.runtime.agents.offline.readings import read
from weft.runtime.agents.offline.relate import relate
from weft.runtime.agents.offline.statements import sentences
from weft.runtime.agents.offline.text import Rarity, Sentence, terms
from weft.runtime.agents.offline.values import clash
from weft.runtime.project.shipped import builtin_harnesses
from weft.runtime.settings import Settings


def in_context(text: str, context: str) -> Sentence:
    return Sentence(text, "f", 1, context)


CONTRADICTING = [
    ("The membership fee is 60 euros a year.", in_context("85 euros", "Fees › Adults: Annual membership")),
    ("Choir practice takes place on Tuesdays at 19:00.", "Choir practice is every Wednesday at 19:00."),
    ("Breakfast is included in the room price.", "Breakfast is charged separately at 12 euros per person."),
    ("Helmets must be worn on the whole site.", "Wearing a helmet is optional on the site."),
    ("Dogs are welcome on the terrace.", "No dogs on the terrace, please."),
    ("Smoking is forbidden everywhere on the premises.", "You may smoke on the balcony of the premises."),
    ("Open fires are forbidden at all times.", "On summer evenings a small open fire is fine."),
    ("The treasurer signs all invoices.", "Invoices are signed by the chairman."),
    ("Invoices are sent monthly.", "We send an invoice once a quarter."),
    ("The API listens on port 8443.", in_context("port: 9443", "server › api")),
    ("Passwords have at least 12 characters.", "A password needs a minimum of 8 characters."),
    ("Backups run every night at 2:00.", "The backup job starts at 4 am."),
    ("The workshop is in room 204.", "We meet for the workshop in room 310."),
    ("The parking spaces are free for residents.", "Residents pay 40 euros a month for a parking space."),
    ("Members elect the board every two years.", "The board is elected annually."),
    ("The landlord pays for repairs of the heating.", "Heating repairs are at the tenant's expense."),
    ("Requests time out after 30 seconds.", in_context("REQUEST_TIMEOUT = 60  # seconds", "client")),
    ("User data is never shared with third parties.", "We pass user data on to advertising partners."),
    ("The service requires PostgreSQL 14.", "It runs with PostgreSQL 12."),
    ("The meeting was chaired by Anna Weber.", "Tom Keller chaired the meeting."),
    ("The hall holds up to 120 people.", "At most 90 people are allowed in the hall."),
    ("All volunteers need a police check.", "Volunteers do not need a police check."),
    ("Tickets can be returned until the day before.", "Tickets cannot be returned."),
    ("The discount is 15 percent for students.", "Students get 10 % off."),
    ("Nobody may enter the lab alone.", "Staff may work alone in the lab at any time."),
    ("The front gate stays open every day.", "The front gate is locked on weekdays."),
    ("The discovery team owns the search service.", "The search service is owned by the payments team."),
    (
        "Records are written before the answer is sent.",
        "The answer is sent first and the record is written afterwards.",
    ),
]

COMPATIBLE = [
    ("The membership fee is 60 euros a year.", "The locker fee is 15 euros a year."),
    ("Choir practice takes place on Tuesdays at 19:00.", "The board meets on Thursdays at 20:00."),
    ("The library closes at 18:00 on weekdays.", "On Saturdays the library closes at 13:00."),
    ("Standard parcels arrive within 5 days.", "Express parcels arrive within 2 days."),
    ("The hall holds up to 120 people.", "Last year 85 people came to the hall."),
    ("Dogs are welcome on the terrace.", "No dogs in the kitchen."),
    ("The old price was 9 euros.", "The price is now 11 euros."),
    ("Until 2022 the office was in Main Street.", "The office is in Park Lane."),
    ("Bake for 45 minutes.", "Bake for three quarters of an hour."),
    ("The trip lasts two weeks.", "The trip lasts 14 days."),
    ("In production the service has three instances.", "On staging the service has one instance."),
    ("Adults pay 8 euros for a swim.", "Children pay 3 euros for a swim."),
    ("The notice period is three months.", "During probation the notice period is two weeks."),
    ("Passwords have at least 12 characters.", "My password has 16 characters."),
    ("Guests may cancel up to 48 hours before arrival.", "Groups must cancel 14 days before arrival."),
    ("The gate is locked at night.", "The gate is open during the day."),
    ("The landlord pays for repairs of the heating.", "The tenant pays for light bulbs."),
    ("We plan to open a second shop in June.", "There is one shop."),
    ("Room 4 has 12 seats.", "Room 7 has 20 seats."),
    ("The summer timetable starts on 1 April.", "The winter timetable starts on 1 October."),
    ("Do not open the window when the heating is on.", "Open the window twice a day."),
    ("Never leave the oven on.", "Turn the oven on at 7:00."),
    ("Version 2 supports CSV export.", "Version 1 does not support CSV export."),
    ("The main hall is closed in June.", "The small hall stays open in June."),
    ("Students get 10 % off.", "Pensioners get 20 % off."),
    ("A call may last no longer than 10 minutes.", "Calls that last longer than 600 seconds are cut."),
    ("The canteen is closed in August.", "The canteen is no longer closed in August."),
    ("The ticket costs 49 euros.", "The price of the ticket was raised to 55 euros."),
    ("The meeting on 5 March was chaired by Anna Weber.", "The meeting on 9 April was chaired by Tom Keller."),
]

ALL = [said if isinstance(said, str) else said.text for pair in CONTRADICTING + COMPATIBLE for said in pair]
RARITY = Rarity(terms(text) for text in ALL)


class TestPairs:
    @pytest.mark.parametrize(("one", "other"), CONTRADICTING)
    def test_contradict_each_other_from_either_side(self, one: Sentence | str, other: Sentence | str) -> None:
        assert relate(one, other, RARITY).relation == "contradicts"
        assert relate(other, one, RARITY).relation == "contradicts"

    @pytest.mark.parametrize(("one", "other"), COMPATIBLE)
    def test_can_both_be_true(self, one: str, other: str) -> None:
        assert relate(one, other, RARITY).relation != "contradicts"
        assert relate(other, one, RARITY).relation != "contradicts"

    @given(st.sampled_from(ALL), st.sampled_from(ALL))
    def test_are_judged_alike_from_either_side(self, one: str, other: str) -> None:
        there, back = relate(one, other, RARITY), relate(other, one, RARITY)
        assert (there.relation, pytest.approx(there.sureness)) == (back.relation, back.sureness)

    @given(st.one_of(st.sampled_from(ALL), st.text(max_size=200)))
    def test_no_sentence_contradicts_itself(self, text: str) -> None:
        assert relate(text, text, RARITY).relation == "agrees"

    @given(st.integers(1, 300), st.sampled_from([("hours", "minutes", 60), ("weeks", "days", 7), ("kg", "g", 1000)]))
    def test_the_same_amount_in_another_unit_is_no_contradiction(self, n: int, units: tuple[str, str, int]) -> None:
        large, small, factor = units
        one, other = f"The parcel takes {n} {large}.", f"The parcel takes {n * factor} {small}."
        assert relate(one, other, RARITY).relation != "contradicts"
        assert relate(one, f"The parcel takes {n + 1} {large}.", RARITY).relation == "contradicts"


class TestValues:
    @pytest.mark.parametrize(
        ("text", "kind", "low", "bound"),
        [
            ("It costs 1,450 pounds.", "money:gbp", 1450, "exact"),
            ("It costs £1,450.", "money:gbp", 1450, "exact"),
            ("Entry is free of charge.", "money:", 0, "exact"),
            ("It takes up to two weeks.", "span", 14, "most"),
            ("It lasts at least half an hour.", "span", 0.5 / 24, "least"),
            ("It is good for an hour.", "span", 1 / 24, "exact"),
            ("MAX_WAIT_SECONDS = 3600", "span", 1 / 24, "exact"),
            ("WAIT = 24  # hours we wait", "span", 1, "exact"),
            ("twice a week", "often", 2 / 7, "exact"),
            ("every other day", "often", 0.5, "exact"),
            ("It opens at half past eight in the evening.", "time", 20.5 * 60, "exact"),
            ("It opens at 8.30 pm.", "time", 20.5 * 60, "exact"),
            ("The feast is on 3rd of May 2024.", "date", 503, "exact"),
            ("The feast is on May 3.", "date", 503, "exact"),
            ("about 30 percent", "percent", 30, "about"),
            ("1.5 kg", "weight", 1500, "exact"),
            ("from Tuesday to Friday", "weekday", 1, "exact"),
            ("Room 12 is free.", "numbered", 12, "exact"),
            ("twenty-five blue chairs", "count", 25, "exact"),
        ],
    )
    def test_are_typed_and_brought_to_one_unit(self, text: str, kind: str, low: float, bound: str) -> None:
        values = read(text).values
        assert [(value.kind, value.bound) for value in values][:1] == [(kind, bound)]
        assert values[0].low == pytest.approx(low)

    @given(st.text(max_size=300))
    def test_are_shown_as_they_stand_in_any_text(self, text: str) -> None:
        for value in values_in(text):
            assert text[value.begin :].startswith(value.shown)
            assert not clash(value, value)

    @pytest.mark.parametrize(
        ("text", "number"), [("1,200", 1200), ("2.5", 2.5), ("forty-two", 42), ("three hundred", 300), ("many", None)]
    )
    def test_numbers_in_digits_and_words(self, text: str, number: float | None) -> None:
        assert number_of(text) == number


WORDS = """the a no not never only a quarter of an hour 14 days £9 €2.50 k 3 May at 7:30 to until every other week half
version 2.4.1 port 80 room 7 = : # seconds | - 1,200 twenty-five hundred p.m. Mon Friday 20 % per cent free of charge
unless ſ K ² ½ ٣ “must” n't Anna's — is kept in the shed and open or closed , . ? ( ) \0 é""".split()


class TestAnyText:
    @given(st.lists(st.sampled_from(WORDS), max_size=30), st.lists(st.sampled_from(WORDS), max_size=30))
    def test_can_be_read_and_compared(self, one: list[str], other: list[str]) -> None:
        first, second = in_context(" ".join(one), " ".join(other)), in_context(" ".join(other), " › ".join(one))
        there, back = relate(first, second, RARITY), relate(second, first, RARITY)
        assert (there.relation, pytest.approx(there.sureness)) == (back.relation, back.sureness)

    @given(st.text(max_size=200), st.text(max_size=200))
    def test_of_any_letters_can_be_compared(self, one: str, other: str) -> None:
        assert relate(one, other, RARITY).relation in ("contradicts", "agrees", "unrelated")

    @given(st.lists(st.text(max_size=60), max_size=12), st.sampled_from(["a.md", "a.txt", "a.py", "a.yaml"]))
    def test_can_be_parted_into_statements(self, lines: list[str], source: str) -> None:
        numbered = "\n".join(f"{number}: {line}" for number, line in enumerate(lines, start=1))
        for said in sentences(source, numbered):
            assert said.text and 1 <= said.line <= len(lines)


class TestContext:
    def found(self, text: str, source: str = "rules.md") -> list[tuple[int, str, str]]:
        numbered = "\n".join(f"{number}: {line}" for number, line in enumerate(text.splitlines(), start=1))
        return [(said.line, said.context, said.text) for said in sentences(source, numbered)]

    def test_headings_leads_and_heads_of_tables_are_inherited(self) -> None:
        text = """# Club

## Fees

Please bring:
- a towel and soap
- your own cup

| Who | Price |
|---|---|
| Adults | 8 euros |

**Late return.** The fine is due at once. It is never waived.
"""
        assert self.found(text) == [
            (5, "Club › Fees", "Please bring:"),
            (6, "Club › Fees › Please bring", "a towel and soap"),
            (7, "Club › Fees › Please bring", "your own cup"),
            (11, "Club › Fees › Who Adults: Price", "8 euros"),
            (13, "Club › Fees › Late return.", "The fine is due at once."),
            (13, "Club › Fees › Late return. › The fine is due at", "It is never waived."),
        ]

    def test_code_is_read_by_its_comments_and_constants(self) -> None:
        text = '''# How long we wait for the carrier.
TIMEOUT = 8  # seconds

class Store:
    """Rows stay for good."""

    def drop(self):
        total = compute(3)  # nothing is lost here
'''
        assert self.found(text, "store.py") == [
            (1, "store", "How long we wait for the carrier."),
            (2, "store › How long we wait for the carrier.", "TIMEOUT = 8  # seconds"),
            (5, "store › Store", "Rows stay for good."),
            (8, "store › Store › drop", "nothing is lost here"),
        ]

    def test_settings_carry_the_names_above_them(self) -> None:
        text = "server:\n  http:\n    port: 8080\n"
        assert self.found(text, "app.yaml") == [(3, "app › server › http", "port: 8080")]

    def test_what_is_under_an_older_release_is_formerly(self) -> None:
        text = "# Changes\n\n## 2.0.0\n\nA new index of plants.\n\n## 1.0.0\n\nAn index of 300 plants.\n"
        assert [context for _, context, _ in self.found(text)] == ["Changes › 2.0.0", "Changes › formerly 1.0.0"]


@pytest.mark.slow
class TestFolders:
    """Folders in plain English that were written before anybody looked at what is found in them.

    The weights were learned from them too; what is to be expected of others is what `bench/sureness.py` says.
    """

    @pytest.mark.parametrize("first", "pqr")
    def test_most_planted_contradictions_are_found_and_hardly_any_others(self, tmp_path: Path, first: str) -> None:
        folders = sorted(path for path in FOLDERS.glob(f"{first}-*") if path.is_dir())
        assert len(folders) == 8
        folders = folders if MORE else folders[::2]
        scores = [Score(planted_in(folder), claimed(folder, tmp_path)) for folder in folders]
        assert sum(len(score.found) for score in scores) >= 0.6 * sum(len(score.planted) for score in scores)
        assert sum(len(score.false) for score in scores) <= len(folders)

    def test_the_order_of_the_files_does_not_matter(self, tmp_path: Path) -> None:
        folder = FOLDERS / "p-emails"
        there, back = claimed(folder, tmp_path), claimed(folder, tmp_path, backwards=True)
        assert places(there) == places(back)
        assert there


def claimed(folder: Path, project: Path, *, backwards: bool = False) -> list[dict[str, Any]]:
    """Return what the harness claims of a folder."""
    (harness,) = [harness for harness in builtin_harnesses() if harness.name == "find-contradictions"]
    files = sorted((path.name for path in folder.iterdir()), reverse=backwards)
    done = run_with(harness.source, project, Settings(folders=(folder,)), {"question": QUESTION, "files": files})
    assert done.state.ended is not None
    found: list[dict[str, Any]] = done.state.ended.result["contradictions"]
    return found


def places(claims: list[dict[str, Any]]) -> set[frozenset[tuple[str, int]]]:
    """Return where the two sides of each claim stand."""
    pairs = ((claim["first"], claim["second"]) for claim in claims)
    return {frozenset((side["source"], side["line"]) for side in pair) for pair in pairs}
