"""Which texts say the same, by their words: what is merged, what never is, and what the clusters rest on."""

from __future__ import annotations

import random
from itertools import combinations
from unicodedata import normalize

import anyio
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from likeness import FOLDER, LIGHT, pairs

from weft.primitives.calls import ToolCall
from weft.runtime.agents.likeness.answering import Clusters
from weft.runtime.agents.likeness.clusters import cluster_texts
from weft.runtime.agents.likeness.measure import likeness
from weft.runtime.agents.likeness.sayings import read
from weft.runtime.helping import HostRequest
from weft.runtime.request import AgentError

THRESHOLD = 0.85
KNOWN = [pair for name in ("learned", "unseen", "fresh") for pair in pairs(FOLDER / f"{name}.txt")]
TEXTS = sorted({text for pair in KNOWN for text in (pair.a, pair.b)})
WORDS = (
    "the a cache parser not never limit 30 30s 5 ms x.py y.py API before after more less than € < > ✅ ß 漢字".split()
)

texts = st.lists(
    st.one_of(st.sampled_from(TEXTS), st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join), st.text(max_size=20)),
    max_size=12,
)


def test_it_is_as_good_as_is_said() -> None:
    sure = [(likeness(read(pair.a), read(pair.b)) >= THRESHOLD, pair) for pair in KNOWN if not pair.far]
    merged = [pair for alike, pair in sure if alike]
    right = [pair for pair in merged if pair.same]
    assert len(right) / len(merged) > 0.95
    assert len(right) / sum(pair.same for _, pair in sure) > 0.35
    light = [alike for alike, pair in sure if pair.kind == LIGHT]
    assert sum(light) / len(light) > 0.65


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The timeout is 30 s.", "The timeout is 40 s."),
        ("The cache is not cleared, so the page is stale.", "The cache is cleared, so the page is not stale."),
        ("The timeout is 30 s.", "The timeout is 30 ms."),
        ("It costs 5 €.", "It costs 5 $."),
        ("It loses 5% of the rows.", "It loses 5 of the rows."),
        ("At -5 °C the pump stops.", "At 5 °C the pump stops."),
        ("parse_date fails on empty text.", "parse_time fails on empty text."),
        ("Login leaks the token in app/a.py.", "Login leaks the token in app/b.py."),
        ("The bucket is readable.", "The bucket is not readable."),
        ("The bucket is readable.", "The bucket is never readable."),
        ("The traffic is encrypted.", "The traffic is unencrypted."),
        ("Der Speicher ist öffentlich lesbar.", "Der Speicher ist nicht öffentlich lesbar."),
        ("Le fichier est lisible pour tous.", "Le fichier n'est pas lisible pour tous."),
        ("The queue grows during the night.", "The queue shrinks during the night."),
        ("Alice owes Bob ten euros.", "Bob owes Alice ten euros."),
        ("Rust is faster than Go here.", "Go is faster than Rust here."),
        ("It fails when x < 5.", "It fails when x > 5."),
        ("The check of roles is if (a == b) in the view.", "The check of roles is if (a = b) in the view."),
        ("✅ the build of main", "❌ the build of main"),
        ("Save it before the call.", "Save it after the call."),
        ("The job runs once a day.", "The job runs twice a day."),
        ("Every request is logged.", "Some requests are logged."),
        ("Users can delete all posts.", "Users can delete their own posts."),
        ("It may fail on restart.", "It will fail on restart."),
        ("Check it before the write.", "Check it during the write."),
        ("At most 10 users fit.", "At least 10 users fit."),
    ],
)
def test_what_never_is_the_same(one: str, other: str) -> None:
    assert likeness(read(one), read(other)) == likeness(read(other), read(one)) < 0.5


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The cache never expires.", "the cache never expires"),
        ("Tokens stay valid for thirty days.", "For 30 days tokens stay valid."),
        (
            "parse_date() in utils/dates.py raises ValueError on an empty text from the importer",
            "In dates.py, `parse_date` raises ValueError on an empty text from the importer.",
        ),
        (
            "Passwords of customers and suppliers are hashed without salt in the login table.",
            "In the login table, customers' and suppliers' password hashes are unsalted.",
        ),
        ("Das Café zählt seine Gäste nicht.", normalize("NFD", "Das Café zählt seine Gäste nicht.")),
        ("10,000 rows of the orders table were lost by the import.", "The import lost 10000 rows of the orders table."),
    ],
)
def test_what_is_the_same(one: str, other: str) -> None:
    assert likeness(read(one), read(other)) >= THRESHOLD


