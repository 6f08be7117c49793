"""The settings of the chat: one typed tree, read once from one TOML file."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType

from solvers.errors import InputError
from tools.nearest import did_you_mean
from tui.chat import themes

IMAGES = ("auto", "kitty", "sixel", "halfblocks", "off")


def _setting(sentence: str) -> Mapping[str, str]:
    return MappingProxyType({"sentence": sentence})


@dataclass(frozen=True, slots=True)
class Settings:
    """What the file may say; every field carries a sentence for the documentation."""

    theme: str = field(default=themes.DARK, metadata=_setting(f"The colours: {', '.join(themes.NAMES)}."))
    images: str = field(
        default="auto", metadata=_setting(f"How pictures are drawn: {', '.join(IMAGES)}; auto goes by the terminal.")
    )
    archive: str = field(default="", metadata=_setting("The archive that is opened where none is named."))
    model: str = field(default="offline", metadata=_setting("The model: offline, or openai:NAME."))
    base_url: str = field(default="", metadata=_setting("The server of the model, where it is not OpenAI's."))
    candidates: int = field(default=1, metadata=_setting("How many formulas the model writes for a question."))
    threshold: float = field(default=0.25, metadata=_setting("The confidence from which a detection counts."))
    top_k: int = field(default=10, metadata=_setting("How many images are shown, 0 for all."))
    keys: Mapping[str, str] = field(
        default_factory=dict, metadata=_setting('A table of keys by the name of the action: `help = "f1,ctrl+h"`.')
    )

    def __post_init__(self) -> None:
        _check_choice("theme", self.theme, themes.NAMES)
        _check_choice("images", self.images, IMAGES)
        if not 0 < self.threshold <= 1:
            raise InputError(f"threshold is {self.threshold}; it is a confidence above 0 and at most 1")
        if not 1 <= self.candidates <= 64:
            raise InputError(f"candidates is {self.candidates}; it may be 1 to 64")
        if self.top_k < 0:
            raise InputError(f"top_k is {self.top_k}; it is a number of images, 0 for all")


def read_settings(file: Path, actions: tuple[str, ...]) -> Settings:
    """The settings in a file; the defaults where there is none.

    Raises InputError, which names the file, for what is no TOML, for unknown names and for values that do not fit.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the settings {file} cannot be read: {error}") from error
    try:
        return _settings_of(tomllib.loads(text), actions)
    except (tomllib.TOMLDecodeError, InputError) as error:
        raise InputError(f"the settings {file} cannot be used: {error}") from error


def _settings_of(given: Mapping[str, object], actions: tuple[str, ...]) -> Settings:
    known = {each.name: each for each in fields(Settings)}
    values: dict[str, object] = {}
    for name, value in given.items():
        if name not in known:
            raise InputError(f"there is no setting {name!r}{did_you_mean(name, tuple(known))}")
        values[name] = _keys(value, actions) if name == "keys" else _fitting(name, value, known[name].default)
    return Settings(**values)  # type: ignore[arg-type]  # each was held against its field


def _fitting(name: str, value: object, default: object) -> object:
    wanted = float if isinstance(default, float) else type(default)
    if wanted is float and type(value) is int:
        return float(value)
    if type(value) is not wanted:
        kind = {str: "a text in quotes", int: "a whole number", float: "a number"}[wanted]
        raise InputError(f"{name} is {value!r}; it is {kind}")
    return value


def _keys(value: object, actions: tuple[str, ...]) -> Mapping[str, str]:
    if not isinstance(value, dict):
        raise InputError('keys is a table: write [keys], and below it lines such as help = "f1"')
    for name, keys in value.items():
        if name not in actions:
            raise InputError(f"there is no action {name!r} that a key could be for{did_you_mean(name, actions)}")
        if not isinstance(keys, str) or not keys.strip():
            raise InputError(f'the key of {name} is {keys!r}; it is a text such as "f1" or "ctrl+t,f1"')
    return MappingProxyType(dict(value))


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise InputError(f"{name} is {value!r}; it is one of {', '.join(choices)}")
