"""How a detector is loaded and asked; the public door is `tools.detector`."""
