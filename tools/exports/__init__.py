"""How results become features on the ground or in pixels, and files of them; the public door is `tools.exporting`."""
