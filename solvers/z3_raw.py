"""Z3 through its C functions: clauses of many literals at a microsecond each, one solver reused with push and pop.

A literal is a signed number, as in DIMACS: n for proposition n, -n for its negation, from 1 on. A wrong handle drops
an assertion without a word, so every solver first has to refute what is known to be false, and Z3's errors are heard.

The logic is QF_BV, of which only propositions and cardinalities are used: Z3 gives it the same SAT solver as QF_FD,
without the rewriting of finite domains that comes before.
"""

import ctypes
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from solvers.z3_library import ERROR_HANDLER, SolverFaultError, library

LiteralNumbers = npt.NDArray[np.int32]
Offsets = npt.NDArray[np.int64]

RESOURCES_PER_CHECK = 200_000
TIMEOUT_MS = 1_000
_FIRST_POOL = 1_024


class Answer(StrEnum):
    """What a check found; unknown where a limit came first."""

    SAT = "sat"
    UNSAT = "unsat"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class CheckLimits:
    """What one check may take: `resources` count steps of Z3 and repeat; `timeout_ms` is the last resort.

    A timer costs as much as a small check; where `timeout_ms` is None there is none.
    """

    resources: int = RESOURCES_PER_CHECK
    timeout_ms: int | None = TIMEOUT_MS

    def __post_init__(self) -> None:
        if self.resources < 1 or (self.timeout_ms is not None and self.timeout_ms < 1):
            raise ValueError(f"limits of a check are positive, not {self.resources} steps and {self.timeout_ms} ms")


@dataclass(frozen=True, slots=True)
class Clauses:
    """Disjunctions of literals, one after the other.

    Clause i is `literals[offsets[i] : offsets[i + 1]]`; an empty one is false.
    """

    literals: LiteralNumbers
    offsets: Offsets

    @classmethod
    def of(cls, clauses: Sequence[Sequence[int]]) -> "Clauses":
        """The same from lists of literals."""
        offsets = np.cumsum([0, *(len(clause) for clause in clauses)], dtype=np.int64)
        return cls(np.array([each for clause in clauses for each in clause], dtype=np.int32), offsets)

    @property
    def highest(self) -> int:
        """The number of the last proposition that is used; 0 where none is."""
        return int(np.abs(self.literals).max(initial=0))


