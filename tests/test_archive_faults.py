"""Kills, full disks, locks that do not lock, control-C: what was committed is there, and the same call goes on."""

import errno
import json
import os
import resource
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from solvers.errors import InputError, RuneError
from tests.archive_support import DOTA, files_of, simple_scene, stored, write
from tests.cli_support import ROOT, Rune, caller
from tests.test_index import changes, label, sizes
from tools import index
from tools.archive import Archive, ArchiveWriter, lock
from tools.archive.part import Part
from tools.archive.verify import verify_archive
from tools.index import index_images
from tools.progress import Progress


@pytest.fixture
def rune(capfd: pytest.CaptureFixture[str]) -> Rune:
    return caller(capfd)


def test_runs_that_are_killed_at_any_moment_lose_nothing() -> None:
    """Ten kills; `python bench/kills.py` does 200."""
    done = subprocess.run(
        [sys.executable, "bench/kills.py", "--kills", "10", "--images", "40", "--seed", "3"],
        cwd=ROOT,
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    found = json.loads(done.stdout)
    assert (found["kills"], found["faults"]) == (10, [])
    assert found["kills_before_a_write"] >= 2


CALLS = ("fsync", "replace", "mkdir")


def _unsynced(descriptor: int) -> None:
    """Nothing: that bytes reach the disk is not what is tested."""


@contextmanager
def failing_from(number: int, code: int, *, once: bool) -> Iterator[list[int]]:
    """The file system fails at the `number`-th change to it, and from then on or only once."""
    made = [0]

    def failing(call: Callable[..., object]) -> Callable[..., object]:
        def may_fail(*arguments: object, **options: object) -> object:
            made[0] += 1
            if made[0] == number or (made[0] > number and not once):
                raise OSError(code, os.strerror(code))
            return call(*arguments, **options)

        return may_fail

    with pytest.MonkeyPatch.context() as patch:
        for name in CALLS:
            patch.setattr(os, name, failing(_unsynced if name == "fsync" else getattr(os, name)))
        yield made


@pytest.mark.parametrize("once", [True, False])
def test_a_disk_that_fails_at_any_write_costs_nothing_that_was_committed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, once: bool
) -> None:
    monkeypatch.setattr(index, "BATCH_IMAGES", 4)
    stems = [f"P{number}" for number in range(8)]
    labels, run = tmp_path / "labels", {"labels": tmp_path / "labels", "sizes": sizes(tmp_path, stems)}
    for stem in stems[:4]:
        label(labels / f"{stem}.txt", "ship")
    index_images(archive=tmp_path / "old", **run)
    for stem in stems[2:]:
        label(labels / f"{stem}.txt", "plane", "ship")
    index_images(archive=tmp_path / "new", **run)
    old, new = files_of(tmp_path / "old"), files_of(tmp_path / "new")
    before = {scene.image_id: scene for scene in Archive.open(tmp_path / "old").scenes()}
    after = {scene.image_id: scene for scene in Archive.open(tmp_path / "new").scenes()}
    number, failed = 0, 0
    while True:
        number += 1
        archive = tmp_path / f"a{number}"
        for name, data in old.items():
            (archive / name).parent.mkdir(parents=True, exist_ok=True)
            (archive / name).write_bytes(data)
        with failing_from(number, errno.ENOSPC, once=once) as made:
            try:
                index_images(archive=archive, **run)
            except RuneError as error:
                failed += 1
                message = "No space left on device; what was committed is kept, and the same command goes on from there"
                assert message in str(error)
        if made[0] < number:
            break
        verified = verify_archive(archive)
        assert (verified.problems, verified.leftovers) == ([], [])
        assert not list(archive.rglob(".tmp-*"))
        for image_id, scene in ((each.image_id, each) for each in Archive.open(archive).scenes()):
            assert scene in {before.get(image_id), after[image_id]}
        assert set(before) <= set(Archive.open(archive).image_ids)
        index_images(archive=archive, **run)
        assert files_of(archive) == new
    assert failed >= 20 if not once else failed >= 15


