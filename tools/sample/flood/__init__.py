"""Scenes after a flood, with FloodNet's classes as their truth."""

from tools.sample.flood.files import FloodFiles, write_flood_sample
from tools.sample.flood.scene import FloodScene, render_flood_scene

__all__ = ["FloodFiles", "FloodScene", "render_flood_scene", "write_flood_sample"]
