"""Make the pictures of the documentation, from scenes that RUNE renders itself: `python docs/pictures.py`."""

import tempfile
from pathlib import Path

from PIL import Image

from agent import run
from tools.flood_archive import flood_archive
from tui.overlays import save_overlays

DOCS = Path(__file__).parent
SIDE = 420
SHOWN = (
    ("F0003", "a dry road that touches a flooded road"),
    ("F0011", "a flooded building with no dry road within 60 m"),
)


def main() -> None:
    """Draw two answers side by side."""
    pictures = []
    with tempfile.TemporaryDirectory() as folder:
        archive = flood_archive(Path(folder)).archive
        for image_id, question in SHOWN:
            results = [each for each in run(question, archive=archive, top_k=0).results if each.image_id == image_id]
            (file,) = save_overlays(results, Path(folder) / "overlays", question)
            with Image.open(file) as drawn:
                pictures.append(drawn.convert("RGB").resize((SIDE, round(SIDE * drawn.height / drawn.width))))
    both = Image.new("RGB", (sum(each.width for each in pictures), pictures[0].height))
    for number, each in enumerate(pictures):
        both.paste(each, (SIDE * number, 0))
    both.quantize(256, dither=Image.Dither.FLOYDSTEINBERG).save(DOCS / "post-flood.png", optimize=True)


if __name__ == "__main__":
    main()