class ClauseSolver:
    """One solver in a context of its own; one a process or thread, never shared."""

    def __init__(self, limits: CheckLimits = CheckLimits()) -> None:
        import z3

        self.limits = limits
        self._functions = library()
        self._context = z3.Context()
        self._solver = z3.SolverFor("QF_BV", ctx=self._context)
        self._solver.set("rlimit", limits.resources)
        if limits.timeout_ms is not None:
            self._solver.set("timeout", limits.timeout_ms)
        # Z3 would take control-C for itself, and leave a handler behind that wakes no waiting thread.
        self._solver.set("ctrl_c", False)
        self._context_handle = int(self._context.ref().value)
        self._solver_handle = int(self._solver.solver.value)
        self._errors: list[int] = []
        self._on_error = ERROR_HANDLER(lambda _context, code: self._errors.append(code))
        self._functions.set_error_handler(self._context_handle, self._on_error)
        self._handles = np.zeros(1, dtype=np.uint64)
        self._handle_list: list[int] = [0]
        self._grow(_FIRST_POOL)
        self._test_itself()

    @contextmanager
    def scope(self) -> Iterator[None]:
        """What is asserted within is forgotten at the end."""
        self._functions.push(self._context_handle, self._solver_handle)
        try:
            yield
        finally:
            self._functions.pop(self._context_handle, self._solver_handle, 1)

    def forget(self) -> None:
        """Begin anew, outside any scope: what a check costs then depends on nothing that was checked before."""
        self._functions.reset(self._context_handle, self._solver_handle)

    def add(self, clauses: Clauses) -> None:
        """Assert every clause."""
        arguments = self._of(clauses.literals)
        context, solver = self._context_handle, self._solver_handle
        disjunction, assertion = self._functions.mk_or, self._functions.assert_
        lengths = np.diff(clauses.offsets).tolist()
        places = (arguments.ctypes.data + arguments.itemsize * clauses.offsets[:-1]).tolist()
        for length, place in zip(lengths, places, strict=True):
            assertion(context, solver, disjunction(context, length, place))
        self._raise_errors()

    def add_few(self, clauses: Iterable[Sequence[int]]) -> None:
        """Assert a few clauses, given as literals; each literal's proposition is ready already (`reserve`)."""
        context, solver, handles = self._context_handle, self._solver_handle, self._handle_list
        disjunction, assertion = self._functions.mk_or, self._functions.assert_
        for clause in clauses:
            if len(clause) == 1:
                assertion(context, solver, handles[clause[0]])
            else:
                arguments = array("Q", [handles[literal] for literal in clause])
                assertion(context, solver, disjunction(context, len(arguments), arguments.buffer_info()[0]))
        self._raise_errors()

    def add_at_least(self, literals: Sequence[int] | LiteralNumbers, least: int) -> None:
        """Assert that at least so many of the literals are true."""
        self._add_cardinality(self._functions.mk_atleast, literals, least)

    def add_at_most(self, literals: Sequence[int] | LiteralNumbers, most: int) -> None:
        """Assert that at most so many of the literals are true."""
        self._add_cardinality(self._functions.mk_atmost, literals, most)

    def check(self, assumptions: Sequence[int] | LiteralNumbers = ()) -> Answer:
        """Whether all that is asserted can hold together with the assumed literals."""
        if len(assumptions):
            assumed = self._of(assumptions)
            self._raise_errors()
            found = self._functions.check(self._context_handle, self._solver_handle, len(assumed), assumed.ctypes.data)
        else:
            found = self._functions.check(self._context_handle, self._solver_handle, 0, 0)
        self._raise_errors()
        return _ANSWERS[found]

    def core(self, assumptions: Sequence[int]) -> tuple[int, ...]:
        """After an unsat check under these assumptions, the ones that fail together, in the order given."""
        handles = {int(each.as_ast().value) for each in self._solver.unsat_core()}
        of = self._of(assumptions).tolist()
        return tuple(literal for literal, handle in zip(assumptions, of, strict=True) if handle in handles)

    def true_in_model(self, propositions: Sequence[int]) -> tuple[int, ...]:
        """After a sat check, the propositions among these that its model makes true."""
        functions, context = self._functions, self._context_handle
        model = functions.get_model(context, self._solver_handle)
        if model is None:
            raise SolverFaultError("Z3 has no model to show")
        functions.model_inc_ref(context, model)
        value = ctypes.c_void_p()
        found: list[int] = []
        try:
            for number, handle in zip(propositions, self._of(propositions).tolist(), strict=True):
                functions.model_eval(context, model, handle, False, ctypes.byref(value))
                if functions.get_bool_value(context, value.value) == 1:
                    found.append(number)
        finally:
            functions.model_dec_ref(context, model)
        self._raise_errors()
        return tuple(found)

    def reserve(self, propositions: int) -> None:
        """Make so many propositions ready; it is done as needed, but costs time in the middle of a question."""
        if 2 * propositions + 1 > len(self._handles):
            self._grow(propositions)

    def _add_cardinality(
        self, make: Callable[[int, int, int, int], int | None], literals: Sequence[int] | LiteralNumbers, bound: int
    ) -> None:
        arguments = self._of(literals)
        formula = make(self._context_handle, len(arguments), arguments.ctypes.data, bound)
        self._functions.assert_(self._context_handle, self._solver_handle, formula)
        self._raise_errors()

    def _of(self, literals: Sequence[int] | LiteralNumbers) -> npt.NDArray[np.uint64]:
        """The handles of literals; negative numbers count from the end of the pool."""
        numbers = np.asarray(literals, dtype=np.int32)
        self.reserve(int(np.abs(numbers).max(initial=0)))
        if (numbers == 0).any():
            raise ValueError("0 is no literal")
        return self._handles[numbers]

    def _grow(self, propositions: int) -> None:
        """Make the pool hold at least so many propositions, at least twice as many as before."""
        before = (len(self._handles) - 1) // 2
        size = max(propositions, 2 * before)
        functions, context = self._functions, self._context_handle
        handles = np.zeros(2 * size + 1, dtype=np.uint64)
        handles[: before + 1] = self._handles[: before + 1]
        handles[len(handles) - before :] = self._handles[len(self._handles) - before :]
        sort = self._own(functions.mk_bool_sort(context))
        for number in range(before + 1, size + 1):
            positive = self._own(functions.mk_const(context, functions.mk_int_symbol(context, number), sort))
            handles[number] = positive
            handles[-number] = self._own(functions.mk_not(context, positive))
        self._handles, self._handle_list = handles, handles.tolist()
        self._raise_errors()

    def _own(self, handle: int | None) -> int:
        """Keep a handle alive as long as the context lives."""
        if handle is None:
            self._raise_errors()
            raise SolverFaultError("Z3 gave no handle for a term")
        self._functions.inc_ref(self._context_handle, handle)
        return handle

    def _raise_errors(self) -> None:
        if self._errors:
            codes = ", ".join(map(str, self._errors))
            self._errors.clear()
            raise SolverFaultError(f"Z3 refused a term or an assertion (its error codes: {codes})")

    def _test_itself(self) -> None:
        """Refute what is known to be false, through every way in; and find again what is true after it."""
        contradictory = Clauses.of([[1, 2], [1, -2], [-1, 2], [-1, -2]])
        found: list[Answer] = []
        with self.scope():
            self.add(contradictory)
            found.append(self.check())
        with self.scope():
            self.add(Clauses.of([[]]))
            found.append(self.check())
        for clauses in ([[1, 2], [-1], [-2]], [[3], []]):
            with self.scope():
                self.add_few(clauses)
                found.append(self.check())
        for add, bound in ((self.add_at_least, 2), (self.add_at_most, 0)):
            with self.scope():
                add([1, 2], bound)
                self.add(Clauses.of([[1], [-2]]))
                found.append(self.check())
        with self.scope():
            self.add(Clauses.of([[-1, -2], [3]]))
            found.append(self.check([1, 2, 3]))
            core = self.core([1, 2, 3])
            satisfied = self.check([1])
            model = self.true_in_model([1, 2, 3])
        passed = set(found) == {Answer.UNSAT} and core == (1, 2) and satisfied is Answer.SAT and model == (1, 3)
        if not passed or self.check() is not Answer.SAT:
            raise SolverFaultError("Z3 fails its self-test: what is known to be false does not come out as unsat")


_ANSWERS = {1: Answer.SAT, -1: Answer.UNSAT, 0: Answer.UNKNOWN}
