"""The three values of an answer."""

from enum import StrEnum


class Verdict(StrEnum):
    """Whether a scene satisfies a formula; unknown is an answer of its own, never a kind of no."""

    SAT = "sat"
    UNSAT = "unsat"
    UNKNOWN = "unknown"
