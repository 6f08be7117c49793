"""A session in a few words, as a list of sessions has it."""

from tools.results import Model


class SessionSummary(Model):
    """One session; `updated` is when its last turn ended, in ISO 8601, UTC."""

    name: str
    turns: int
    updated: str
    archive: str
    formula: str | None
    reading: str | None
