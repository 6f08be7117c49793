"""The commands of `rune`, in the order in which they are used."""

from tui.answers import run_failed
from tui.command import Command
from tui.commands.archive import ARCHIVE
from tui.commands.ask import ASK
from tui.commands.batch import BATCH
from tui.commands.chat import CHAT
from tui.commands.check import CHECK
from tui.commands.demo import DEMO
from tui.commands.evaluate import EVALUATE
from tui.commands.index import INDEX
from tui.commands.rank import RANK
from tui.commands.sessions import SESSIONS
from tui.commands.translate import TRANSLATE
from tui.commands.validate import VALIDATE

GROUPS = {"archive": "See to an archive on disk", "eval": "Measure how good retrieval is"}
"""The names under which several commands stand, with the short help of each."""

DEFAULTS = {"eval": "run"}
"""What a group means where none of its commands is named."""

COMMANDS = (INDEX, ASK, RANK, CHECK, VALIDATE, TRANSLATE, BATCH, SESSIONS, CHAT, *ARCHIVE, *EVALUATE, DEMO)

UNKNOWN = Command(name="", summary="", body=ASK.body, failed=run_failed, examples=())
