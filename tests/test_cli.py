"""The command line `rune`: streams, exit codes, the JSON contract, and what people read."""

import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.cli_support import (
    CHECK_KEYS,
    ROOT,
    RUN_KEYS,
    TRANSLATE_KEYS,
    VALIDATE_KEYS,
    Outcome,
    Rune,
    caller,
    coco,
    in_a_process,
    make_archive,
)
from tools.ranking import COMPILING
from tui.command import Command
from tui.commands import COMMANDS
from tui.main import main

NEAR_HARBOR = "exists x y. ship(x) & harbor(y) & near(x, y)"


@pytest.fixture
def rune(capfd: pytest.CaptureFixture[str]) -> Rune:
    return caller(capfd)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    def call(*arguments: str | Path) -> Outcome:
        return Outcome(main([str(each) for each in arguments]), "", "")

    return make_archive(tmp_path_factory.mktemp("cli"), call)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda each: each.words)
def test_every_command_has_help_with_examples_that_call_it(rune: Rune, command: Command) -> None:
    name, examples = command.words, command.examples
    outcome = rune(*name.split(), "--help")
    assert (outcome.code, outcome.err) == (0, "")
    assert "Examples:" in outcome.out
    assert examples
    for example in examples:
        assert example in outcome.out
        assert f"rune {name}" in example


def test_the_first_help_names_every_command(rune: Rune) -> None:
    outcome = rune("--help")
    assert outcome.code == 0
    for command in COMMANDS:
        assert f"  {command.group or command.name} " in outcome.out


