"""`rune batch`: one whole line for every question, in order, through kills, torn lines and bad servers."""

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.batch.answers import BatchAnswer
from agent.batch.run import run_batch
from solvers.errors import InputError
from tests.batch_support import ENGLISH, FORMULA, LINES, AskedServer, Line, Running, answered, untimed, written
from tests.cli_support import RUN_KEYS, Outcome, Rune, caller, in_a_process, make_archive
from tests.fake_server import Reply, Status, formula
from tui.main import main


@pytest.fixture
def rune(capfd: pytest.CaptureFixture[str]) -> Rune:
    return caller(capfd)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    def call(*arguments: str | Path) -> Outcome:
        return Outcome(main([str(each) for each in arguments]), "", "")

    return make_archive(tmp_path_factory.mktemp("batch"), call)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_API_BASE", "http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


# What comes out


def test_every_question_has_a_line_in_order_that_is_asks_answer(rune: Rune, archive: Path, tmp_path: Path) -> None:
    formulas: list[Line] = [{"id": 7, "formula": FORMULA}, {"id": "7", "formula": "exists x. shipp(x"}]
    queries = written(tmp_path / "queries.jsonl", [*LINES, *formulas])
    out = tmp_path / "results.jsonl"
    outcome = rune("batch", queries, "--archive", archive, "--out", out, "--top-k", "2", "--output", "json")
    assert outcome.code == 0, outcome.err
    summary = outcome.json
    assert (summary["status"], summary["queries"], summary["done"], summary["skipped"]) == ("ok", 7, 7, 0)
    assert summary["statuses"] == {"ok": 5, "unrepairable": 2}
    assert (summary["schema_version"], summary["out"]) == (1, str(out))
    assert "5 ok, 2 unrepairable" in outcome.err
    assert "7 answered" in outcome.err
    lines = answered(out)
    assert [each["id"] for each in lines] == ["q0", "q1", "q2", "q3", "q4", 7, "7"]
    assert [each["status"] for each in lines] == ["ok", "unrepairable", "ok", "ok", "ok", "ok", "unrepairable"]
    for line in lines:
        assert set(line) == RUN_KEYS | {"id", "error"}
    for number, text in enumerate(ENGLISH):
        asked = rune("ask", text, "--archive", archive, "--top-k", "2", "--output", "json")
        assert {**lines[number], "timings_ms": 0} == {"id": f"q{number}", **asked.json, "timings_ms": 0}
    ranked = rune("rank", FORMULA, "--archive", archive, "--top-k", "2", "--output", "json")
    assert {**lines[5], "timings_ms": 0} == {"id": 7, **ranked.json, "timings_ms": 0}
    refused = rune("rank", "exists x. shipp(x", "--archive", archive, "--output", "json")
    assert (lines[6]["attempts"], lines[6]["error"]) == (refused.json["attempts"], refused.json["error"])


def test_queries_come_from_stdin_with_blank_lines_a_mark_and_carriage_returns(archive: Path, tmp_path: Path) -> None:
    out = tmp_path / "results.jsonl"
    text = (
        '\ufeff{"id": "a", "query": "two ships\u2028", "note": 1}\r\n \r\n{"id": "b", "formula": "%s", "query": null}'
    )
    outcome = in_a_process("batch", "-", "--archive", archive, "--out", out, stdin=text % FORMULA)
    assert (outcome.code, outcome.out) == (0, "")
    assert [(each["id"], each["status"]) for each in answered(out)] == [("a", "ok"), ("b", "ok")]
    assert "'note'" in outcome.err


def test_no_queries_are_no_failure(rune: Rune, archive: Path, tmp_path: Path) -> None:
    queries = written(tmp_path / "queries.jsonl", [])
    outcome = rune("batch", queries, "--archive", archive, "--out", tmp_path / "out", "--output", "json")
    assert (outcome.code, outcome.json["queries"], (tmp_path / "out").read_bytes()) == (0, 0, b"")


