"""A formula over many images at once: every block becomes semi-joins over domains, leaf after leaf of its join tree.

A variable that shares clauses with one other slot only is folded into that slot's words, which is exact; what remains
is a cycle or a relation of three, and is joined by backtracking. A conjunct that no kernel reads is left out where that
can only make the formula weaker: the answer is then an upper bound, and the images where it holds are open.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from solvers.chances import leaves_allowed, leaves_of
from solvers.columnar import chance_loops, kernels, selecting
from solvers.columnar import clauses as joining
from solvers.columnar.clauses import Clause, Extreme, NotColumnarError, Unknowns
from solvers.columnar.codes import Column
from solvers.columnar.kernels import Ids
from solvers.columnar.masks import Masks
from solvers.columnar.predicates import limits_of
from solvers.columnar.view import Domain, View, kept, surest, without_absent
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
    subformulas,
)
from solvers.geometry import Booleans, Floats
from solvers.literals import only_variable
from solvers.ontology import Ontology
from solvers.settings import RelationSettings
from solvers.tables import ALL_ONES, Words

MOST_STEPS = 2_000_000
"""How many pairs of entities one image may cost in one join; beyond that it is open."""


_OTHER_STOP = (kernels.STOP_NEVER, kernels.STOP_AT_MISS, kernels.STOP_AT_HIT)
"""What a block must stop at where its denial stops at this."""


@dataclass(frozen=True, slots=True)
class Setting:
    """`lower`: unknown literals are false, else true; `positive`: under an even number of negations."""

    lower: bool
    positive: bool = True

    @property
    def flipped(self) -> "Setting":
        """What holds under one more negation."""
        return Setting(not self.lower, not self.positive)


@dataclass(frozen=True, slots=True)
class Slot:
    """One variable of a block and the entities that it may stand for."""

    name: str
    domain: Domain


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
    most_denied: int | None = None
    """Blocks that are denied look at so many of the surest entities only: what holds is then an upper bound."""

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

    def conditioned(self, formula: Quantified | Counted, name: str, *, lower: bool) -> Domain:
        """The entities that the literals of one of a block's variables alone leave it, always there."""
        domain = self.view.entities(leaves_allowed(formula.body, name, self.ontology))
        for literal in self.literals(formula, name):
            domain = kept(domain, self._mask(literal, domain, lower=lower))
        return domain

    def chance_by_class(self, formula: Quantified | Counted, name: str, least: int) -> Floats:
        """The chance that a variable finds at least so many entities of its classes, in every image of the store."""
        store, leaves = self.view.store, leaves_allowed(formula.body, name, self.ontology)
        if least <= 0:
            return np.ones(len(store.images))
        if least == 1:
            return store.chance_of_any(leaves, self.view.thresholds)
        return store.chance_of_enough(leaves, self.view.thresholds, least)

    def chance_of(self, formula: Quantified | Counted, name: str, least: int, *, lower: bool) -> Floats:
        """The chance that a variable finds at least so many of its conditioned entities, one value an image."""
        if least <= 0:
            return np.ones(self.view.size)
        domain, confidence = self.conditioned(formula, name, lower=lower), self.view.store.confidence
        found = np.zeros(self.view.size)
        if least == 1:
            chance_loops.chances(domain.ids, domain.offsets, confidence, found)
            return 1.0 - found
        chance_loops.chances_of_enough(domain.ids, domain.offsets, confidence, least, found)
        return found

    def _mask(self, literal: Formula, domain: Domain, *, lower: bool) -> Booleans:
        return Masks(self.view, self.ontology, self.settings, self.unknowns).mask(literal, domain, lower=lower)

    def relevant(self, formulas: Sequence[Formula]) -> list[Domain]:
        """The entities that any quantifier of some formulas ranges over; equal domains once."""
        found: dict[tuple[frozenset[str], frozenset[str]], Domain] = {}
        for formula in (each for part in formulas for each in subformulas(part)):
            if isinstance(formula, Quantified | Counted):
                for variable in bound_variables(formula):
                    leaves = leaves_allowed(formula.body, variable.name, self.ontology)
                    literals = self.literals(formula, variable.name)
                    key = (leaves, frozenset(joining.without_names(each) for each in literals))
                    if key not in found:
                        found[key] = self.conditioned(formula, variable.name, lower=False)
        return list(found.values())

    def literals(self, formula: Quantified | Counted, name: str) -> list[Formula]:
        """A variable's own literals beside its classes."""
        own = (each for each in conjuncts_of(formula.body) if only_variable(each) == name)
        return [each for each in own if not joining.is_class(each, self.ontology)]

    def entities(self, formula: Formula, slot: Slot, setting: Setting) -> Words:
        """In which worlds a formula with no other free variable than the slot's holds, a row an entity of it."""
        domain = slot.domain
        if only_variable(formula) is not None:
            mask = self._mask(formula, domain, lower=setting.lower)
            return np.broadcast_to(np.where(mask, ALL_ONES, np.uint64(0))[:, None], (len(domain), self.view.width))
        if not free_variables(formula):
            return np.repeat(self.truth(formula, setting), np.diff(domain.offsets), axis=0)
        match formula:
            case Not(body):
                return ~replace(self, stop_at=_OTHER_STOP[self.stop_at]).entities(body, slot, setting.flipped)
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

    def prepared(self, formula: Quantified | Counted, outer: Slot | None, setting: Setting) -> "Prepared":
        """A block's slots, conditioned on what speaks of each alone, and what holds between them."""
        inner = [
            Slot(
                each.name,
                self.view.with_worlds(self._conditioned(formula, each.name, setting), positive=setting.positive),
            )
            for each in bound_variables(formula)
        ]
        inside = self._where([*inner, *([] if outer is None else [outer])])
        any_will_do = isinstance(formula, Quantified)
        slots, clauses, aside = inside._bound(formula.body, inner, outer, setting, any_will_do=any_will_do)
        return Prepared(inside, slots, tuple(clauses), aside, None if outer is None else outer.name)

    def _conditioned(self, formula: Quantified | Counted, name: str, setting: Setting) -> Domain:
        domain = self.conditioned(formula, name, lower=setting.lower)
        if self.most_denied is None or setting.positive:
            return domain
        return surest(domain, self.most_denied, self.view.store.confidence)

    def _block(self, formula: Quantified, outer: Slot | None, setting: Setting) -> Words:
        """An existential block: a row an entity of the outer slot, or an image."""
        prepared = self.prepared(formula, outer, setting)
        program = prepared.program if prepared.aside is not None else replace(prepared.program, stop_at=self.stop_at)
        found = program.joined(prepared.slots, prepared.clauses, outer)
        return found if prepared.aside is None else found & prepared.aside

    def _where(self, slots: Sequence[Slot]) -> "Program":
        """The program for the images where every slot has an entity: in the others the block holds of nothing."""
        wanted = self.wanted != 0
        for slot in slots:
            wanted = wanted & (np.diff(slot.domain.offsets) > 0)
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
                    clause = joining.clause_of(conjunct, self.unknowns, lower=setting.lower)
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
            words = slot.domain.spread_words() & found
            slots[name] = Slot(name, without_absent(replace(slot.domain, words=words)))
        return slots | outside, clauses, np.bitwise_and.reduce(aside) if aside else None

    def _work(self, conjunct: Formula) -> int:
        """About how much a conjunct costs: the entities of the classes that its own variables range over."""
        labels = leaves_of(conjunct, self.ontology)
        return sum(self.view.store.count_of(label) for label in labels)

    def joined(self, slots: Mapping[str, Slot], clauses: Sequence[Clause], outer: Slot | None) -> Words:
        """Fold the leaves of the join tree, then join what is left: a row an entity of the outer slot, or an image."""
        waiting, left = list(clauses), dict(slots)
        whole: list[Words] = []
        while len(left) > 1:
            fold = joining.next_fold(left.keys(), waiting, None if outer is None else outer.name, self._sizes(left))
            if fold is None:
                break
            leaf, into = fold
            if into is None:
                whole.append(self._any(left.pop(leaf).domain))
                continue
            if len(left) == 2 and outer is None:
                break
            between = [clause for clause in waiting if leaf in clause.names]
            waiting = [clause for clause in waiting if leaf not in clause.names]
            last = len(left) == 2 and not whole
            program = self if last else self.unstopped
            words = program.join([left[into], left.pop(leaf)], between, by_image=False)
            left[into] = Slot(into, replace(left[into].domain, words=words))
        order = joining.binding_order(left.keys(), waiting, None if outer is None else outer.name, self._sizes(left))
        if len(order) > 1:
            program = self.unstopped if whole else self
            found = program.join([left[name] for name in order], waiting, by_image=outer is None)
        else:
            found = self._any(left[order[0]].domain) if outer is None else left[order[0]].domain.spread_words()
        for words in whole:
            found = found & (words if outer is None else np.repeat(words, np.diff(outer.domain.offsets), axis=0))
        return found

    def _sizes(self, slots: dict[str, Slot]) -> dict[str, int]:
        return {name: len(slot.domain) for name, slot in slots.items()}

    def _any(self, domain: Domain) -> Words:
        """In which worlds an image has any entity of a domain."""
        if not domain.stride and self.view.worlds is None:
            held = np.diff(domain.offsets) > 0 if domain.words[:1].any() else np.zeros(self.view.size, np.bool_)
            return np.where(held, ALL_ONES, np.uint64(0))[:, None]
        found = np.zeros((self.view.size, self.view.width), np.uint64)
        selecting.any_of(domain.offsets, np.ascontiguousarray(domain.spread_words()), found)
        return found

    def join(self, slots: Sequence[Slot], clauses: Sequence[Clause], *, by_image: bool) -> Words:
        """For each entity of the first slot, or each image, whether the others can be chosen."""
        root, *others = (slot.domain for slot in slots)
        self.need(clauses, slots)
        extreme = joining.extreme_of(clauses, slots[1].name) if len(others) == 1 else None
        always = all(not domain.stride and domain.words[:1].all() for domain in (root, *others))
        if extreme is not None and always and self.view.width == 1 and not by_image:
            return self._exceeded(extreme, root, others[0])
        found = np.zeros((self.view.size if by_image else len(root), self.view.width), np.uint64)
        offsets = np.stack([root.offsets, *(domain.offsets for domain in others)])
        lengths = [0, 0, *(len(domain) for domain in others[:-1])]
        rows = [0, 0, *(len(domain.words) for domain in others[:-1])]
        ids = others[0].ids if len(others) == 1 else np.concatenate([domain.ids for domain in others])
        words = others[0].words if len(others) == 1 else np.concatenate([domain.words for domain in others])
        base, word_base = np.cumsum(lengths), np.cumsum(rows)
        strides = np.array([0, *(domain.stride for domain in others)], np.int64)
        arrays = joining.arrays_of(clauses, [slot.name for slot in slots], self.settings)
        if extreme is not None:
            order = self._most_likely_first(extreme, others[0])
            ids, words = ids[order], words[order] if others[0].stride else words
        ground, geometry = self.view.ground, self.view.store.geometry
        limits = limits_of(self.settings)

        def join(first: int, last: int) -> None:
            kernels.join(
                first, last, by_image, root.ids, root.words, root.stride, ids, base, offsets, words, word_base,
                strides, arrays, ground, geometry, limits, MOST_STEPS, self.stop_at, self.wanted,
                kernels.scratch(len(slots), self.view.width),
                found, self.is_open,
            )  # fmt: skip

        self.view.run(join, np.sum([domain.offsets for domain in (root, *others)], axis=0))
        return found

    def _column(self, column: Column) -> Floats:
        geometry = self.view.store.geometry
        columns = {Column.AREA: geometry.area, Column.LENGTH: geometry.length, Column.WIDTH: geometry.width}
        return columns[column] if column in columns else geometry.centroid[:, int(column) - int(Column.CX)]

    def _exceeded(self, extreme: Extreme, root: Domain, leaf: Domain) -> Words:
        """The comparison decided by each image's extreme alone, where all entities are always there."""
        found = np.zeros((len(root), 1), np.uint64)
        selecting.exceeded(
            root.ids, root.offsets, self._column(extreme.root_column), leaf.ids, leaf.offsets,
            self._column(extreme.column), extreme.sign, extreme.strict, extreme.apart, self.wanted, found,
        )  # fmt: skip
        return found

    def _most_likely_first(self, extreme: Extreme, leaf: Domain) -> Ids:
        """The leaf's entities with each image's extreme one ahead."""
        order = np.arange(len(leaf), dtype=np.int32)
        selecting.lead_with_greatest(order, leaf.ids, leaf.offsets, self._column(extreme.column), extreme.sign)
        return order

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
        prepared = self.prepared(formula, outer, setting)
        domain, clauses, aside = prepared.slots[name].domain, prepared.clauses, prepared.aside
        if outer is None and not domain.stride and self.view.worlds is None:
            held = np.diff(domain.offsets) >= least if domain.words[:1].any() else np.zeros(rows, np.bool_)
            found = np.where(held, ALL_ONES, np.uint64(0))[:, None]
        else:
            stop_at = self.stop_at if aside is None else kernels.STOP_NEVER
            found = prepared.program.count(Slot(name, domain), least, clauses, outer, stop_at)
        return found if aside is None else found & aside

    def count(
        self, slot: Slot, least: int, clauses: Sequence[Clause], outer: Slot | None, stop_at: int = kernels.STOP_NEVER
    ) -> Words:
        """For each entity of the outer slot, or each image, whether so many of a slot's entities can be chosen."""
        size, domain = self.view.size, slot.domain
        per_image = Domain(np.zeros(size, np.int32), np.arange(size + 1), self.view.ones(), frozenset())
        parents = per_image if outer is None else outer.domain
        found = np.zeros((len(parents), self.view.width), np.uint64)
        self.need(clauses, [slot] if outer is None else [outer, slot])
        arrays = joining.arrays_of(clauses, ["" if outer is None else outer.name, slot.name], self.settings)
        ground, geometry = self.view.ground, self.view.store.geometry
        limits = limits_of(self.settings)

        def planes() -> Words:
            return np.zeros((least.bit_length(), self.view.width), np.uint64)

        def count(first: int, last: int) -> None:
            kernels.count(
                first, last, least, parents.ids, parents.offsets, parents.words, parents.stride, domain.ids,
                domain.offsets, domain.words, domain.stride, arrays, ground, geometry, limits, planes(), stop_at,
                self.wanted,
                kernels.scratch(2, self.view.width), found, self.is_open,
            )  # fmt: skip

        self.view.run(count, domain.offsets + parents.offsets)
        return found

    def need(self, clauses: Sequence[Clause], slots: Sequence[Slot]) -> None:
        """Have the columns that the clauses look at."""
        if joining.need_rectangles(clauses):
            self.view.store.need_rectangles(frozenset().union(*(slot.domain.leaves for slot in slots)))


@dataclass(frozen=True, slots=True)
class Prepared:
    """A block made ready: its slots by name, the outer one among them.

    `aside` is what speaks of none of its own variables: a row an entity of the outer slot, or an image.
    """

    program: Program
    slots: Mapping[str, Slot]
    clauses: tuple[Clause, ...]
    aside: Words | None
    outer: str | None


def joined_by_or(words: Sequence[Words]) -> Words:
    """Where any of some statements holds."""
    return np.asarray(np.bitwise_or.reduce(words), dtype=np.uint64)
