"""The C functions of Z3 that are used, on plain integers as handles.

They are the ones that the z3 package itself has loaded: a second copy of the library would not know its handles.
"""

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from solvers.errors import RuneError


class SolverFaultError(RuneError):
    """Z3 did not do what it was told: an error of its own, or a self-test that failed."""


ERROR_HANDLER = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_uint)


@dataclass(frozen=True, slots=True)
class Library:
    """The functions by what they do; `None` in place of a handle says that there is none."""

    mk_or: Callable[[int, int, int], int | None]
    mk_not: Callable[[int, int], int | None]
    mk_atleast: Callable[[int, int, int, int], int | None]
    mk_atmost: Callable[[int, int, int, int], int | None]
    mk_bool_sort: Callable[[int], int | None]
    mk_int_symbol: Callable[[int, int], int]
    mk_const: Callable[[int, int, int], int | None]
    inc_ref: Callable[[int, int], None]
    assert_: Callable[[int, int, int | None], None]
    reset: Callable[[int, int], None]
    push: Callable[[int, int], None]
    pop: Callable[[int, int, int], None]
    check: Callable[[int, int, int, int], int]
    get_model: Callable[[int, int], int | None]
    model_inc_ref: Callable[[int, int], None]
    model_dec_ref: Callable[[int, int], None]
    model_eval: Callable[[int, int, int, bool, object], bool]
    get_bool_value: Callable[[int, int | None], int]
    set_error_handler: Callable[[int, Callable[[int, int], None]], None]


@cache
def library() -> Library:
    """The functions, found when first needed; raises SolverFaultError where one is missing."""
    handle, count, integer, flag = ctypes.c_void_p, ctypes.c_uint, ctypes.c_int, ctypes.c_bool
    # The short ones keep the interpreter's lock: to give it up and take it again would cost more than the work.
    quick, long = ctypes.PYFUNCTYPE, ctypes.CFUNCTYPE
    return Library(
        mk_or=quick(handle, handle, count, handle)(_address("Z3_mk_or")),
        mk_not=quick(handle, handle, handle)(_address("Z3_mk_not")),
        mk_atleast=quick(handle, handle, count, handle, count)(_address("Z3_mk_atleast")),
        mk_atmost=quick(handle, handle, count, handle, count)(_address("Z3_mk_atmost")),
        mk_bool_sort=quick(handle, handle)(_address("Z3_mk_bool_sort")),
        mk_int_symbol=quick(handle, handle, integer)(_address("Z3_mk_int_symbol")),
        mk_const=quick(handle, handle, handle, handle)(_address("Z3_mk_const")),
        inc_ref=quick(None, handle, handle)(_address("Z3_inc_ref")),
        assert_=quick(None, handle, handle, handle)(_address("Z3_solver_assert")),
        reset=quick(None, handle, handle)(_address("Z3_solver_reset")),
        push=quick(None, handle, handle)(_address("Z3_solver_push")),
        pop=quick(None, handle, handle, count)(_address("Z3_solver_pop")),
        check=long(integer, handle, handle, count, handle)(_address("Z3_solver_check_assumptions")),
        get_model=quick(handle, handle, handle)(_address("Z3_solver_get_model")),
        model_inc_ref=quick(None, handle, handle)(_address("Z3_model_inc_ref")),
        model_dec_ref=quick(None, handle, handle)(_address("Z3_model_dec_ref")),
        model_eval=quick(flag, handle, handle, handle, flag, handle)(_address("Z3_model_eval")),
        get_bool_value=quick(integer, handle, handle)(_address("Z3_get_bool_value")),
        set_error_handler=quick(None, handle, ERROR_HANDLER)(_address("Z3_set_error_handler")),
    )


def _address(name: str) -> int:
    """Where the z3 package has loaded a function: its wrappers hold the function as their last default."""
    from z3 import z3core

    wrapper = getattr(z3core, name)
    found = ctypes.cast(wrapper.__defaults__[-1].f, ctypes.c_void_p).value
    if found is None:
        raise SolverFaultError(f"this version of the z3 package has no {name}")
    return found