def test_a_real_limit_on_files_ends_a_first_run_in_order(tmp_path: Path) -> None:
    label(tmp_path / "labels" / "P1.txt", *["ship"] * 200)
    arguments = ["index", "--labels", tmp_path / "labels", "--sizes", sizes(tmp_path, ["P1"])]
    command = [sys.executable, "-m", "tui", *map(str, arguments), "--archive", str(tmp_path / "a")]
    script = (
        "import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000)); "
        f"sys.argv = {command[2:]!r}; runpy.run_module('tui', run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=False)
    said = done.stderr.decode()
    assert done.returncode == 1, said
    assert f"the archive {tmp_path / 'a'} cannot be written: File too large; what was committed is kept" in said
    assert "Traceback" not in said
    assert not (tmp_path / "a").exists()
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 3000


def test_control_c_keeps_what_is_done_and_says_how_to_go_on(
    tmp_path: Path, rune: Rune, monkeypatch: pytest.MonkeyPatch
) -> None:
    stems = [f"P{number:02d}" for number in range(20)]
    for stem in stems:
        label(tmp_path / "labels" / f"{stem}.txt", "ship")
    arguments = ("--labels", tmp_path / "labels", "--sizes", sizes(tmp_path, stems), "--archive", tmp_path / "a")
    original = index._Run._scene
    seen: list[str] = []

    def interrupted(self: index._Run, *given: object) -> object:
        seen.append("scene")
        if len(seen) == 8:
            raise KeyboardInterrupt
        return original(self, *given)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(index._Run, "_scene", interrupted)
        outcome = rune("index", *arguments)
    assert outcome.code == 130
    assert f"what is indexed is kept in {tmp_path / 'a'}; the same command goes on from there" in outcome.err
    assert Archive.open(tmp_path / "a").image_ids == tuple(stems[:7])
    again = rune("index", *arguments, "--output", "json")
    assert (again.code, again.json["added"], again.json["unchanged"]) == (0, 13, 7)


def interrupted_after(call: Callable[..., object], number: int, made: list[int]) -> Callable[..., object]:
    """The call, after whose `number`-th time control-C comes; `made` grows by one each time."""

    def counted(*arguments: object) -> object:
        made.append(1)
        answer = call(*arguments)
        if len(made) == number:
            raise KeyboardInterrupt
        return answer

    return counted


@pytest.mark.parametrize(("home", "call"), [(os, "fsync"), (os, "replace"), (Part, "indexed_images")])
def test_an_interrupted_commit_can_be_made_again(
    tmp_path: Path, home: object, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever was reached: images stand in the archive once, whether the commit's rename was before or after."""
    monkeypatch.setattr(os, "fsync", _unsynced)
    given = [stored(simple_scene("P2", ["harbor"]), "new"), stored(simple_scene("P3"))]
    fresh = write(tmp_path / "fresh", [simple_scene("P1")])
    with ArchiveWriter(fresh, DOTA) as writer:
        for each in given:
            writer.put(each)
        writer.finish()
    for number in range(1, 20):
        root = write(tmp_path / f"{call}{number}", [simple_scene("P1"), simple_scene("P2")])
        with ArchiveWriter(root, DOTA) as writer:
            for each in given:
                writer.put(each)
            made: list[int] = []
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(home, call, interrupted_after(getattr(home, call), number, made))
                try:
                    writer.finish()
                except KeyboardInterrupt:
                    writer.commit()
            writer.finish()
        assert verify_archive(root).problems == []
        assert files_of(root) == files_of(fresh)
        if len(made) < number:
            assert number > 2
            return
    raise AssertionError("a commit takes fewer calls than that")


@pytest.fixture
def lockless(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system that knows no locks."""

    def refuse(descriptor: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(lock, "lock_file", refuse)


@pytest.mark.usefixtures("lockless")
def test_without_file_locks_a_named_one_keeps_others_out(tmp_path: Path) -> None:
    root = write(tmp_path / "a", [simple_scene("P1")])
    held = root / ".lock.held"
    assert not held.exists()
    with ArchiveWriter(root, DOTA):
        with pytest.raises(InputError, match=f"is being written by process {os.getpid()} on .*, remove {held}"):
            ArchiveWriter(root, DOTA)
        assert held.exists()
    assert not held.exists()
    assert Archive.open(write(root, [simple_scene("P2")])).image_ids == ("P1", "P2")


@pytest.mark.usefixtures("lockless")
def test_a_killed_holder_of_a_named_lock_blocks_nobody_on_its_machine(tmp_path: Path) -> None:
    root = write(tmp_path / "a", [simple_scene("P1")])
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    held = root / ".lock.held"
    held.write_text(json.dumps([socket.gethostname(), dead.pid, "token"]))
    assert Archive.open(write(root, [simple_scene("P2")])).image_ids == ("P1", "P2")
    assert not held.exists()
    for content in (json.dumps(["elsewhere", dead.pid, "token"]), "", "[1, 2]", "[" * 1000):
        held.write_text(content)
        with pytest.raises(InputError, match=r"is being written by .*if no such run is alive, remove"):
            ArchiveWriter(root, DOTA)
        assert held.read_text() == content


def test_a_lock_that_fails_for_another_reason_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(descriptor: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(lock, "lock_file", broken)
    with pytest.raises(RuneError, match="cannot be written: Input/output error"):
        ArchiveWriter(tmp_path / "a", DOTA)


def test_failures_are_counted_on_the_way(tmp_path: Path) -> None:
    images = tmp_path / "images"
    images.mkdir()
    for number in range(4):
        (images / f"P{number}.png").write_bytes(b"" if number % 2 else b"no image")
    label(tmp_path / "labels" / "P0.txt", "ship")
    told: list[Progress] = []
    report = index_images([images], archive=tmp_path / "a", labels=tmp_path / "labels", progress=told.append)
    assert (len(report.rejected), told[-1].failed) == (4, 4)
    assert changes(report) == (0, 0, 0, 0)
