"""What ultralytics may not do behind RUNE's back, watched in processes of their own by Python's audit events."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.detect_weights import DETECTIONS, patchwork, write_weights

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def arguments(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A picture, and weights that find something in it."""
    folder = tmp_path_factory.mktemp("guard")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RUNE_HOME", str(folder / "home"))
        patchwork(1024, 512).save(folder / "patches.png")
        return [folder / "patches.png", write_weights(folder / "random.pt")]


WATCHED_RUN = """
    import json, os, sys

    network, programs, written = [], [], []

    def watch(event, arguments):
        if event.startswith("socket.") and event not in ("socket.__new__", "socket.gethostname"):
            network.append([event, str(arguments)])
        elif event in ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork"):
            programs.append([event, str(arguments)])
        elif event == "open" and (arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            written.append(str(arguments[0]))
        elif event == "os.mkdir":
            written.append(str(arguments[0]))

    sys.addaudithook(watch)
    from tools.detector import detect
    heavy = sorted({"torch", "ultralytics", "torchvision", "cv2"} & set(sys.modules))
    (found,) = detect([sys.argv[1]], weights=sys.argv[2])
    quiet = {"network": list(network), "programs": list(programs), "written": list(written)}

    # Had the guard not been there, this is what ultralytics does at import: the watch must see it.
    del os.environ["YOLO_OFFLINE"]
    from ultralytics.utils import SETTINGS, events, is_online
    is_online()
    report = quiet | {
        "heavy": heavy, "entities": len(found.entities), "sync": SETTINGS["sync"],
        "telemetry": events.events.enabled, "unguarded": [each[0] for each in network],
    }
    print(json.dumps(report), file=sys.stderr)
"""


def _run(code: str, arguments: list[Path], working: Path, settings: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Runs Python code in a process of its own, which sees none of the switches that this process set."""
    ours = ("YOLO_", "XDG_", "PYTEST", "MPLCONFIGDIR", "RUNE_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        cwd=working,
        env=inherited | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"} | settings,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_process_that_detects_keeps_to_itself(arguments: list[Path], tmp_path: Path) -> None:
    """No name resolved, no socket connected, no program started, no file outside RUNE_HOME, nothing on stdout."""
    home, working, ours = (tmp_path / name for name in ("user", "working", "ours"))
    home.mkdir()
    working.mkdir()
    settings = {"HOME": str(home), "RUNE_HOME": str(ours)}
    run = _run(WATCHED_RUN, arguments, working, settings)
    assert run.returncode == 0, run.stderr
    assert run.stdout == ""
    report = json.loads(run.stderr.splitlines()[-1])
    assert report["heavy"] == []
    assert report["entities"] >= DETECTIONS
    assert report["network"] == []
    assert report["programs"] == []
    assert [path for path in report["written"] if not Path(path).is_relative_to(ours) and path != os.devnull] == []
    assert (report["sync"], report["telemetry"]) == (False, False)
    assert "socket.getaddrinfo" in report["unguarded"]
    assert list(home.rglob("*")) == []
    assert list(working.rglob("*")) == []
    assert (ours / "cache" / "ultralytics").is_dir()


HOSTED_RUN = """
    import json, sys
    from pathlib import Path
    import ultralytics
    from ultralytics.utils import SETTINGS, checks, events

    settings = Path(SETTINGS.file).read_bytes()
    events.events.enabled = True
    print("from here on", flush=True)
    from tools.detector import detect
    (found,) = detect([sys.argv[1]], weights=sys.argv[2])
    report = {
        "entities": len(found.entities), "telemetry": events.events.enabled, "installs": checks.AUTOINSTALL,
        "settings_kept": Path(SETTINGS.file).read_bytes() == settings,
    }
    print(json.dumps(report), file=sys.stderr)
"""


def test_a_program_that_imported_ultralytics_itself_keeps_its_settings(arguments: list[Path], tmp_path: Path) -> None:
    settings = {"HOME": str(tmp_path), "RUNE_HOME": str(tmp_path / "ours"), "YOLO_OFFLINE": "1"}
    run = _run(HOSTED_RUN, arguments, tmp_path, settings)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split("from here on")[1].strip() == ""
    report = json.loads(run.stderr.splitlines()[-1])
    assert report.pop("entities") >= DETECTIONS
    assert report == {"telemetry": False, "installs": False, "settings_kept": True}
