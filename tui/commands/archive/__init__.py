"""`rune archive`: what an archive holds, whether it is sound, and tidying it up."""

from tui.commands.archive.compact import COMPACT
from tui.commands.archive.info import INFO
from tui.commands.archive.verify import VERIFY

ARCHIVE = (INFO, VERIFY, COMPACT)