# What cannot be used is said before anything runs


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", ["not JSON"]),
        ('["a"]', ["not an object", '{"id"']),
        ("[" * 100_000, ["beyond all bounds"]),
        ('{"query": "two ships"}', ["no id"]),
        ('{"id": null, "query": "two ships"}', ["no id"]),
        ('{"id": " ", "query": "two ships"}', ["the id"]),
        ('{"id": true, "query": "two ships"}', ["the id"]),
        ('{"id": 1.5, "query": "two ships"}', ["the id"]),
        ('{"id": "first", "query": "two ships"}', ['"first"', "line 1"]),
        ('{"id": "a"}', ["neither"]),
        ('{"id": "a", "query": "two ships", "formula": "exists x. ship(x)"}', ["both"]),
        ('{"id": "a", "query": "  "}', ["blank"]),
        ('{"id": "a", "formula": ""}', ["blank"]),
        ('{"id": "a", "query": 3}', ["not a text"]),
        ('{"id": "a", "query": "\\ud800"}', ["UTF-8"]),
        ('{"id": "a", "formula": "\\ud800"}', ["UTF-8"]),
        (b'{"id": "a", "query": "\xff"}', ["UTF-8"]),
    ],
)
def test_a_bad_line_is_named_before_anything_runs(
    rune: Rune, archive: Path, tmp_path: Path, line: str | bytes, words: list[str]
) -> None:
    queries, out = tmp_path / "queries.jsonl", tmp_path / "results.jsonl"
    raw = line if isinstance(line, bytes) else line.encode()
    queries.write_bytes(b'{"id": "first", "query": "two ships"}\n\n' + raw + b"\n")
    outcome = rune("batch", queries, "--archive", archive, "--out", out, "--output", "json")
    assert outcome.code == 2
    assert outcome.json["status"] == "error"
    for word in (f"{queries}:3:", *words):
        assert word in outcome.json["error"]
    assert "Traceback" not in outcome.err
    assert not out.exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--jobs", "0"], ["--jobs"]),
        (["--jobs", "1000"], ["jobs", "64"]),
        (["--candidates", "1000"], ["candidates"]),
        (["--model", "gpt"], ["'gpt'"]),
        (["--threshold", "shipp=0.5"], ["shipp"]),
    ],
)
def test_settings_that_cannot_be_are_named(
    rune: Rune, archive: Path, tmp_path: Path, options: list[str], words: list[str]
) -> None:
    out = tmp_path / "results.jsonl"
    outcome = rune("batch", written(tmp_path / "q", LINES), "--archive", archive, "--out", out, *options)
    assert outcome.code == 2
    assert "Traceback" not in outcome.err
    for word in words:
        assert word in outcome.err
    assert not out.exists() or out.read_bytes() == b""


def test_where_results_cannot_go_is_said(rune: Rune, archive: Path, tmp_path: Path) -> None:
    queries = written(tmp_path / "queries.jsonl", LINES)
    before = queries.read_bytes()
    notes = tmp_path / "notes.txt"
    notes.write_text("what I must not forget", encoding="utf-8")
    for out, word in (
        (queries, "the queries are in that file"),
        (tmp_path, "not a file"),
        (tmp_path / "none" / "results.jsonl", "No such file"),
        (notes, "not a file of results"),
    ):
        for more in ([], ["--fresh"]):
            outcome = rune("batch", queries, "--archive", archive, "--out", out, *more)
            assert outcome.code == 2
            assert word in outcome.err
    missing = rune("batch", tmp_path / "none.jsonl", "--archive", archive, "--out", tmp_path / "r")
    assert (missing.code, "none.jsonl" in missing.err) == (2, True)
    assert (queries.read_bytes(), notes.read_text(encoding="utf-8")) == (before, "what I must not forget")


# Going on


