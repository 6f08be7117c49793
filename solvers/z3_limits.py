"""How long Z3 may think of a question without a scene."""

from dataclasses import dataclass

import z3


@dataclass(frozen=True, slots=True)
class Z3Limits:
    """`resources` are Z3's own counts, which repeat; the time is the last resort behind them."""

    resources: int
    milliseconds: int = 10_000
    megabytes: int = 900

    @property
    def seconds(self) -> float:
        """When a process that works within them is stopped from outside, since Z3 did not stop by itself."""
        return 1.2 * self.milliseconds / 1_000

    def solver(self, context: z3.Context) -> z3.Solver:
        """A solver that keeps within them."""
        solver = z3.Solver(ctx=context)
        solver.set("rlimit", self.resources)
        solver.set("timeout", self.milliseconds)
        solver.set("max_memory", self.megabytes)
        # Z3 would take control-C for itself, and leave a handler behind that wakes no waiting thread.
        solver.set("ctrl_c", False)
        return solver


QUICK = Z3Limits(300_000)
"""What every formula is given: milliseconds for most, well under a second for any."""
PATIENT = Z3Limits(3_000_000)
"""What a formula is given that is still open after that, in a process of its own."""