def test_the_version_is_the_distributions(rune: Rune) -> None:
    assert rune("--version") == Outcome(0, f"rune {version('rune-retrieval')}\n", "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_commands_and_options(shell: str) -> None:
    words = {"bash": "COMP_WORDS", "zsh": "_TYPER_COMPLETE_ARGS", "fish": "_TYPER_COMPLETE_ARGS"}
    asked = {"_RUNE_COMPLETE": f"complete_{shell}", "COMP_CWORD": "1", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    outcome = in_a_process(**asked, **{words[shell]: "rune va"})
    assert "validate" in outcome.out
    assert "rank" not in outcome.out


def test_indexing_reports_what_it_did(rune: Rune, tmp_path: Path) -> None:
    annotations = tmp_path / "scenes.json"
    annotations.write_text(coco(), encoding="utf-8")
    arguments = ("index", "--labels", annotations, "--archive", tmp_path / "archive")
    first = rune(*arguments)
    assert first.code == 0
    assert "4 added" in first.out
    again = rune(*arguments, "--output", "json")
    assert again.code == 0
    assert again.json == {
        "archive": str(tmp_path / "archive"),
        "images": 4,
        "entities": 9,
        "added": 0,
        "unchanged": 4,
        "replaced": 0,
        "dropped": 0,
        "rejected": [],
        "skipped": {"count": 0, "first": []},
        "unmapped": [],
        "warnings": [],
    }


def test_rank_prints_the_contract(rune: Rune, archive: Path) -> None:
    outcome = rune("rank", NEAR_HARBOR, "--archive", archive, "--output", "json", "--top-k", "0")
    assert outcome.code == 0
    answer = outcome.json
    assert set(answer) >= RUN_KEYS
    assert (answer["schema_version"], answer["status"], answer["query"], answer["model"]) == (1, "ok", None, None)
    assert answer["formula"] == "exists x y. ship(x) & harbor(y) & near(x, y)"
    assert answer["attempts"] == [{"formula": NEAR_HARBOR, "diagnostics": []}]
    assert answer["archive"] == {"images": 4, "entities": 9}
    assert answer["counts"] == {"sat": 1, "unsat": 3, "unknown": 0}
    results = answer["results"]
    assert isinstance(results, list)
    assert results[0]["image_id"] == "bay"
    assert [each["rank"] for each in results] == [1, 2, 3, 4]
    assert [each["score"] for each in results] == [1, 0, 0, 0]
    best = results[0]
    assert best["path"] is None
    assert best["witness"]["y"] == 0
    assert {each["index"] for each in best["entities"]} == set(best["witness"].values())
    assert set(best["entities"][0]) == {"index", "label", "confidence", "polygon"}
    assert set(answer["timings_ms"]) == {"translate", "plan", "prefilter", "solve", "total"}


def test_rank_shows_at_most_top_k(rune: Rune, archive: Path) -> None:
    answer = rune("rank", "exists x. ship(x)", "--archive", archive, "--top-k", "1", "--output", "json").json
    assert len(answer["results"]) == 1
    assert answer["counts"] == {"sat": 2, "unsat": 2, "unknown": 0}


def test_rank_in_text_shows_formula_counts_and_proof(rune: Rune, archive: Path) -> None:
    outcome = rune("rank", NEAR_HARBOR, "--archive", archive)
    assert (outcome.code, outcome.err) == (0, "")
    lines = outcome.out.splitlines()
    assert f"formula   {NEAR_HARBOR}" in lines
    assert "counts    1 sat, 3 unsat, 0 unknown at threshold 0.25" in lines
    heading = next(number for number, line in enumerate(lines) if line.startswith("rank"))
    assert lines[heading].split() == ["rank", "image", "verdict", "score", "proof"]
    best = lines[heading + 1].split(maxsplit=4)
    assert best[:4] == ["1", "bay", "sat", "1.000"]
    assert "ship 1.00" in best[4] and "y=#0 harbor 1.00" in best[4]
    assert "fails" in lines[heading + 2]
    assert "\x1b" not in outcome.out


def test_no_match_is_done(rune: Rune, archive: Path) -> None:
    outcome = rune("rank", "exists>=9 x. ship(x)", "--archive", archive, "--output", "json")
    assert outcome.code == 0
    assert outcome.json["counts"] == {"sat": 0, "unsat": 4, "unknown": 0}


def test_ask_answers_as_rank_does(rune: Rune, archive: Path) -> None:
    asked = rune("ask", "at least three planes", "--archive", archive, "--output", "json", "--top-k", "0")
    assert asked.code == 0
    answer = asked.json
    assert set(answer) >= RUN_KEYS
    assert (answer["status"], answer["query"], answer["model"]) == ("ok", "at least three planes", "offline")
    ranked = rune("rank", answer["formula"], "--archive", archive, "--output", "json", "--top-k", "0").json
    assert answer["results"] == ranked["results"]
    assert answer["counts"] == ranked["counts"] == {"sat": 1, "unsat": 3, "unknown": 0}


def test_ask_in_text_shows_the_question_and_its_logic(rune: Rune, archive: Path) -> None:
    outcome = rune("ask", "a harbor", "--archive", archive)
    assert outcome.code == 0
    assert "query     a harbor" in outcome.out
    assert "harbor(" in outcome.out


def test_check_prints_the_contract(rune: Rune, archive: Path) -> None:
    yes = rune("check", NEAR_HARBOR, "--archive", archive, "--image", "bay", "--output", "json")
    assert yes.code == 0
    assert set(yes.json) >= CHECK_KEYS
    assert (yes.json["image_id"], yes.json["verdict"], yes.json["score"]) == ("bay", "sat", 1)
    no = rune("check", NEAR_HARBOR, "--archive", archive, "--image", "water", "--output", "json")
    assert no.code == 0
    assert no.json["verdict"] == "unsat"
    assert no.json["why_not"]


def test_check_in_text_says_why(rune: Rune, archive: Path) -> None:
    yes = rune("check", NEAR_HARBOR, "--archive", archive, "--image", "bay")
    assert (yes.code, yes.err) == (0, "")
    assert "verdict   sat" in yes.out
    no = rune("check", NEAR_HARBOR, "--archive", archive, "--image", "water")
    assert no.code == 0
    assert "verdict   unsat" in no.out
    assert "harbor(y)" in no.out


def test_validate_gives_the_canonical_form_alone_on_stdout(rune: Rune) -> None:
    assert rune("validate", "all x.(ship(x) -> harbor(x))").out == "forall x. ship(x) -> harbor(x)\n"
    answer = rune("validate", "∃x (ship(x))", "--output", "json")
    assert answer.code == 0
    assert answer.json == {"ok": True, "canonical": "exists x. ship(x)", "diagnostics": []}


def test_validate_takes_an_ontology(rune: Rune) -> None:
    assert rune("validate", "exists x. windmill(x)").code == 5
    assert rune("validate", "exists x. windmill(x)", "--ontology", "dior").code == 0


def test_an_invalid_formula_is_shown_with_carets(rune: Rune) -> None:
    outcome = rune("validate", "exists x. plan(x)")
    assert (outcome.code, outcome.out) == (5, "")
    lines = outcome.err.splitlines()
    assert lines[0].startswith("error[unknown-predicate]: ")
    assert "plane" in outcome.err
    source = next(line for line in lines if line.endswith("exists x. plan(x)"))
    carets = lines[lines.index(source) + 1]
    assert carets.index("^") == source.index("plan")
    assert carets.count("^") == 4


def test_translate_gives_the_formula_alone_on_stdout(rune: Rune) -> None:
    outcome = rune("translate", "at least two ships")
    assert outcome.code == 0
    assert rune("validate", outcome.out.strip()).out == outcome.out
    answer = rune("translate", "at least two ships", "--output", "json").json
    assert set(answer) == TRANSLATE_KEYS | {"error"}
    assert answer["formula"] == outcome.out.strip()


def test_commands_make_pipes(archive: Path) -> None:
    formula = in_a_process("translate", "-", stdin="at least three planes\n")
    assert formula.code == 0
    ranked = in_a_process("rank", "-", "--archive", archive, "--output=json", stdin=formula.out)
    assert ranked.code == 0
    assert ranked.json["counts"] == {"sat": 1, "unsat": 3, "unknown": 0}
    assert in_a_process("validate", "-", stdin="exists x. ship(x)\n").out == "exists x. ship(x)\n"


def test_a_formula_that_begins_with_a_minus_goes_after_two(rune: Rune) -> None:
    refused = rune("validate", "-exists x.(ship(x))")
    assert refused.code == 2
    assert "after '--'" in refused.err
    assert rune("validate", "--", "-exists x.(ship(x))").out == "~exists x. ship(x)\n"


def test_colour_never_reaches_a_pipe(archive: Path) -> None:
    outcome = in_a_process("rank", "exists x. ship(x)", "--archive", archive, TERM="xterm-256color")
    assert outcome.code == 0
    assert "\x1b" not in outcome.out + outcome.err


def test_a_reader_that_leaves_early_is_no_traceback(archive: Path) -> None:
    command = [sys.executable, "-m", "tui", "rank", "exists x. ship(x)", "--archive", str(archive)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None and running.stderr is not None
        running.stdout.close()
        told = running.stderr.read().decode()
        assert running.wait(timeout=120) == 1
    # On a busy machine it takes long enough for its progress to be told; nothing else may be.
    progress = tuple(f"{phase}: " for phase in ("ranking", "proving", COMPILING))
    assert [line for line in told.splitlines() if not line.startswith(progress)] == []


def test_stdout_that_cannot_show_a_sign_escapes_it() -> None:
    outcome = in_a_process("validate", "∃x. schiff(x) ∧ ∀", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert outcome.code == 5
    assert r"\u2203x. schiff" in outcome.err


@pytest.mark.parametrize("threshold", [["--threshold", "0.5"], ["--threshold", "ship=0.5", "--threshold", "0.3"]])
def test_thresholds_are_taken_for_all_and_for_single_classes(rune: Rune, archive: Path, threshold: list[str]) -> None:
    answer = rune("rank", "exists x. ship(x)", "--archive", archive, "--output", "json", *threshold).json
    assert answer["counts"] == {"sat": 2, "unsat": 2, "unknown": 0}


def test_an_image_id_from_outside_cannot_act_on_the_terminal(rune: Rune, tmp_path: Path) -> None:
    annotations = tmp_path / "scenes.json"
    names = {"bay": "ba\x1b[2Jy[bold].png"}
    annotations.write_text(coco({"bay": [("ship", 1, 1, 9, 9)]}, file_names=names), encoding="utf-8")
    assert rune("index", "--labels", annotations, "--archive", tmp_path / "archive").code == 0
    text = rune("rank", "exists x. ship(x)", "--archive", tmp_path / "archive")
    assert text.code == 0
    assert r"ba\x1b[2Jy[bold]" in text.out
    assert "\x1b" not in text.out
    answer = rune("rank", "exists x. ship(x)", "--archive", tmp_path / "archive", "--output", "json")
    assert "\x1b" not in answer.out
    assert json.loads(answer.out)["results"][0]["image_id"] == "ba\x1b[2Jy[bold]"


def test_validate_answers_its_contract_for_mistakes_too(rune: Rune) -> None:
    answer = rune("validate", "exists x. ship(x", "--output", "json")
    assert answer.code == 5
    assert set(answer.json) == VALIDATE_KEYS
    assert (answer.json["ok"], answer.json["canonical"]) == (False, None)
    (found,) = answer.json["diagnostics"]
    assert set(found) == {"code", "severity", "message", "start", "end", "expected", "suggestions"}
