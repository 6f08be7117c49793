"""The agent's translation as an evaluation asks for it: one question after the other, each a formula or why not."""

from agent.api import ModelOptions, translate
from solvers.errors import ProviderError
from solvers.ontology import Ontology
from tools.evaluation.translation import Translated


class AgentTranslator:
    """Translates by a model, with validation and repair as in `ask`; `options` are those of `agent.translate`."""

    def __init__(self, ontology: Ontology, options: ModelOptions) -> None:
        self._ontology = ontology
        self._options = options
        model = options.get("model", "offline")
        self.name = model if isinstance(model, str) else type(model).__name__

    def translate(self, english: str) -> Translated:
        """The formula of a question; raises ProviderError where the model's server fails, since that is no figure."""
        result = translate(english, ontology=self._ontology, **self._options)
        if result.status == "provider_error":
            raise ProviderError(result.error or "the model gave no usable answer")
        if result.formula is not None:
            return Translated(result.formula)
        said = [each.message for attempt in result.attempts[-1:] for each in attempt.diagnostics]
        return Translated(None, result.error or (said[0] if said else result.status))
