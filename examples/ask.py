"""Render the sample scenes, index them with their true boxes, and ask them from Python.

Run `python examples/ask.py [FOLDER]`; the folder (default: sample) keeps scenes, archive and pictures.
"""

import sys
from pathlib import Path

from agent import run
from tools import check_image, export
from tools.sample_archive import sample_archive

QUESTION = "at least three planes near a storage tank"


def main(folder: Path) -> None:
    """Ask one question and explain the best and the last image."""
    archive = sample_archive(folder).archive
    result = run(QUESTION, archive=archive, top_k=0)
    print(f"{QUESTION}\n  {result.formula}")
    for image in result.results[:3]:
        print(f"  {image.rank}. {image.image_id}: {image.verdict}, score {image.score:.3f}, {image.witness}")
    last = result.results[-1]
    check = check_image(result.formula or "", archive=archive, image_id=last.image_id)
    print(f"  {last.image_id} is not there because of {[each.clause for each in check.why_not]}")
    print(f"  written: {export(result, folder / 'answer.geojson')}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "sample"))
