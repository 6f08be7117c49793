"""The grammar of follow-ups: what each does to a formula, and that none ever breaks one."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.conversation.commands import AboutImage, Changed, StartOver, Undo
from agent.conversation.follow_up import FollowUp, Question, Unread, read_follow_up
from agent.conversation.turns import Standing
from solvers.fol.analysis import analyse
from tests.strategies import formulas
from tools.ontologies import load_ontology

DOTA = load_ontology("dota")
FIXTURE = Path(__file__).parent / "fixtures" / "follow_ups.txt"
TANKS = "exists>=3 x. plane(x) & exists y. storage_tank(y) & near(x, y)"
FLEET = "(exists>=2 x. ship(x) & exists y. bridge(y) & distance(x, y) <= 200 m) & ~exists z. plane(z)"
EVERY = "(exists x. ship(x)) & forall y. ship(y) -> exists z. harbor(z) & near(y, z)"
WORDS = (
    "now without ships", "the same with ships", "drop the ship", "not near the bridge", "at least five instead",
    "and near a harbor", "in the upper left", "within 300 m", "helicopters instead", "or a plane", "the opposite",
    "replace ships with planes", "planes instead of ships", "and no vehicle", "exactly two", "drop near a harbor",
    "with no ship near it", "the planes should be near a harbor", "not more than 3", "make it 1 km",
)  # fmt: skip


def ids() -> Sequence[str]:
    return ("P0003", "P0706", "bay")


def read(text: str, formula: str | None) -> FollowUp:
    return read_follow_up(text, Standing(formula=formula), DOTA, ids)


def after(text: str, formula: str) -> str | None:
    found = read(text, formula)
    assert isinstance(found, Changed), found
    return found.standing.formula


def follow_ups() -> list[tuple[str, str, str]]:
    """The fixture: a formula, what is said, and the formula after it."""
    lines = [line for line in FIXTURE.read_text(encoding="utf-8").splitlines() if line and not line.startswith("# ")]
    assert len(lines) % 3 == 0
    return list(zip(lines[::3], lines[1::3], lines[2::3], strict=True))


@pytest.mark.parametrize(
    ("formula", "text", "expected"), follow_ups(), ids=[f"{text}: {formula}" for formula, text, _ in follow_ups()]
)
def test_a_follow_up_makes_of_a_formula(formula: str, text: str, expected: str) -> None:
    assert (after(text, formula) or "-") == expected


@pytest.mark.parametrize(
    "text",
    [
        "two ships",
        "find planes near a harbor",
        "images without a bridge",
        "a harbor with no ship near it",
        "now find two ships near a harbor",
        "exists x. ship(x)",
    ],
)
def test_a_complete_question_begins_anew(text: str) -> None:
    assert isinstance(read(text, TANKS), Question)


@pytest.mark.parametrize("text", ["now without ships", "and near a harbor", "at least five instead"])
def test_without_a_question_before_everything_is_a_question(text: str) -> None:
    assert isinstance(read(text, None), Question)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("undo", Undo()),
        ("Undo that!", Undo()),
        ("go back", Undo()),
        ("start over", StartOver()),
        ("new question", StartOver()),
        ("why not P0706?", AboutImage("P0706")),
        ("Why isn't P0706 there?", AboutImage("P0706")),
        ("why is P0706 not in the list?", AboutImage("P0706")),
        ("and why is bay first?", AboutImage("bay")),
        ("what about p0706?", AboutImage("p0706")),
        ("explain bay", AboutImage("bay")),
    ],
)
def test_commands(text: str, command: FollowUp) -> None:
    assert read(text, TANKS) == command


@pytest.mark.parametrize(
    ("text", "threshold", "of_classes", "top_k"),
    [
        ("only sure ones", 0.5, {}, 10),
        ("only confident detections", 0.5, {}, 10),
        ("Only confident ones, please!", 0.5, {}, 10),
        ("now only the really sure ones", 0.5, {}, 10),
        ("less strict", 0.1, {}, 10),
        ("also unsure ones", 0.1, {}, 10),
        ("threshold 0.6", 0.6, {}, 10),
        ("set the confidence to at least 70 %", 0.7, {}, 10),
        ("threshold for ships 0.8", 0.25, {"ship": 0.8}, 10),
        ("only sure storage tanks", 0.25, {"storage_tank": 0.5}, 10),
        ("show me 3", 0.25, {}, 3),
        ("show only the best five images", 0.25, {}, 5),
        ("top 20", 0.25, {}, 20),
        ("show all", 0.25, {}, 0),
        ("only sure ones and show me 3", 0.5, {}, 3),
    ],
)
def test_settings(text: str, threshold: float, of_classes: dict[str, float], top_k: int) -> None:
    found = read(text, TANKS)
    assert found == Changed(Standing(formula=TANKS, threshold=threshold, class_thresholds=of_classes, top_k=top_k))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("and a unicorn", ["unicorn"]),
        ("but red ones", ["red"]),
        ("near a purple harbor and with a wizard", ["purple", "wizard"]),
        ("drop the ship", ["drop the ship"]),
        ("threshold 7", ["threshold"]),
    ],
)
def test_what_cannot_be_read_is_named(text: str, words: list[str]) -> None:
    found = read(text, TANKS)
    assert isinstance(found, Unread)
    assert [each.word for each in found.problems][: len(words)] == words
    for each in found.problems:
        assert text[each.start : each.end] == each.word


@pytest.mark.parametrize(
    ("text", "formula", "says"),
    [
        ("not near a bridge", EVERY, "about every ship"),
        ("planes instead", EVERY, "about every ship"),
        ("the ships should be in the upper left", EVERY, "about every ship"),
        ("drop the ship", "(exists x. ship(x)) -> exists y. harbor(y)", "part of a condition"),
        ("or a plane", "exists x. ship(x) & forall y. ship(y) & x != y -> larger_than(x, y)", "compared"),
        ("both", "(exists x. ship(x)) | exists y. plane(y)", "both"),
        ("what about tanks?", "(exists x. ship(x)) & exists y. plane(y)", "say of which"),
        ("drop the ship", None, "no question yet"),
        ("drop the ship and the wizard", TANKS, "does not speak of ships"),
        ("drop the wizard", TANKS, "wizard"),
    ],
)
def test_a_change_that_could_go_wrong_is_not_guessed(text: str, formula: str | None, says: str) -> None:
    found = read(text, formula)
    assert isinstance(found, Unread)
    assert says in found.problems[0].message


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(formulas(), st.sampled_from(WORDS))
def test_a_follow_up_on_any_formula_gives_a_canonical_one_or_says_why_not(formula: str, text: str) -> None:
    canonical = analyse(formula, DOTA).canonical
    assert canonical is not None
    found = read(text, canonical)
    if isinstance(found, Changed) and found.standing.formula is not None:
        assert analyse(found.standing.formula, DOTA).canonical == found.standing.formula
    elif not isinstance(found, Changed):
        assert isinstance(found, Unread | Question)
        if isinstance(found, Unread):
            assert all(each.message for each in found.problems)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.lists(
        st.sampled_from(
            (
                *("now", "and", "but", "not", "without", "with", "the", "a", "no", "or", "at least", "two", "five"),
                *("ships", "plane", "near", "harbor", "it", "instead", "of", "drop", "replace", "by", "within"),
                *("200 m", "in", "upper left", "only", "sure", "why", "undo", "show me 3", "threshold", ",", ".", "?"),
                *("(", ")", "0.5", "é", "\U0001f6a2"),
            )
        ),
        min_size=1,
        max_size=9,
    ).map(" ".join)
)
def test_no_text_breaks_the_reader(text: str) -> None:
    found = read(text, FLEET)
    if isinstance(found, Changed) and found.standing.formula is not None:
        assert analyse(found.standing.formula, DOTA).canonical == found.standing.formula
    if isinstance(found, Unread):
        assert found.problems
        assert all(0 <= each.start < each.end <= len(text) for each in found.problems)
