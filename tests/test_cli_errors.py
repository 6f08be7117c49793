"""What is wrong with an input is said in a sentence: the right exit code, no traceback, nothing half-written."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from solvers.errors import InputError, LimitError, ProviderError, RuneError
from solvers.fol.diagnostics import Code, Diagnostic, FormulaError, Severity
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
    make_archive,
)
from tui.answers import run_failed
from tui.command import Command, guarded
from tui.exit_codes import ExitCode, exit_code_for
from tui.main import main
from tui.options import OutputFormat

KEYS = {
    "ask": RUN_KEYS | {"error"},
    "rank": RUN_KEYS | {"error"},
    "check": CHECK_KEYS | {"status", "error"},
    "validate": VALIDATE_KEYS,
    "translate": TRANSLATE_KEYS | {"error"},
    "index": {"archive", "images", "entities", "added", "unchanged", "replaced", "dropped", "rejected", "warnings"},
    "demo": {"schema_version", "status", "queries", "error"},
}


@pytest.fixture
def rune(capfd: pytest.CaptureFixture[str]) -> Rune:
    return caller(capfd)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    def call(*arguments: str | Path) -> Outcome:
        return Outcome(main([str(each) for each in arguments]), "", "")

    return make_archive(tmp_path_factory.mktemp("errors"), call)


def _told(outcome: Outcome, code: int, *words: str) -> None:
    assert outcome.code == code, outcome.err
    assert outcome.out == ""
    assert "Traceback" not in outcome.err
    assert "error" in outcome.err
    for word in words:
        assert word in outcome.err


def _files(folder: Path) -> set[Path]:
    return {each.relative_to(folder) for each in folder.rglob("*")}


# The arguments themselves


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["rnk"], ["'rnk'", "'rank'"]),
        (["frobnicate"], ["'frobnicate'", "index, ask, rank"]),
        (["rank"], ["FORMULA"]),
        (["rank", "exists x. ship(x)"], ["--archive"]),
        (["rank", "exists x. ship(x)", "--archiv", "a"], ["--archiv", "--archive"]),
        (["rank", "a", "b", "--archive", "a"], ["unexpected", "b"]),
        (["rank", "a", "--archive", "a", "--output", "xml"], ["'xml'", "'json'"]),
        (["ask", "a", "--archive", "a", "--candidates", "0"], ["--candidates", "0"]),
        (["ask", "a", "--archive", "a", "--candidates", "many"], ["--candidates", "'many'"]),
        (["rank", "a", "--archive", "a", "--top-k", "-1"], ["--top-k", "-1"]),
        (["rank", "a", "--archive", "a", "--top-k", "2.5"], ["--top-k", "'2.5'"]),
        (["rank", "a", "--archive", "a", "--threshold", "0"], ["--threshold", "'0'"]),
        (["rank", "a", "--archive", "a", "--threshold", "1.01"], ["--threshold", "'1.01'"]),
        (["rank", "a", "--archive", "a", "--threshold", "nan"], ["--threshold", "'nan'"]),
        (["rank", "a", "--archive", "a", "--threshold", "ship=2"], ["--threshold", "'ship=2'"]),
        (["check", "a", "--archive", "a", "--image", "i", "--threshold", "=0.5"], ["--threshold", "'=0.5'"]),
        (["ask", "a", "--archive", "a", "--timeout", "inf"], ["--timeout", "'inf'"]),
        (["rank", "a", "--archive", "a", "--timeout", "0"], ["--timeout", "'0'"]),
        (["index", "a.png", "--archive", ""], ["--archive", "blank"]),
        (["rank", "a", "--archive", " "], ["--archive", "blank"]),
        (["index", "a.png", "--archive", "a", "--detector", "rcnn"], ["--detector", "'rcnn'"]),
        (["rank", "\x1b[31m", "--archive", "a", "--\x1b[2J"], [r"\x1b[2J"]),
    ],
)
def test_misused_arguments_are_named(rune: Rune, arguments: list[str], words: list[str]) -> None:
    outcome = rune(*arguments)
    _told(outcome, 2, *words)
    assert "\x1b" not in outcome.err


def test_without_a_command_the_help_is_narrated(rune: Rune) -> None:
    outcome = rune()
    assert (outcome.code, outcome.out) == (2, "")
    assert "Commands:" in outcome.err


@pytest.mark.parametrize("command", KEYS)
@pytest.mark.parametrize("asked", [["--output", "json"], ["--output=json"]])
def test_misused_arguments_answer_in_json_where_it_is_asked_for(rune: Rune, command: str, asked: list[str]) -> None:
    outcome = rune(command, "--no-such-option", *asked)
    assert outcome.code == 2
    assert set(outcome.json) >= KEYS[command]
    assert outcome.json["status"] == "error"
    assert "--no-such-option" in outcome.json["error"]
    assert "Traceback" not in outcome.err


def test_an_unknown_command_answers_in_json_too(rune: Rune) -> None:
    outcome = rune("rnk", "x", "--output", "json")
    assert outcome.code == 2
    assert set(outcome.json) >= RUN_KEYS
    assert "'rank'" in outcome.json["error"]


# The archive and its images


@pytest.mark.parametrize("command", [["rank", "exists x. ship(x)"], ["ask", "two ships"]])
def test_a_missing_archive_is_named(rune: Rune, tmp_path: Path, command: list[str]) -> None:
    missing = tmp_path / "absent"
    _told(rune(*command, "--archive", missing), 2, str(missing))
    answer = rune(*command, "--archive", missing, "--output", "json")
    assert answer.code == 2
    assert answer.json["status"] == "error"
    assert str(missing) in answer.json["error"]
    assert _files(tmp_path) == set()


def test_an_archive_that_is_a_file_is_refused(rune: Rune, tmp_path: Path) -> None:
    file = tmp_path / "archive"
    file.write_text("not an archive", encoding="utf-8")
    _told(rune("rank", "exists x. ship(x)", "--archive", file), 2, str(file))
    annotations = tmp_path / "scenes.json"
    annotations.write_text(coco(), encoding="utf-8")
    _told(rune("index", "--labels", annotations, "--archive", file), 2, str(file))
    assert file.read_text(encoding="utf-8") == "not an archive"


def test_a_folder_that_is_no_archive_is_refused(rune: Rune, tmp_path: Path) -> None:
    _told(rune("rank", "exists x. ship(x)", "--archive", tmp_path), 2, str(tmp_path))
    assert _files(tmp_path) == set()


def test_an_empty_archive_gives_an_honest_empty_result(rune: Rune, tmp_path: Path) -> None:
    annotations = tmp_path / "scenes.json"
    annotations.write_text(coco({}), encoding="utf-8")
    assert rune("index", "--labels", annotations, "--archive", tmp_path / "archive").code == 0
    outcome = rune("rank", "exists x. ship(x)", "--archive", tmp_path / "archive", "--output", "json")
    assert outcome.code == 0
    assert outcome.json["counts"] == {"sat": 0, "unsat": 0, "unknown": 0}
    assert outcome.json["results"] == []
    assert "0 images" in rune("rank", "exists x. ship(x)", "--archive", tmp_path / "archive").out


def test_an_unknown_image_names_the_nearest(rune: Rune, archive: Path) -> None:
    arguments = ("check", "exists x. ship(x)", "--archive", archive, "--image", "feild")
    _told(rune(*arguments), 2, "feild", "field")
    answer = rune(*arguments, "--output", "json")
    assert answer.code == 2
    assert set(answer.json) >= KEYS["check"]
    assert (answer.json["image_id"], answer.json["verdict"], answer.json["status"]) == ("feild", None, "error")


def test_a_threshold_for_a_class_that_is_none_names_the_nearest(rune: Rune, archive: Path) -> None:
    outcome = rune("rank", "exists x. ship(x)", "--archive", archive, "--threshold", "shipp=0.5")
    _told(outcome, 2, "shipp", "ship")


# The question and the formula


@pytest.mark.parametrize("command", ["ask", "translate"])
def test_a_query_of_only_spaces_is_refused(rune: Rune, archive: Path, command: str) -> None:
    more = ["--archive", str(archive)] if command == "ask" else []
    _told(rune(command, "   ", *more), 2)
    answer = rune(command, " \t", *more, "--output", "json")
    assert answer.code == 2
    assert set(answer.json) >= KEYS[command]
    assert answer.json["status"] == "error"


def test_a_formula_of_only_spaces_is_no_formula(rune: Rune, archive: Path) -> None:
    _told(rune("rank", "   ", "--archive", archive), 5)
    assert rune("validate", "   ", "--output", "json").code == 5


@pytest.mark.parametrize("words", ["ship " * 20_000, "x" * 100_000])
def test_a_query_of_100_000_characters_is_answered(rune: Rune, archive: Path, words: str) -> None:
    outcome = rune("ask", words, "--archive", archive, "--output", "json")
    assert outcome.code in {2, 5}
    assert outcome.json["error"]
    assert len(outcome.json["error"]) < 1_000
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize("formula", ["exists x. ship(x) & " * 5_000, "(" * 100_000, "x" * 100_000, "~" * 100_000])
def test_a_formula_of_100_000_characters_is_answered(rune: Rune, archive: Path, formula: str) -> None:
    outcome = rune("rank", "--archive", archive, "--output", "json", "--", formula)
    assert outcome.code == 5
    assert outcome.json["status"] == "unrepairable"
    assert outcome.json["attempts"][0]["diagnostics"]
    assert "Traceback" not in outcome.err
    assert len(outcome.err) < 5_000


def test_a_class_that_the_ontology_lacks_is_a_diagnostic(rune: Rune, archive: Path) -> None:
    _told(rune("rank", "exists x. zeppelin(x)", "--archive", archive), 5, "zeppelin", "^^^^^^^^")
    answer = rune("rank", "exists x. shipp(x)", "--archive", archive, "--output", "json")
    assert answer.code == 5
    assert answer.json["status"] == "unrepairable"
    (attempt,) = answer.json["attempts"]
    assert attempt["formula"] == "exists x. shipp(x)"
    assert attempt["diagnostics"][0]["code"] == "unknown-predicate"
    assert "ship" in attempt["diagnostics"][0]["suggestions"]
    checked = rune("check", "exists x. shipp(x)", "--archive", archive, "--image", "bay", "--output", "json")
    assert checked.code == 5
    assert (checked.json["status"], checked.json["diagnostics"][0]["code"]) == ("unrepairable", "unknown-predicate")


def test_english_that_cannot_be_read_names_the_word(rune: Rune, archive: Path) -> None:
    outcome = rune("ask", "three zeppelins", "--archive", archive)
    _told(outcome, 5, "zeppelin")
    answer = rune("ask", "three zeppelins", "--archive", archive, "--output", "json")
    assert answer.code == 5
    assert (answer.json["status"], answer.json["query"]) == ("unrepairable", "three zeppelins")
    assert "zeppelin" in answer.json["error"]
    translated = rune("translate", "three zeppelins", "--output", "json")
    assert (translated.code, translated.json["status"]) == (5, "unrepairable")


def test_an_unknown_ontology_is_a_matter_of_usage(rune: Rune) -> None:
    _told(rune("validate", "exists x. ship(x)", "--ontology", "dotta"), 2, "dotta", "dota")
    answer = rune("validate", "exists x. ship(x)", "--ontology", "dotta", "--output", "json")
    assert answer.code == 2
    assert set(answer.json) >= VALIDATE_KEYS
    assert (answer.json["ok"], answer.json["status"]) == (False, "error")


def test_an_unknown_model_is_a_matter_of_usage(rune: Rune, archive: Path) -> None:
    _told(rune("ask", "two ships", "--archive", archive, "--model", "oracle"), 2, "oracle")


def test_a_model_server_that_is_down_is_the_providers_failure(
    rune: Rune, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-a-secret")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    server = ("--model", "openai:any", "--base-url", f"http://127.0.0.1:{port}/v1", "--timeout", "5")
    _told(rune("ask", "two ships", "--archive", archive, *server), 3, str(port))
    answer = rune("translate", "two ships", *server, "--output", "json")
    assert (answer.code, answer.json["status"]) == (3, "provider_error")
    assert "sk-a-secret" not in answer.out + answer.err


def test_a_time_limit_that_passes_is_a_limit(rune: Rune, archive: Path) -> None:
    arguments = ("rank", "exists x. ship(x)", "--archive", archive, "--timeout", "0.0000001")
    _told(rune(*arguments), 4, "time-out")
    answer = rune(*arguments, "--output", "json")
    assert (answer.code, answer.json["status"]) == (4, "limit")


# What is indexed


def test_a_missing_folder_is_named(rune: Rune, tmp_path: Path) -> None:
    missing = tmp_path / "absent"
    _told(rune("index", "--labels", missing, "--archive", tmp_path / "archive"), 2, str(missing))
    assert rune("index", missing, "--archive", tmp_path / "archive", "--output", "json").code in {1, 2}
    assert not (tmp_path / "archive").exists()


def test_nothing_to_index_is_a_matter_of_usage(rune: Rune, tmp_path: Path) -> None:
    _told(rune("index", "--archive", tmp_path / "archive"), 2)
    assert _files(tmp_path) == set()


@pytest.mark.parametrize("content", [b"\xff\xfe\x00 no json", b'{"images": [', b"[]", b'{"images": 3}'])
def test_an_unreadable_labels_file_is_named(rune: Rune, tmp_path: Path, content: bytes) -> None:
    labels = tmp_path / "labels.json"
    labels.write_bytes(content)
    _told(rune("index", "--labels", labels, "--archive", tmp_path / "archive"), 2, "labels.json")
    assert _files(tmp_path) == {Path("labels.json")}


def test_a_broken_line_is_named_with_its_file_and_number(rune: Rune, tmp_path: Path) -> None:
    labels, sizes = tmp_path / "labels", tmp_path / "sizes.json"
    labels.mkdir()
    (labels / "P1.txt").write_text("1 1 9 1 9 9 1 9 ship 0\n1 1 9 1 9 what 1 9 ship 0\n", encoding="utf-8")
    sizes.write_text('{"P1": {"width": 10, "height": 10}}', encoding="utf-8")
    outcome = rune("index", "--labels", labels, "--sizes", sizes, "--archive", tmp_path / "archive")
    assert outcome.code in {1, 2}
    assert "P1.txt" in outcome.err and "2" in outcome.err
    assert "Traceback" not in outcome.err


def test_pictures_that_are_none_are_rejected_one_by_one(rune: Rune, tmp_path: Path) -> None:
    images, labels = tmp_path / "images", tmp_path / "labels"
    images.mkdir()
    labels.mkdir()
    for stem in ("good", "text", "cut"):
        (labels / f"{stem}.txt").write_text("1 1 9 1 9 9 1 9 ship 0\n", encoding="utf-8")
    Image.new("RGB", (64, 64), "navy").save(images / "good.png")
    (images / "text.png").write_text("this is no picture", encoding="utf-8")
    (images / "cut.png").write_bytes((images / "good.png").read_bytes()[:40])
    arguments = ("index", images, "--labels", labels, "--archive", tmp_path / "archive")
    outcome = rune(*arguments, "--output", "json")
    assert outcome.code == 0
    assert outcome.json["images"] == 1
    assert {Path(each["path"]).name for each in outcome.json["rejected"]} == {"text.png", "cut.png"}
    assert "text.png" in outcome.err and "cut.png" in outcome.err
    assert "Traceback" not in outcome.err

    (images / "good.png").unlink()
    none = rune(*arguments[:-1], tmp_path / "other")
    assert none.code == 1
    assert "text.png" in none.err


def test_overlays_that_cannot_be_drawn_are_told_of(rune: Rune, archive: Path, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file", encoding="utf-8")
    outcome = rune("rank", "exists x. ship(x)", "--archive", archive, "--save-overlays", taken)
    _told(outcome, 2, str(taken))


# Failures inside


def _failing(error: BaseException) -> Command:
    def body(*, output: OutputFormat) -> ExitCode:
        raise error

    return Command(name="fail", summary="", body=body, failed=run_failed, examples=())


ERRORS = [
    (InputError("no such image"), 2, "error"),
    (ProviderError("the model answered 401"), 3, "provider_error"),
    (LimitError("out of steps"), 4, "limit"),
    (RuneError("the disk is full"), 1, "error"),
    (FormulaError("x", (Diagnostic(Code.SYNTAX, Severity.ERROR, 0, 1, "no formula"),)), 5, "unrepairable"),
]


@pytest.mark.parametrize(("error", "code", "status"), ERRORS)
def test_each_kind_of_failure_has_its_code_and_status(
    capfd: pytest.CaptureFixture[str], error: Exception, code: int, status: str
) -> None:
    assert exit_code_for(error) == code
    assert guarded(_failing(error))(output=OutputFormat.JSON) == code
    captured = capfd.readouterr()
    outcome = Outcome(code, captured.out, captured.err)
    assert outcome.json["status"] == status
    assert outcome.json["error"] == str(error)
    assert str(error) in outcome.err
    assert "Traceback" not in outcome.err


def test_a_programmers_error_shows_its_traceback_and_still_answers_json(capfd: pytest.CaptureFixture[str]) -> None:
    assert guarded(_failing(ZeroDivisionError("\x1b[2J")))(output=OutputFormat.JSON) == 1
    captured = capfd.readouterr()
    assert Outcome(1, captured.out, "").json["status"] == "error"
    assert "Traceback" in captured.err
    assert "\x1b" not in captured.err


def test_an_interrupted_run_says_so_and_answers_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    assert guarded(_failing(KeyboardInterrupt()))(output=OutputFormat.JSON) == 130
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "interrupted\n")


INTERRUPTED_WHILE_READING = """
import io, os, signal, sys
from tui.main import main

class Interrupted(io.BytesIO):
    def read(self, size=-1):
        os.kill(os.getpid(), signal.SIGINT)
        return b""

sys.stdin = io.TextIOWrapper(Interrupted())
sys.exit(main(["validate", "-", "--output", "json"]))
"""


def test_control_c_ends_a_run_with_130() -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_WHILE_READING], cwd=ROOT, capture_output=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"interrupted\n")


def test_text_that_is_not_utf_8_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tui", "validate", "-", "--output", "json"],
        input=b"ship(\xff)",
        capture_output=True,
        check=False,
        cwd=ROOT,
        timeout=60,
    )
    outcome = Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())
    assert outcome.code == 2
    assert "UTF-8" in outcome.json["error"]
    in_arguments = subprocess.run(
        [sys.executable, "-m", "tui", "validate", b"ship(\xff)"], capture_output=True, check=False, cwd=ROOT, timeout=60
    )
    assert in_arguments.returncode == 2
    assert b"Traceback" not in in_arguments.stderr
