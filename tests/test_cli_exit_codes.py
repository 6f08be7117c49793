"""Every end of a run has its exit code: each kind of failure, a fault of ours, control-C."""

import subprocess
import sys

import pytest

from solvers.errors import InputError, LimitError, ProviderError, RuneError
from solvers.fol.diagnostics import Code, Diagnostic, FormulaError, Severity
from tests.cli_support import ROOT, Outcome
from tui.answers import run_failed
from tui.command import Command, guarded
from tui.exit_codes import ExitCode, exit_code_for
from tui.options import OutputFormat


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
