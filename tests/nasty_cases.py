"""Bad servers and bad models, one case each: what they do, what the agent does, and what the run ends with.

The table in docs/agent.md is made of these cases: `python -m tests.nasty_cases` writes it, and a test compares.
"""

from pathlib import Path

from tests.nasty_common import Case
from tests.nasty_models import MODELS
from tests.nasty_servers import SERVERS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "agent.md"
BEGIN, END = "<!-- cases: begin -->", "<!-- cases: end -->"
EXIT_CODES = {"ok": 0, "provider_error": 3, "limit": 4, "unrepairable": 5}
CASES: tuple[Case, ...] = (*SERVERS, *MODELS)


def table() -> str:
    """The cases as documentation."""
    lines: list[str] = []
    for title, cases in (("The server", SERVERS), ("The model", MODELS)):
        lines += [
            "",
            f"### {title}",
            "",
            "| what comes | what the agent does | status | exit code |",
            "|---|---|---|---|",
        ]
        lines += [f"| {each.name} | {each.does} | `{each.status}` | {EXIT_CODES[each.status]} |" for each in cases]
    return "\n".join([*lines, ""])


def page(text: str) -> str:
    """The documentation with the table that follows from the cases."""
    head, _, rest = text.partition(BEGIN)
    return f"{head}{BEGIN}\n{table()}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
