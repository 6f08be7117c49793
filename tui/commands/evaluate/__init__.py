"""`rune eval`: how good retrieval is, and questions to measure it with."""

from tui.commands.evaluate.make import MAKE

EVALUATE = (MAKE,)
