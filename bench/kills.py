"""Indexing killed at random moments: what was committed is there, all is readable, and the same command goes on.

Run `python bench/kills.py --kills 200`. Every run indexes annotations of which some have changed, appeared and gone,
in a process that is killed (SIGKILL) at a random time, or right before a random write to the file system. After each
kill the archive is read and verified as a whole; after the last one a run that is left alone must give the very bytes
of a fresh archive. Prints one JSON object, and ends with exit code 1 where anything was lost.
"""

import argparse
import functools
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy  # noqa: F401  (what every process needs is loaded once, before any is made)
import pyarrow.parquet  # noqa: F401

import tools.index
from solvers.scene import Scene
from tools.archive import Archive, ArchiveWriter, ImageKey, StoredImage
from tools.archive.compact import compact_archive
from tools.archive.verify import verify_archive

BATCH = 7
IMAGES_PER_PART = 32
State = dict[str, int]
"""The version of every image that is there, by its stem."""


class ReportingWriter(ArchiveWriter):
    """A writer that says after each commit, through a pipe, which version of which image is committed."""

    pipe = -1
    known: State = {}  # noqa: RUF012  (set once, in a process of its own)

    def put(self, image: StoredImage) -> None:
        """Note the version, then put."""
        self._pending()[image.scene.image_id] = version_of(image.scene)
        super().put(image)

    def drop(self, key: ImageKey) -> None:
        """Note that it is gone, then drop."""
        self._pending()[Path(key.name).stem] = 0
        super().drop(key)

    def commit(self) -> None:
        """Commit, then report."""
        super().commit()
        self.known.update(self._pending())
        self._pending().clear()
        os.write(self.pipe, json.dumps(self.known).encode() + b"\n")

    def _pending(self) -> State:
        pending: State = self.__dict__.setdefault("pending", {})
        return pending


def version_of(scene: Scene) -> int:
    """The version that an image's one object tells."""
    return int(scene.entities[0].polygon[0][0])


@dataclass
class Sources:
    """A folder of annotations whose files come, change and go."""

    folder: Path
    chance: random.Random
    count: int
    versions: State = field(default_factory=dict)

    @property
    def labels(self) -> Path:
        """Where the txt files are."""
        return self.folder / "labels"

    def change(self) -> None:
        """Change about a fifth of the files, and have some come or go."""
        self.labels.mkdir(exist_ok=True)
        for number in range(self.count):
            stem, before = f"P{number:04d}", self.versions.get(f"P{number:04d}", 0)
            if before > 0 and self.chance.random() < 0.05:
                (self.labels / f"{stem}.txt").unlink()
                self.versions[stem] = -abs(before)
            elif before <= 0 or self.chance.random() < 0.2:
                version = abs(before) + 1
                (self.labels / f"{stem}.txt").write_text(f"{version} 1 99 1 99 9 {version} 9 ship 0\n")
                self.versions[stem] = version
        size = {"width": 100, "height": 100}
        (self.folder / "sizes.json").write_text(json.dumps({f"P{number:04d}": size for number in range(self.count)}))

    def index(self, archive: Path) -> None:
        """Bring an archive up to date."""
        tools.index.index_images(archive=archive, labels=self.labels, sizes=self.folder / "sizes.json")


