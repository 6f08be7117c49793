"""JSON from outside: every value knows its place in the file, so that an error can name it."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, Self

from solvers.errors import InputError
from tools.readers.records import MAX_PIXELS, is_gsd
from tools.readers.text_file import decode_text, read_bytes


@dataclass(frozen=True, slots=True)
class JsonValue:
    """A value of a JSON file; the accessors raise InputError that says where it lies and what would be right."""

    file: str
    value: object
    parent: "JsonValue | None" = None
    key: str | int = ""

    @property
    def where(self) -> str:
        """The place in the file: annotations[17].bbox; empty for the whole."""
        if self.parent is None:
            return ""
        before = self.parent.where
        if isinstance(self.key, int):
            return f"{before}[{self.key}]"
        return f"{before}.{self.key}" if before else self.key

    def fail(self, message: str) -> NoReturn:
        """Raise an InputError about this value."""
        where = self.where
        raise InputError(f"{self.file}: {where}: {message}" if where else f"{self.file}: {message}")

    def get(self, key: str) -> Self | None:
        """The value of an object's key; None where the key is missing or null."""
        if not isinstance(self.value, dict):
            self.fail(f"this must be an object {{...}}, not {_short(self.value)}")
        found = self.value.get(key)
        return None if found is None else type(self)(self.file, found, self, key)

    def need(self, key: str) -> Self:
        """The value of an object's key, which must be there."""
        found = self.get(key)
        return found if found is not None else self.fail(f"{key!r} is missing")

    def items(self) -> list[Self]:
        """The values of a list."""
        if not isinstance(self.value, list):
            self.fail(f"this must be a list [...], not {_short(self.value)}")
        return [type(self)(self.file, each, self, number) for number, each in enumerate(self.value)]

    def entries(self) -> Iterator[tuple[str, Self]]:
        """The keys and values of an object."""
        if not isinstance(self.value, dict):
            self.fail(f"this must be an object {{...}}, not {_short(self.value)}")
        for key, each in self.value.items():
            yield key, type(self)(self.file, each, self, key)

    def text(self) -> str:
        """A text that is not blank."""
        text = self.string()
        if not text.strip():
            self.fail(f"this must be a text that is not blank, not {_short(self.value)}")
        return text

    def string(self) -> str:
        """Any text."""
        if not isinstance(self.value, str):
            self.fail(f"this must be a text, not {_short(self.value)}")
        try:
            self.value.encode()
        except UnicodeEncodeError:
            self.fail(f"this must be a text of whole characters, not {self.value!a}")
        return self.value

    def identifier(self) -> str | float:
        """A number or a text that names something within the file."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float | str):
            self.fail(f"this must be a number or a text, not {_short(self.value)}")
        return self.value

    def number(self) -> float:
        """A finite number."""
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.fail(f"this must be a number, not {_short(value)}")
        if isinstance(value, float) and not math.isfinite(value):
            self.fail(f"this must be a finite number, not {_short(value)}")
        try:
            return float(value)
        except OverflowError:
            self.fail("this must be a finite number, and it is too large for one")

    def numbers(self) -> list[float]:
        """A list of finite numbers."""
        return [each.number() for each in self.items()]

    def pixels(self) -> int:
        """A whole number of pixels that an image's side can have."""
        value = self.number()
        if not value.is_integer() or not 1 <= value <= MAX_PIXELS:
            self.fail(f"this must be a whole number of pixels, 1 or more, not {_short(self.value)}")
        return int(value)

    def gsd(self) -> float:
        """A ground sample distance in metres per pixel."""
        value = self.number()
        if not is_gsd(value):
            self.fail(f"a ground sample distance is a positive number of metres per pixel, not {_short(self.value)}")
        return value


def load_json(path: Path) -> JsonValue:
    """The whole of a JSON file; raises InputError with line and column where it is malformed."""
    return parse_json(read_bytes(path), str(path))


def parse_json(data: bytes, file: str) -> JsonValue:
    """The whole of a JSON file's bytes; raises InputError with line and column where they are malformed."""
    text = decode_text(data, file)
    try:
        return JsonValue(file, json.loads(text))
    except json.JSONDecodeError as error:
        raise InputError(f"{file}:{error.lineno}:{error.colno}: this is not JSON: {error.msg}") from error
    except RecursionError as error:
        raise InputError(f"{file}: this JSON is nested too deeply") from error
    except ValueError as error:
        raise InputError(f"{file}: this is not JSON that can be read: {error}") from error


def _short(value: object) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 60 else text[:57] + "..."
