"""How much of real English the offline translator reads: shares per ontology, unread words, and the time it takes.

    python bench/translation.py [--queries FILE] [--ontology NAME ...] [--top N]

FILE has one expression a line (default: ../shared/data/queries/rsvg_train.txt). An expression is translated when its
formula passes validation, rejected by name when every problem names the words at its place; the command ends with
exit code 1 where one is neither.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from agent.offline import Translation, translate_english
from agent.offline.screening import REFUSED
from solvers.ontology import Ontology
from tools.ontologies import load_ontology
from tools.validate import validate_formula

QUERIES = Path(__file__).resolve().parents[1] / ".." / "shared" / "data" / "queries" / "rsvg_train.txt"
ONTOLOGIES = ("dior", "dota", "floodnet")


@dataclass
class Tally:
    """What became of the expressions of one ontology; times in milliseconds of the processor."""

    translated: int = 0
    named: int = 0
    failed: list[str] = field(default_factory=list)
    in_reach: int = 0
    in_reach_translated: int = 0
    unread: Counter[str] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)

    @property
    def total(self) -> int:
        """All expressions."""
        return self.translated + self.named + len(self.failed)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; 1 where an expression is neither translated nor rejected by name, 2 without expressions."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--queries", type=Path, default=QUERIES, help="a text file, one expression a line")
    parser.add_argument("--ontology", action="append", help=f"may be given again; default: {', '.join(ONTOLOGIES)}")
    parser.add_argument("--top", type=int, default=15, help="how many of the unread words to show")
    options = parser.parse_args(arguments)
    try:
        lines = options.queries.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        print(f"the expressions cannot be read: {error}", file=sys.stderr)
        return 2
    expressions = list(dict.fromkeys(line.strip() for line in lines if line.strip()))
    if not expressions:
        print(f"there is no expression in {options.queries}", file=sys.stderr)
        return 2
    print(f"{len(expressions):,} distinct expressions")
    tallies = [_report(name, expressions, options.top) for name in options.ontology or ONTOLOGIES]
    return 1 if any(tally.failed for tally in tallies) else 0


def tally(expressions: Iterable[str], ontology: Ontology) -> Tally:
    """Translate every expression, and sort it by what became of it.

    In reach are those whose problems, if any, lie in the grammar: no noun is outside the ontology, and no word is one
    that no detector can check (a colour, a bare size, an amount).
    """
    counts = Tally()
    for expression in expressions:
        start = time.process_time()
        translation = translate_english(expression, ontology)
        counts.times.append((time.process_time() - start) * 1e3)
        if translation.formula is not None and validate_formula(translation.formula, ontology).ok:
            counts.translated += 1
            counts.in_reach += 1
            counts.in_reach_translated += 1
        elif translation.formula is None and _all_named(expression, translation):
            counts.named += 1
            counts.unread.update(problem.word.lower() for problem in translation.problems)
            counts.in_reach += not any(_out_of_reach(problem.word, problem.message) for problem in translation.problems)
        else:
            counts.failed.append(expression)
    return counts


def _all_named(expression: str, translation: Translation) -> bool:
    return bool(translation.problems) and all(
        problem.word and problem.word == expression[problem.start : problem.end] for problem in translation.problems
    )


def _out_of_reach(word: str, message: str) -> bool:
    return "neither a class" in message or word.lower() in REFUSED


def _report(name: str, expressions: Sequence[str], top: int) -> Tally:
    counts = tally(expressions, load_ontology(name))
    ordered = sorted(counts.times)
    print(f"\n{name}")
    print(f"  translated         {_share(counts.translated, counts.total)}")
    print(f"  rejected by name   {_share(counts.named, counts.total)}")
    print(f"  neither            {_share(len(counts.failed), counts.total)}")
    print(f"  translated of those with known words only   {_share(counts.in_reach_translated, counts.in_reach)}")
    median, nearly_all = ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100]
    times = f"{median:.1f} ms (median), {nearly_all:.1f} ms (99 %), {ordered[-1]:.1f} ms (slowest)"
    print(f"  a translation takes {times} of processor time")
    print("  unread most often: " + ", ".join(f"{word} {count}" for word, count in counts.unread.most_common(top)))
    for expression in counts.failed[:top]:
        print(f"  neither: {expression}")
    return counts


def _share(part: int, whole: int) -> str:
    return f"{part:6,} of {whole:,} ({part / whole:.1%})" if whole else f"{part:6,}"


if __name__ == "__main__":
    sys.exit(main())
