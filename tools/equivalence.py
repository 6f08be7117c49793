"""Whether two formulas mean the same: yes with Z3's proof, no with a scene that tells them apart, or unknown."""

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from solvers.fol.analysis import analyse
from solvers.ontology import Ontology
from tools.ontologies import load_ontology
from tools.results import EntityModel, Model, VerdictName

if TYPE_CHECKING:
    from solvers.equivalence import EquivalenceAnswer
    from solvers.telling_scene import TellingScene


class CounterExample(Model):
    """A scene that gives two formulas different verdicts: `width` and `height` in pixels, `gsd` in metres per pixel.

    `transform`, where given, leads from pixels to the ground as (a, b, c, d, e, f); all classes are known.
    """

    width: int
    height: int
    gsd: float | None
    transform: tuple[float, float, float, float, float, float] | None
    entities: list[EntityModel]
    first: VerdictName
    second: VerdictName


class EquivalenceResult(Model):
    """Whether two formulas get the same verdict in every scene, and what shows it.

    Of `yes`, `axioms` are those of the relations that Z3's proof uses; of `no`, `counter_example` is a scene.
    """

    answer: Literal["yes", "no", "unknown"]
    reason: str
    axioms: list[str] = Field(default_factory=list)
    counter_example: CounterExample | None = None


def equivalent(phi: str, psi: str, ontology: str | Ontology = "dota") -> EquivalenceResult:
    """Whether two formulas hold in exactly the same scenes, under the axioms of the relations.

    Raises FormulaError for an invalid formula.
    """
    answer = _answer(phi, psi, ontology)
    return EquivalenceResult(
        answer=answer.answer.value,
        reason=answer.reason,
        axioms=list(answer.axioms),
        counter_example=None if answer.scene is None else _counter_example(answer.scene),
    )


def are_equivalent(first: str, second: str, ontology: str | Ontology = "dota") -> bool | None:
    """True where it is proved, False where a scene tells them apart, None where neither is known.

    Raises FormulaError for an invalid formula.
    """
    return {"yes": True, "no": False, "unknown": None}[_answer(first, second, ontology).answer.value]


def _answer(first: str, second: str, ontology: str | Ontology) -> "EquivalenceAnswer":
    from solvers.equivalence import equivalent as decide

    known = ontology if isinstance(ontology, Ontology) else load_ontology(ontology)
    return decide(analyse(first, known).require(), analyse(second, known).require(), known)


def _counter_example(telling: "TellingScene") -> CounterExample:
    scene = telling.scene
    return CounterExample(
        width=scene.width,
        height=scene.height,
        gsd=scene.gsd,
        transform=None if scene.georeference is None else scene.georeference.transform,
        entities=[
            EntityModel(index=each.index, label=each.label, confidence=each.confidence, polygon=list(each.polygon))
            for each in scene.entities
        ],
        first=telling.first.value,
        second=telling.second.value,
    )
