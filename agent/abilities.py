"""What a model server can do beyond plain answers, found out by what it refuses."""

import re
from dataclasses import dataclass, fields, replace

# In the order in which a refusal that names several is taken: the first that was asked for is left out.
_WORDS = {
    "log_probabilities": re.compile(r"logprobs|log.?prob", re.IGNORECASE),
    "usage": re.compile(r"stream_options|include_usage", re.IGNORECASE),
    "structure": re.compile(r"response_format|json_schema|guided|grammar", re.IGNORECASE),
    "temperature": re.compile(r"\btemperature\b", re.IGNORECASE),
    "tools": re.compile(r"\btools?\b|\btool[ _-]|function.?call", re.IGNORECASE),
    "stream": re.compile(r"\bstream(ing)?\b", re.IGNORECASE),
}
ANSWER_SCHEMA = {
    "type": "json_schema",
    "json_schema": {
        "name": "translation",
        "strict": True,
        "schema": {
            "type": "object",
            "properties": {"formula": {"type": ["string", "null"]}, "cannot": {"type": ["string", "null"]}},
            "required": ["formula", "cannot"],
            "additionalProperties": False,
        },
    },
}


@dataclass(frozen=True, slots=True)
class Abilities:
    """What is asked of a server: all that it has not yet been found to refuse.

    `structure` is an answer held to a schema, which is asked for only where there are no tools.
    """

    tools: bool = True
    structure: bool = True
    temperature: bool = True
    usage: bool = True
    log_probabilities: bool = True
    stream: bool = True

    def without(self, refused: str, *, spoke_in_calls: bool) -> "Abilities | None":
        """The abilities less the one that a refusal speaks of, None where it speaks of none that was asked for.

        A conversation that holds tool calls cannot go on without them.
        """
        for name, words in _WORDS.items():
            if not getattr(self, name) or (name == "tools" and spoke_in_calls) or (name == "structure" and self.tools):
                continue
            if words.search(refused):
                return replace(self, **{name: False})
        return None

    def and_also(self, other: "Abilities") -> "Abilities":
        """What neither of two has been found to lack."""
        return Abilities(**{each.name: getattr(self, each.name) and getattr(other, each.name) for each in fields(self)})
