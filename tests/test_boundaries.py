"""The arrows only point down, and nothing heavy is loaded before it is needed."""

import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import solvers
from tests.cli_support import coco

ROOT = Path(__file__).parent.parent


def _modules_after(code: str) -> set[str]:
    """The top-level packages that a fresh interpreter has loaded after the code."""
    ending = "\nimport json, sys\nprint('\\n' + json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    done = subprocess.run(
        [sys.executable, "-c", code + ending], capture_output=True, text=True, check=False, cwd=ROOT, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_the_import_contracts_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], capture_output=True, text=True, check=False, cwd=ROOT, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_solvers_load_no_model_no_screen_and_no_file_format() -> None:
    names = [each.name for each in pkgutil.walk_packages(solvers.__path__, "solvers.")]
    assert "solvers.scene" in names
    loaded = _modules_after("\n".join(f"import {name}" for name in ["solvers", *names]))
    forbidden = {"torch", "ultralytics", "langchain_core", "langchain_openai", "langgraph"}
    forbidden |= {"textual", "typer", "rich", "pyarrow", "PIL", "httpx"}
    assert not loaded & forbidden


def test_the_agent_loads_no_screen() -> None:
    loaded = _modules_after("import agent; agent.run, agent.stream, agent.translate")
    assert not loaded & {"textual", "typer", "torch", "ultralytics"}


MODELS = frozenset({"torch", "ultralytics", "langchain_core", "langchain_openai", "langgraph", "z3"})
HEAVY = MODELS | {"textual", "rich", "pyarrow", "numpy", "shapely", "PIL", "lark"}


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_help_and_version_load_nothing_but_the_parser_of_arguments(arguments: list[str]) -> None:
    loaded = _modules_after(f"from tui.main import main; assert main({arguments!r}) == 0")
    assert {"tui", "typer"} <= loaded
    assert not loaded & (HEAVY | {"pydantic", "tools", "solvers", "agent"})


@pytest.mark.parametrize(
    ("arguments", "code"), [(["ask", "--help"], 0), (["index", "--help"], 0), (["rnk"], 2), (["rank", "f"], 2)]
)
def test_help_of_a_command_and_mistyped_ones_load_nothing_heavy(arguments: list[str], code: int) -> None:
    loaded = _modules_after(f"from tui.main import main; assert main({arguments!r}) == {code}")
    assert not loaded & HEAVY


def test_no_command_but_a_detecting_one_loads_torch(tmp_path: Path) -> None:
    labels = tmp_path / "scenes.json"
    labels.write_text(coco(), encoding="utf-8")
    indexing = ["index", "--labels", str(labels), "--archive", str(tmp_path / "archive")]
    asking = ["ask", "two ships", "--archive", str(tmp_path / "archive")]
    loaded = _modules_after(f"from tui.main import main; assert main({indexing!r}) == 0; assert main({asking!r}) == 0")
    assert not loaded & {"torch", "ultralytics", "textual"}


def test_validating_a_formula_loads_no_detector_and_no_agent() -> None:
    loaded = _modules_after("from tui.main import main; assert main(['validate', 'exists x. ship(x)']) == 0")
    assert not loaded & {"torch", "ultralytics", "langgraph", "langchain_openai", "textual"}