@pytest.fixture(scope="module")
def straight(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The results of a run that nothing disturbed."""
    folder = tmp_path_factory.mktemp("straight")
    run_batch(written(folder / "queries.jsonl", LINES), archive=archive, out=folder / "results.jsonl")
    return (folder / "results.jsonl").read_bytes()


def cut_points(content: bytes) -> Iterator[int]:
    """Places where a write may have ended: in the first line, in the last, around their ends."""
    first, last = content.index(b"\n"), content[:-1].rindex(b"\n")
    yield from (0, 1, 9, first // 2, first, first + 1, first + 5, last, last + 1, len(content) - 1)


def test_a_torn_last_line_is_cut_off_and_answered_again(archive: Path, tmp_path: Path, straight: bytes) -> None:
    queries, out = written(tmp_path / "queries.jsonl", LINES), tmp_path / "results.jsonl"
    for end in cut_points(straight):
        out.write_bytes(straight[:end] + b"\0" * (end % 3))
        summary = run_batch(queries, archive=archive, out=out)
        assert summary.skipped == straight[:end].count(b"\n")
        assert untimed(out.read_bytes()) == untimed(straight)
        assert {each.name for each in tmp_path.iterdir()} == {"queries.jsonl", "results.jsonl"}


def test_added_questions_are_answered_where_they_stand_and_nothing_is_redone(archive: Path, tmp_path: Path) -> None:
    queries, out = tmp_path / "queries.jsonl", tmp_path / "results.jsonl"
    done: list[str] = []

    def note(answer: BatchAnswer) -> None:
        done.append(str(answer.query.id))

    steps: list[tuple[list[Line], list[str]]] = [
        (LINES[1:3], ["q1", "q2"]),
        (LINES[1:4], ["q3"]),
        (LINES[1:4], []),
        ([LINES[0], LINES[1], {"id": "between", "query": "a harbor"}, *LINES[2:]], ["q0", "between", "q4"]),
    ]
    for lines, new in steps:
        kept = out.read_bytes().splitlines() if out.exists() else []
        done.clear()
        summary = run_batch(written(queries, lines), archive=archive, out=out, on_answer=note)
        assert (done, summary.done, summary.skipped) == (new, len(new), len(lines) - len(new))
        assert [each["id"] for each in answered(out)] == [each["id"] for each in lines]
        assert set(kept) <= set(out.read_bytes().splitlines())


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (LINES[1:], ['no id "q0"', "results.jsonl:1"]),
        ([LINES[1], LINES[0], *LINES[2:]], ["another order", '"q0"', '"q1"']),
        ([{"id": "q0", "query": "a plane"}, *LINES[1:]], ["another question", '"q0"', "line 1"]),
        ([{"id": "q0", "formula": FORMULA}, *LINES[1:]], ["another question"]),
    ],
)
def test_results_of_other_queries_are_left_alone_until_a_fresh_start(
    archive: Path, tmp_path: Path, straight: bytes, lines: list[Line], words: list[str]
) -> None:
    queries, out = written(tmp_path / "queries.jsonl", lines), tmp_path / "results.jsonl"
    found = straight + b'{"id": "torn'
    out.write_bytes(found)
    with pytest.raises(InputError) as refused:
        run_batch(queries, archive=archive, out=out)
    for word in (*words, "--fresh"):
        assert word in str(refused.value)
    assert out.read_bytes() == found
    assert run_batch(queries, archive=archive, out=out, fresh=True).skipped == 0
    assert [each["id"] for each in answered(out)] == [each["id"] for each in lines]


def test_a_broken_line_in_the_middle_is_told_and_nothing_is_changed(
    archive: Path, tmp_path: Path, straight: bytes
) -> None:
    queries, out = written(tmp_path / "queries.jsonl", LINES), tmp_path / "results.jsonl"
    broken = straight.replace(b'"status": "unrepairable"', b'"status": "lost"', 1)
    out.write_bytes(broken)
    with pytest.raises(InputError, match=r"results\.jsonl:2: this is not a line that rune batch has written"):
        run_batch(queries, archive=archive, out=out)
    assert out.read_bytes() == broken


def test_a_killed_run_loses_only_what_was_in_flight(rune: Rune, archive: Path, tmp_path: Path) -> None:
    lines: list[Line] = [*LINES[:2], {"id": "f", "formula": FORMULA}, *LINES[2:]]
    queries, out, whole = written(tmp_path / "queries.jsonl", lines), tmp_path / "results.jsonl", tmp_path / "whole"
    with AskedServer(held=ENGLISH[2:3]) as server:
        arguments: tuple[str | Path, ...] = (queries, "--archive", archive, *server.options, "--jobs", "2")
        killed = Running(*arguments, "--out", out)
        killed.wait_for(lambda: out.exists() and out.read_bytes().count(b"\n") == 3)
        second = rune("batch", *arguments, "--out", out)
        assert (second.code, "another run is writing" in second.err) == (2, True)
        assert killed.end_by(signal.SIGKILL).code == -signal.SIGKILL
        kept = out.read_bytes()
        assert [each["id"] for each in answered(out)] == ["q0", "q1", "f"]
        server.release.set()
        server.asked.clear()
        resumed = rune("batch", *arguments, "--out", out, "--output", "json")
        assert (resumed.code, resumed.json["done"], resumed.json["skipped"]) == (0, 3, 3)
        assert sorted(server.asked) == sorted(ENGLISH[2:])
        assert out.read_bytes().startswith(kept)
        assert rune("batch", *arguments, "--out", whole).code == 0
    assert untimed(out.read_bytes()) == untimed(whole.read_bytes())


def test_control_c_keeps_what_is_done_and_says_how_to_go_on(archive: Path, tmp_path: Path) -> None:
    queries, out = written(tmp_path / "queries.jsonl", LINES), tmp_path / "results.jsonl"
    with AskedServer(held=ENGLISH[1:2]) as server:
        running = Running(queries, "--archive", archive, "--out", out, *server.options, "--output", "json")
        running.wait_for(lambda: out.exists() and out.read_bytes().count(b"\n") == 1 and len(server.asked) == 5)
        outcome = running.end_by(signal.SIGINT)
    assert (outcome.code, outcome.out) == (130, "")
    assert "the same command goes on" in outcome.err
    assert "Traceback" not in outcome.err
    assert [each["id"] for each in answered(out)] == ["q0"]


# The model


def test_no_more_model_calls_than_jobs_are_made_at_a_time_and_one_ranking(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queries = written(tmp_path / "queries.jsonl", LINES)
    ranking: list[int] = []
    judge_all = sys.modules["tools.ranking"].rank

    def watched(*arguments: object, **named: object) -> object:
        ranking.append(1)
        assert len(ranking) == 1
        try:
            return judge_all(*arguments, **named)
        finally:
            ranking.clear()

    monkeypatch.setattr("tools.ranking.rank", watched)
    for jobs, candidates in ((1, 1), (3, 1), (4, 2)):
        with AskedServer() as server:
            summary = run_batch(
                queries,
                archive=archive,
                out=tmp_path / f"results-{jobs}-{candidates}.jsonl",
                model="openai:tiny",
                base_url=server.base_url,
                candidates=candidates,
                jobs=jobs,
            )
        assert summary.statuses == {"ok": 5}
        assert 1 <= server.most_at_once <= jobs
        assert len(server.asked) == 5 * candidates
        assert (server.most_at_once > 1) is (jobs > 1)


def test_a_question_that_fails_is_a_line_and_can_be_asked_again(rune: Rune, archive: Path, tmp_path: Path) -> None:
    queries, out = written(tmp_path / "queries.jsonl", LINES), tmp_path / "results.jsonl"
    no = Status(400, "not today")
    replies: dict[str, Reply] = {
        ENGLISH[0]: formula("exists x. shipp(x)"),
        ENGLISH[1]: no,
        ENGLISH[3]: no,
        ENGLISH[4]: no,
    }
    with AskedServer(replies) as server:
        arguments: tuple[str | Path, ...] = (queries, "--archive", archive, "--out", out, *server.options)
        first = rune("batch", *arguments, "--output", "json")
        assert first.code == 0
        assert first.json["statuses"] == {"ok": 1, "provider_error": 3, "unrepairable": 1}
        statuses = ["unrepairable", "provider_error", "ok", "provider_error", "provider_error"]
        assert [each["status"] for each in answered(out)] == statuses
        assert "not today" in str(answered(out)[1]["error"])
        again = rune("batch", *arguments, "--output", "json")
        assert (again.json["done"], again.json["skipped"]) == (0, 5)
        kept = out.read_bytes()

        server.replies = {ENGLISH[4]: no}
        server.held = {ENGLISH[3]}
        staged = out.with_name("results.jsonl.redone")
        retrying = Running(*arguments, "--retry-failed")
        retrying.wait_for(lambda: staged.exists() and staged.read_bytes().count(b"\n") == 1)
        retrying.end_by(signal.SIGKILL)
        assert out.read_bytes() == kept
        staged.write_bytes(staged.read_bytes() + b'{"id": "q3", "sch')
        server.release.set()
        server.asked.clear()
        retried = rune("batch", *arguments, "--retry-failed", "--output", "json")
    assert (retried.json["done"], retried.json["skipped"]) == (2, 3)
    assert retried.json["statuses"] == {"ok": 3, "provider_error": 1, "unrepairable": 1}
    assert sorted(server.asked) == sorted(ENGLISH[3:])
    assert [each["id"] for each in answered(out)] == ["q0", "q1", "q2", "q3", "q4"]
    assert [each["status"] for each in answered(out)] == ["unrepairable", "ok", "ok", "ok", "provider_error"]
    assert {each.name for each in tmp_path.iterdir()} == {"queries.jsonl", "results.jsonl"}


def test_a_provider_that_is_down_fails_every_line_and_ends_with_3(rune: Rune, archive: Path, tmp_path: Path) -> None:
    queries, out = written(tmp_path / "queries.jsonl", LINES[:2]), tmp_path / "results.jsonl"
    server = ("--model", "openai:tiny", "--base-url", "http://127.0.0.1:9/v1", "--timeout", "0.3")
    outcome = rune("batch", queries, "--archive", archive, "--out", out, *server, "--output", "json")
    assert (outcome.code, outcome.json["status"]) == (3, "provider_error")
    assert outcome.json["statuses"] == {"provider_error": 2}
    assert "--retry-failed" in outcome.err
    assert [each["status"] for each in answered(out)] == ["provider_error", "provider_error"]
    mended = rune("batch", queries, "--archive", archive, "--out", out, "--retry-failed")
    assert mended.code == 0
    assert [each["status"] for each in answered(out)] == ["ok", "unrepairable"]


def test_a_fault_in_one_line_is_told_and_the_others_go_on(
    rune: Rune, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = sys.modules["tools.ranking"].rank

    def faulty(text: str, **named: object) -> object:
        if "harbor" in text:
            raise ZeroDivisionError("a fault of ours")
        return whole(text, **named)

    monkeypatch.setattr("tools.ranking.rank", faulty)
    lines: list[Line] = [{"id": "h", "formula": "exists x. harbor(x)"}, *LINES[2:4]]
    queries, out = written(tmp_path / "queries.jsonl", lines), tmp_path / "results.jsonl"
    outcome = rune("batch", queries, "--archive", archive, "--out", out, "--output", "json")
    assert (outcome.code, outcome.json["statuses"]) == (0, {"error": 2, "ok": 1})
    assert outcome.err.count("Traceback") == 2
    assert 'id "h"' in outcome.err
    assert "a fault of ours" in str(answered(out)[0]["error"])
    monkeypatch.setattr("tools.ranking.rank", whole)
    assert rune("batch", queries, "--archive", archive, "--out", out, "--retry-failed").code == 0
    assert [each["status"] for each in answered(out)] == ["ok", "ok", "ok"]
