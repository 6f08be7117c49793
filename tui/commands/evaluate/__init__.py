"""`rune eval`: how good retrieval is, and questions to measure it with."""

from tui.commands.evaluate.calibrate import CALIBRATE
from tui.commands.evaluate.make import MAKE
from tui.commands.evaluate.run import RUN
from tui.commands.evaluate.simulate import SIMULATE

EVALUATE = (RUN, MAKE, SIMULATE, CALIBRATE)
