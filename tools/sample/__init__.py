"""A small seeded renderer of aerial scenes with true oriented boxes: RUNE's embedded sample archive."""

from tools.sample.files import SampleFiles, label_text, sample_scenes, write_sample
from tools.sample.places.recipes import LABELS, RECIPES
from tools.sample.scene import RenderedScene, render_scene

__all__ = [
    "LABELS",
    "RECIPES",
    "RenderedScene",
    "SampleFiles",
    "label_text",
    "render_scene",
    "sample_scenes",
    "write_sample",
]