@given(texts, st.randoms(use_true_random=False), st.sampled_from([0.5, THRESHOLD, 1.0]))
@settings(max_examples=60)
@example(["a b", "b a", "a  b", ""], random.Random(0), THRESHOLD)
def test_what_is_together_rests_on_the_texts_alone(
    given_texts: list[str], order: random.Random, threshold: float
) -> None:
    clusters = cluster_texts(given_texts, threshold)
    assert sorted(place for cluster in clusters for place in cluster) == list(range(len(given_texts)))
    for first, *others in clusters:
        leader = read(given_texts[first])
        for place in others:  # near what stands for them, not by way of others
            same = " ".join(given_texts[place].split()) == " ".join(given_texts[first].split())
            assert same or likeness(leader, read(given_texts[place])) >= threshold
            assert read(given_texts[place]).numbers.keys() == leader.numbers.keys()
    shuffled = order.sample(given_texts, len(given_texts))
    assert _said(shuffled, cluster_texts(shuffled, threshold)) == _said(given_texts, clusters)


def _said(given_texts: list[str], clusters: list[list[int]]) -> list[tuple[str, list[str]]]:
    """Return the clusters as texts, apart from their order; the one that stands for each first."""
    said = [[" ".join(given_texts[place].split()) for place in cluster] for cluster in clusters]
    return sorted((first, sorted(others)) for first, *others in said)


@given(st.sampled_from(TEXTS), st.sampled_from(TEXTS))
@settings(max_examples=60)
def test_no_text_comes_first(one: str, other: str) -> None:
    assert likeness(read(one), read(other)) == likeness(read(other), read(one))
    assert likeness(read(one), read(one)) == 1.0


def test_a_chain_of_small_steps_is_no_cluster() -> None:
    steps = ["alpha bravo carbon delta echo frost grape hotel indigo jacket"]
    for old, new in zip(steps[0].split(), "kettle lemon mango nectar ocean pepper quartz river".split(), strict=False):
        steps.append(steps[-1].replace(old, new))
    for cluster in cluster_texts(steps, 0.5):
        assert all(likeness(read(steps[a]), read(steps[b])) > 0 for a, b in combinations(cluster, 2))


def test_very_many_texts_take_no_comparison_of_each_with_each(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0

    def counted(*args: object, **options: object) -> float:
        nonlocal asked
        asked += 1
        return likeness(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("weft.runtime.agents.likeness.clusters.likeness", counted)
    draw = random.Random(0)
    many = [" ".join(draw.choices(WORDS, k=8)) for _ in range(600)]
    cluster_texts(many, THRESHOLD)
    assert asked <= 8 * len(many)


def test_a_long_text_without_spaces_is_read_in_one_go() -> None:
    """A run of letters once took the square of its length, so that one such text kept all others apart."""
    text = "q" * 300_000
    found = anyio.run(
        Clusters(), HostRequest(id=0, call=ToolCall("cluster_texts", {"texts": [text, text + "r"], "threshold": 0.85}))
    )
    assert found is not None and found.value["measure"] == "lexical"


def test_what_is_no_text_is_refused() -> None:
    call = ToolCall("cluster_texts", {"texts": ["a", 1], "threshold": 0.85})
    with pytest.raises(AgentError, match="compares texts"):
        anyio.run(Clusters(), HostRequest(id=0, call=call))
    assert anyio.run(Clusters(), HostRequest(id=0, call=ToolCall("list_files", {}))) is None
