"""What the documentation says is what the code does."""

import importlib.util
import re
import shlex
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

from tests.archive_support import simple_scene, write
from tests.conftest import REPOSITORY
from tools.ontologies import load_ontology
from tui.main import main


def script(path: Path) -> ModuleType:
    """A script of the repository that is in no package."""
    specification = importlib.util.spec_from_file_location(path.stem, path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_generated_pages_are_up_to_date() -> None:
    for path, text in script(REPOSITORY / "docs" / "generate.py").generated().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name} is stale: run python docs/generate.py"


def test_links_lead_to_files() -> None:
    for page in (*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
            if not target.startswith("http"):
                assert (page.parent / target).exists(), f"{page.name} links to {target}"


def readme_commands() -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", (REPOSITORY / "README.md").read_text(encoding="utf-8"), flags=re.S)
    joined = "".join(blocks).replace("\\\n", " ")
    return [line for line in joined.splitlines() if line.startswith(("rune ", "echo "))]


def test_the_readmes_commands_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the README's order, in an empty folder; what needs a model server or weights is not run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUNE_HOME", str(tmp_path / "home"))
    ran = 0
    for command in readme_commands():
        if "--model openai" in command or "photos" in command:
            continue
        if command.startswith("echo "):
            subprocess.run(["sh", "-c", command], check=True)
            continue
        code = main(shlex.split(command, comments=True)[1:])
        answer = capsys.readouterr()
        assert code == (5 if "# exit code 5" in command else 0), (command, answer.err)
        ran += 1
    assert ran >= 6
    script(REPOSITORY / "examples" / "ask.py").main(Path("sample"))
    assert "S0004: sat" in capsys.readouterr().out
    assert Path("sample/answer.geojson").is_file()


def test_the_example_ontology_is_one() -> None:
    ontology = load_ontology(str(REPOSITORY / "examples" / "own_ontology.toml"))
    assert ontology.leaves_of["panel"] == {"fixed_panel", "tracking_panel"}


def test_the_archives_examples_for_other_tools_count_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    duckdb = pytest.importorskip("duckdb")
    monkeypatch.chdir(tmp_path)
    planes = {"a": 3, "b": 5, "c": 2}
    scenes = [simple_scene(name, ["plane"] * count + ["ship"]) for name, count in planes.items()]
    write(tmp_path / "my-archive", scenes, batch=1, finish=False)
    page = (REPOSITORY / "docs" / "archive.md").read_text(encoding="utf-8")
    (query,) = re.findall(r"```sql\n(.*?)```", page, flags=re.S)
    assert duckdb.sql(query).fetchall() == [("b", 5), ("a", 3)]
    (example,) = re.findall(r"```python\n(.*?)```", page, flags=re.S)
    exec(example, {})
    assert capsys.readouterr().out == "3\n"