def in_a_process(work: Callable[[int], None], kill_after: float | None = None) -> tuple[bool, bytes]:
    """Do work, given a pipe to write to, in a process of its own; whether it was killed, and what it wrote."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        code = 1
        try:
            os.close(reading)
            work(writing)
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(process, signal.SIGKILL)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(process, 0)
    was_killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    if not was_killed and os.WEXITSTATUS(status) != 0:
        raise RuntimeError("a run failed by itself")
    return was_killed, said


def indexing(sources: Sources, archive: Path, known: State, die_at: int | None, pipe: int) -> None:
    """Index in small batches and parts; die right before the `die_at`-th write."""
    ReportingWriter.pipe, ReportingWriter.known = pipe, dict(known)
    tools.index.BATCH_IMAGES = BATCH
    tools.index.ArchiveWriter = functools.partial(  # type: ignore[misc, assignment]
        ReportingWriter, images_per_part=IMAGES_PER_PART
    )
    if die_at is not None:
        count_down(die_at)
    sources.index(archive)


def compacting(archive: Path) -> None:
    """Have the layout that `rune archive compact` makes."""
    compact_archive(archive)


def count_down(die_at: int) -> None:
    """Die right before the so many-th call that changes the file system."""
    left = [die_at]

    def deadly(call: Callable[..., object]) -> Callable[..., object]:
        def dying(*arguments: object, **options: object) -> object:
            left[0] -= 1
            if left[0] <= 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*arguments, **options)

        return dying

    for name in ("fsync", "replace", "unlink", "mkdir", "rmdir"):
        setattr(os, name, deadly(getattr(os, name)))


def archived(archive: Path, pipe: int) -> None:
    """Write the state of an archive, or what is wrong with it."""
    problems: list[str] = []
    state: State = {}
    if (archive / "manifest.json").exists():
        problems = [f"{each.file}: {each.problem}" for each in verify_archive(archive).problems]
        state = {scene.image_id: version_of(scene) for scene in Archive.open(archive).scenes()}
    os.write(pipe, json.dumps([state, problems]).encode())


def lost(state: State, reported: State, now: State) -> list[str]:
    """What is not as it was committed: of each image the committed version, or the one that the sources have now."""
    found = []
    for stem in sorted(state.keys() | reported.keys()):
        committed, wanted = reported.get(stem, 0), max(now.get(stem, 0), 0)
        if state.get(stem, 0) not in {committed, wanted}:
            found.append(f"{stem}: version {state.get(stem, 0)}, neither {committed} nor {wanted}")
    return found


def run(kills: int, images: int, seed: int, folder: Path) -> dict[str, object]:
    """Kill so many runs; what came of it."""
    chance = random.Random(seed)
    sources, archive = Sources(folder, chance, images), folder / "archive"
    known: State = {}
    faults: list[str] = []
    done, runs, at_a_write, commits = 0, 0, 0, 0
    sources.change()
    started = time.monotonic()
    in_a_process(lambda pipe: indexing(sources, folder / "first", {}, None, pipe))
    whole_s = time.monotonic() - started
    while done < kills:
        if runs:
            sources.change()
        runs += 1
        die_at = chance.randrange(1, 12 * images // BATCH) if chance.random() < 0.5 else None
        work = functools.partial(indexing, sources, archive, known, die_at)
        was_killed, said = in_a_process(work, None if die_at else chance.uniform(0.0, 1.1 * whole_s))
        reports = [line for line in said.split(b"\n")[:-1] if line]
        commits += len(reports)
        reported = {stem: version for stem, version in json.loads(reports[-1]).items() if version} if reports else known
        done += was_killed
        at_a_write += was_killed and die_at is not None
        _, answer = in_a_process(lambda pipe: archived(archive, pipe))
        state, problems = json.loads(answer)
        faults += [f"after run {runs}: {each}" for each in (*problems, *lost(state, reported, sources.versions))]
        known = state
        if chance.random() < 0.1 and state:
            in_a_process(lambda _: compacting(archive))
    in_a_process(lambda pipe: indexing(sources, archive, known, None, pipe))
    in_a_process(lambda pipe: indexing(sources, folder / "fresh", {}, None, pipe))
    if files_of(archive) != files_of(folder / "fresh"):
        faults.append("the archive in the end is not what a fresh one is")
    return {
        "kills": done,
        "kills_before_a_write": at_a_write,
        "runs": runs,
        "commits": commits,
        "images": images,
        "seconds": round(time.monotonic() - started, 1),
        "faults": faults,
    }


def files_of(root: Path) -> dict[str, bytes]:
    """Every file of an archive with its bytes."""
    return {str(file.relative_to(root)): file.read_bytes() for file in root.rglob("*") if file.is_file()}


def main() -> int:
    """Read the arguments, and kill."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--images", type=int, default=120)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = run(arguments.kills, arguments.images, arguments.seed, Path(folder))
    sys.stdout.write(json.dumps(found, indent=1) + "\n")
    return 1 if found["faults"] else 0


if __name__ == "__main__":
    sys.exit(main())
