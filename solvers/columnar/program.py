"""A formula over many images at once: every block becomes semi-joins over domains, leaf after leaf of its join tree.

A variable that shares clauses with one other slot only is folded into that slot's words, which is exact; what remains
is a cycle or a relation of three, and is joined by backtracking. A conjunct that no kernel reads is left out where that
can only make the formula weaker: the answer is then an upper bound, and the images where it holds are open.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from solvers.chances import leaves_of
from solvers.columnar import kernels
from solvers.columnar.blocks import Prepared, Setting
from solvers.columnar.clauses import Clause, NotColumnarError, Unknowns, clause_of
from solvers.columnar.conditions import Conditions
from solvers.columnar.joining import Joins, Slot
from solvers.columnar.view import Domain, View
from solvers.evaluate import names_own_class
from solvers.fol.ast import (
    And,
    Comparator,
    Counted,
    Formula,
    Not,
    Or,
    Quantified,
    bound_variables,
    conjuncts_of,
    free_variables,
)
from solvers.literals import only_variable
from solvers.ontology import Ontology
from solvers.settings import RelationSettings
from solvers.tables import ALL_ONES, Words

SUREST = 4
"""How many entities a denied block is tried on before all: one that is nearly sure mostly decides."""

Denying = dict[Quantified | Counted, Domain]
"""Entities of denied blocks that make these hold at the threshold, in all images of a store."""

_OTHER_STOP = (kernels.STOP_NEVER, kernels.STOP_AT_MISS, kernels.STOP_AT_HIT)
"""What a block must stop at where its denial stops at this."""


@dataclass(frozen=True)
class Program:
    """Evaluates closed formulas in existential form over a view.

    `is_open` (b) marks the images that are left to the exact evaluator, `wanted` (b) those that matter. `relaxed` gets
    the conjuncts that were left out: where there are any, what holds is an upper bound.
    """

    view: View
    ontology: Ontology
    settings: RelationSettings
    unknowns: Unknowns
    is_open: kernels.Bytes
    wanted: kernels.Bytes
    relaxed: list[Formula] = field(default_factory=list)
    verdict_only: bool = False
    """Whether blocks may stop at the first entity that decides an image: what is known of the others is then wrong."""
    stop_at: int = kernels.STOP_NEVER
    hopeful: bool = False
    """Denied blocks look at a few entities only, others without an outer slot at all as if they were there: what holds
    is then an upper bound."""
    denying: Denying = field(default_factory=dict)
    """With `verdict_only` filled with what denied blocks find; if `hopeful` these entities are looked at first."""

    @classmethod
    def over(cls, view: View, ontology: Ontology, settings: RelationSettings, unknowns: Unknowns) -> "Program":
        """A program over all images of a view."""
        return cls(view, ontology, settings, unknowns, np.zeros(view.size, np.uint8), np.ones(view.size, np.uint8))

    @cached_property
    def conditions(self) -> Conditions:
        """What blocks ask of each of their variables."""
        return Conditions(self.view, self.ontology, self.settings, self.unknowns)

    @property
    def joins(self) -> Joins:
        """The joins of slots."""
        return Joins(self.view, self.settings, self.is_open, self.wanted, self.stop_at)

    def truth(self, formula: Formula, setting: Setting) -> Words:
        """In which worlds a closed formula holds, a row an image."""
        match formula:
            case Not(body):
                return ~self.truth(body, setting.flipped)
            case And(parts):
                return self._weakest(parts, setting, self.view.size, lambda part: self.truth(part, setting))
            case Or(parts):
                return joined_by_or([self.truth(part, setting) for part in parts])
            case Quantified() | Counted() if names_own_class(formula, self.unknowns.classes):
                return np.full((self.view.size, self.view.width), np.uint64(0) if setting.lower else ALL_ONES)
            case Quantified():
                return self._block(formula, None, setting)
            case Counted():
                return self._counted(formula, None, setting)
            case _:
                raise NotColumnarError

    def entities(self, formula: Formula, slot: Slot, setting: Setting) -> Words:
        """In which worlds a formula with no other free variable than the slot's holds, a row an entity of it.

        It is the caller's to write to, or cannot be written to.
        """
        domain = slot.domain
        if only_variable(formula) is not None:
            mask = self.conditions.mask(formula, domain, lower=setting.lower)
            return np.broadcast_to(np.where(mask, ALL_ONES, np.uint64(0))[:, None], (len(domain), self.view.width))
        if not free_variables(formula):
            return np.repeat(self.truth(formula, setting), np.diff(domain.offsets), axis=0)
        match formula:
            case Not(body):
                return _denied(replace(self, stop_at=_OTHER_STOP[self.stop_at]).entities(body, slot, setting.flipped))
            case And(parts):
                every = self.unstopped
                return self._weakest(parts, setting, len(domain), lambda part: every.entities(part, slot, setting))
            case Or(parts):
                return joined_by_or([self.unstopped.entities(part, slot, setting) for part in parts])
            case Quantified():
                return self._block(formula, slot, setting)
            case Counted():
                return self._counted(formula, slot, setting)
            case _:
                raise NotColumnarError

    def _weakest(
        self, parts: Sequence[Formula], setting: Setting, rows: int, evaluate: Callable[[Formula], Words]
    ) -> Words:
        """The conjunction, without what no kernel reads where that makes it weaker."""
        found = np.full((rows, self.view.width), ALL_ONES)
        for part in parts:
            try:
                found &= evaluate(part)
            except NotColumnarError:
                self._leave_out(part, setting)
        return found

    def _leave_out(self, part: Formula, setting: Setting) -> None:
        if not setting.positive:
            raise NotColumnarError
        self.relaxed.append(part)

    def prepared(self, formula: Quantified | Counted, outer: Slot | None, setting: Setting) -> Prepared:
        """A block's slots, conditioned on what speaks of each alone, and what holds between them."""
        inner = [Slot(each.name, self._there(formula, each.name, outer, setting)) for each in bound_variables(formula)]
        inside = self._where([*inner, *([] if outer is None else [outer])])
        any_will_do = isinstance(formula, Quantified)
        slots, clauses, aside = inside._bound(formula.body, inner, outer, setting, any_will_do=any_will_do)
        if self.verdict_only and outer is None and not setting.positive and len(slots) == 1 and not clauses:
            self.denying[formula] = next(iter(slots.values())).domain
        return Prepared(inside, slots, tuple(clauses), aside, None if outer is None else outer.name)

    def _there(self, formula: Quantified | Counted, name: str, outer: Slot | None, setting: Setting) -> Domain:
        """The entities of a block's variable with the worlds that they are in."""
        if self.hopeful and not setting.positive:
            domain = self._telling(formula, name, lower=setting.lower)
        else:
            domain = self.conditions.conditioned(formula, name, lower=setting.lower)
            if self.hopeful and outer is None:
                return domain
        known = self.view.with_known_worlds(domain, positive=setting.positive)
        domain = domain if known is None else known
        if (outer is not None and self.view.width > 1) or self.hopeful:
            domain = self._partners(formula, Slot(name, domain), outer, setting)
        return domain if known is not None else self.view.with_worlds(domain, positive=setting.positive)

    def _telling(self, formula: Quantified | Counted, name: str, *, lower: bool) -> Domain:
        """A few entities of a denied block: what it found at the threshold, where nothing the surest."""
        known = self.denying.get(formula)
        if known is None or self.view.images is None:
            return self.view.surest(self.conditions.conditioned(formula, name, lower=lower), SUREST)
        found = self.view.firsts(known)
        lacking = np.flatnonzero(found.offsets[1:] == found.offsets[:-1])
        part = self.view.part(lacking)
        few = part.surest(replace(self.conditions, view=part).conditioned(formula, name, lower=lower), SUREST)
        return self.view.united(found, self.view.of_part(lacking, few))

    def _partners(self, formula: Quantified | Counted, inner: Slot, outer: Slot | None, setting: Setting) -> Domain:
        """The entities of an only variable that go together with any of the outer slot, if all were there."""
        if outer is None or len(bound_variables(formula)) > 1 or len(outer.domain) > len(inner.domain):
            return inner.domain
        names = {inner.name, outer.name}
        between: list[Clause] = []
        for conjunct in conjuncts_of(formula.body):
            if free_variables(conjunct) == names:
                try:
                    clause = clause_of(conjunct, self.unknowns, lower=setting.lower)
                except NotColumnarError:
                    continue
                between.extend([] if clause is None else [clause])
        if not between:
            return inner.domain
        bare = replace(self.view, worlds=None)
        partner = Slot(outer.name, replace(outer.domain, words=bare.ones()))
        every = Slot(inner.name, replace(inner.domain, words=bare.ones()))
        joins = replace(self.joins.unstopped, view=bare)
        if self.hopeful:  # among many images most have none
            reached = joins.join([partner, every], between, by_image=False)
            has_any = joins.any_in(replace(outer.domain, words=reached))[:, 0] != 0
            joins = replace(joins, wanted=joins.wanted * has_any)
        found = joins.join([every, partner], between, by_image=False)
        return self.view.kept(inner.domain, found[:, 0] != 0)

    def _block(self, formula: Quantified, outer: Slot | None, setting: Setting) -> Words:
        """An existential block: a row an entity of the outer slot, or an image."""
        if self.hopeful and setting.positive and outer is None and self._speaks_of_classes_alone(formula):
            return self._possible(formula)
        prepared = self.prepared(formula, outer, setting)
        program = prepared.program if prepared.aside is not None else replace(prepared.program, stop_at=self.stop_at)
        found = program.joins.joined(prepared.slots, prepared.clauses, outer)
        return found if prepared.aside is None else found & prepared.aside

    def _speaks_of_classes_alone(self, formula: Quantified) -> bool:
        own = [variable.name for variable in bound_variables(formula)]
        return _speaks_of_each_alone(formula) and not any(self.conditions.literals(formula, name) for name in own)

    def _possible(self, formula: Quantified) -> Words:
        """Every world of the images that have the classes of a block's variables; those are known without a list."""
        held = np.ones(self.view.size, np.bool_)
        for variable in bound_variables(formula):
            chances = self.conditions.chance_by_class(formula, variable.name, 1)
            held &= (chances if self.view.images is None else chances[self.view.images]) > 0.0
        return np.where(held, ALL_ONES, np.uint64(0))[:, None]

    def _where(self, slots: Sequence[Slot]) -> "Program":
        """The program for the images where every slot has an entity: in the others the block holds of nothing."""
        wanted = self.wanted != 0
        for slot in slots:
            wanted &= slot.domain.offsets[1:] != slot.domain.offsets[:-1]
        return replace(self, wanted=wanted.astype(np.uint8), stop_at=kernels.STOP_NEVER)

    @property
    def unstopped(self) -> "Program":
        """The program that looks at every entity."""
        return replace(self, stop_at=kernels.STOP_NEVER)

    def _bound(
        self, body: Formula, inner: list[Slot], outer: Slot | None, setting: Setting, *, any_will_do: bool
    ) -> tuple[dict[str, Slot], list[Clause], Words | None]:
        """The slots with what speaks of one of them alone, the clauses between them, and what speaks of none inside."""
        slots = {slot.name: slot for slot in inner}
        outside = {} if outer is None else {outer.name: outer}
        clauses: list[Clause] = []
        aside: list[Words] = []
        nested: list[tuple[str, Formula]] = []
        for conjunct in conjuncts_of(body):
            names = free_variables(conjunct)
            try:
                if names <= outside.keys():
                    aside.append(
                        self.truth(conjunct, setting) if outer is None else self.entities(conjunct, outer, setting)
                    )
                elif len(names) > 1:
                    clause = clause_of(conjunct, self.unknowns, lower=setting.lower)
                    if clause is not None:
                        clauses.append(clause)
                elif only_variable(conjunct) is None:
                    nested.append((next(iter(names)), conjunct))
            except NotColumnarError:
                self._leave_out(conjunct, setting)
        nested.sort(key=lambda each: self._work(each[1]))
        for place, (name, conjunct) in enumerate(nested):
            alone = any_will_do and len(slots) == 1 and not outside and not aside
            slot, last = slots[name], alone and place == len(nested) - 1
            stop_at = kernels.STOP_AT_HIT if last and self.verdict_only else kernels.STOP_NEVER
            try:
                found = replace(self, stop_at=stop_at).entities(conjunct, slot, setting)
            except NotColumnarError:
                self._leave_out(conjunct, setting)
                continue
            words = found if slot.domain.always else slot.domain.spread_words() & found
            slots[name] = Slot(name, self.view.without_absent(replace(slot.domain, words=words)))
        return slots | outside, clauses, np.bitwise_and.reduce(aside) if aside else None

    def _work(self, conjunct: Formula) -> int:
        """About how much a conjunct costs: the entities of the classes that its own variables range over."""
        labels = leaves_of(conjunct, self.ontology)
        return sum(self.view.store.count_of(label) for label in labels)

    def _counted(self, formula: Counted, outer: Slot | None, setting: Setting) -> Words:
        match formula.comparator:
            case Comparator.GE:
                return self._at_least(formula, formula.count, outer, setting)
            case Comparator.LE:
                denied = replace(self, stop_at=_OTHER_STOP[self.stop_at])
                return ~denied._at_least(formula, formula.count + 1, outer, setting.flipped)
            case _:
                every = self.unstopped
                enough = every._at_least(formula, formula.count, outer, setting)
                return enough & ~every._at_least(formula, formula.count + 1, outer, setting.flipped)

    def _at_least(self, formula: Counted, least: int, outer: Slot | None, setting: Setting) -> Words:
        rows = self.view.size if outer is None else len(outer.domain)
        if least <= 0:
            return np.full((rows, self.view.width), ALL_ONES)
        name = formula.variable.name
        # What is denied is prepared instead, so that what denies it is remembered.
        if outer is None and self.view.worlds is None and setting.positive and _speaks_of_each_alone(formula):
            held = self.conditions.counts(formula, name, lower=setting.lower) >= least
            return np.where(held, ALL_ONES, np.uint64(0))[:, None]
        prepared = self.prepared(formula, outer, setting)
        domain, clauses, aside = prepared.slots[name].domain, prepared.clauses, prepared.aside
        if outer is None and not domain.stride and self.view.worlds is None:
            held = np.diff(domain.offsets) >= least if domain.words[:1].any() else np.zeros(rows, np.bool_)
            found = np.where(held, ALL_ONES, np.uint64(0))[:, None]
        else:
            stop_at = self.stop_at if aside is None else kernels.STOP_NEVER
            joins = replace(prepared.program.joins, stop_at=stop_at)
            found = joins.count(Slot(name, domain), least, clauses, outer)
        return found if aside is None else found & aside


def _speaks_of_each_alone(formula: Quantified | Counted) -> bool:
    """Whether nothing but literals of one of a block's own variables each is in it."""
    own = {variable.name for variable in bound_variables(formula)}
    return all(only_variable(conjunct) in own for conjunct in conjuncts_of(formula.body))


def _denied(words: Words) -> Words:
    """Where a statement fails, in the place of where it holds if that can be written to."""
    return np.invert(words, out=words) if words.flags.writeable else ~words


def joined_by_or(words: Sequence[Words]) -> Words:
    """Where any of some statements holds."""
    return np.asarray(np.bitwise_or.reduce(words), dtype=np.uint64)
