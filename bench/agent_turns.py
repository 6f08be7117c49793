"""How long the agent's own work takes in a turn, the model's time left out: `python bench/agent_turns.py`.

A turn is one question, from the request to its result, without a ranking: prompts, graph, tool calls, events. The model
replays its answers at once (`agent.ScriptedModel`), so the time is the agent's. Checking a formula (parser and Z3) is
the tools' work: it is timed by itself on the same formulas, and shown beside. Prints medians and 95th percentiles in
milliseconds; ends with an error where the agent's own part of the median turn is above --limit.
"""

import argparse
import asyncio
import json
import statistics
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter

from agent import ScriptedModel, atranslate
from agent.scripted import Answer
from tools.results import RunResult
from tools.validate import validate_formula

GOOD = "exists x y. (plane(x) & storage_tank(y) & near(x, y))"
BAD = "exists x y. (plan(x) & storage_tank(y) & near(x, y))"
TURNS: dict[str, tuple[Sequence[Answer], Sequence[str]]] = {
    "a formula at once": ((ScriptedModel.formula(GOOD),), (GOOD,)),
    "a formula in the text": ((f"Here it is.\nformula: {GOOD}",), (GOOD,)),
    "one repair": ((ScriptedModel.formula(BAD), ScriptedModel.formula(GOOD)), (BAD, GOOD)),
    "a tool, then a formula": ((ScriptedModel.call("describe_ontology"), ScriptedModel.formula(GOOD)), (GOOD,)),
    "a refusal": ((ScriptedModel.refusal("red", "no detector here sees colours"),), ()),
}


def milliseconds(work: Callable[[], object]) -> float:
    """How long the work takes."""
    started = perf_counter()
    work()
    return (perf_counter() - started) * 1000


async def turns(answers: Sequence[Answer], repeats: int) -> list[float]:
    """So many turns, one after the other, each with a fresh model."""
    times: list[float] = []
    for _ in range(repeats):
        started = perf_counter()
        result: RunResult = await atranslate("a plane next to a storage tank", model=ScriptedModel.of(*answers))
        times.append((perf_counter() - started) * 1000)
        if result.status not in {"ok", "unrepairable"}:
            raise SystemExit(f"the turn ended with {result.status}: {result.error}")
    return times


def figures(answers: Sequence[Answer], formulas: Sequence[str], repeats: int) -> dict[str, float]:
    """The turn, the checking in it, and what is left."""
    asyncio.run(turns(answers, 3))  # the first turns import and compile
    whole = asyncio.run(turns(answers, repeats))
    checking = [
        sum(milliseconds(lambda each=each: validate_formula(each)) for each in formulas) for _ in range(repeats)
    ]
    turn, check = statistics.median(whole), statistics.median(checking) if formulas else 0.0
    return {
        "turn": turn,
        "turn_p95": statistics.quantiles(whole, n=20)[-1],
        "checking": check,
        "agent": turn - check,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=100, help="turns of each kind")
    parser.add_argument("--limit", type=float, default=30.0, help="milliseconds that the agent's own part may take")
    parser.add_argument("--out", type=Path, help="a file for the figures as JSON")
    options = parser.parse_args()
    measured = {name: figures(*turn, options.repeats) for name, turn in TURNS.items()}
    print("| turn | median | 95th percentile | checking formulas | the agent itself |\n|---|---|---|---|---|")
    for name, each in measured.items():
        print(
            f"| {name} | {each['turn']:.1f} ms | {each['turn_p95']:.1f} ms | {each['checking']:.1f} ms "
            f"| {each['agent']:.1f} ms |"
        )
    if options.out is not None:
        options.out.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")
    slow = [name for name, each in measured.items() if each["agent"] > options.limit]
    if slow:
        sys.exit(f"above {options.limit:g} ms: {', '.join(slow)}")


if __name__ == "__main__":
    main()
