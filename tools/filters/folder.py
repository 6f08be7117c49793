"""Folders and patterns of image names, as one regular expression over the paths that an archive keeps.

A pattern is a run of names with / between them. It fits an image where some run of the folders that lead to it, or of
these and its own name with or without the extension, fits name by name; so an image beneath a folder fits the folder.
A pattern that begins with /, ~, ./ or ../ has to fit from the root on. In a name * stands for any characters, ? for
one, [abc] for one of these; ** stands for any number of folders.
"""

import re
from pathlib import Path

from solvers.errors import InputError
from tools.images import absolute

_ANCHORED = ("/", "~", "./", "../")


def folder_pattern(given: str) -> re.Pattern[str]:
    """What finds a fitting path by `search`; InputError for a blank pattern."""
    text = given.strip().replace("\\", "/") if "\\" in given and "/" not in given else given.strip()
    if not text:
        raise InputError("--folder is blank; name a folder, or give a pattern such as 'north/2024-*'")
    if text in (".", "..") or text.startswith(_ANCHORED):
        start, names = "^/", Path(absolute(text)).as_posix().strip("/").split("/")
    else:
        start, names = "(?:^|/)", [name for name in text.split("/") if name]
    body = "/".join(map(_name, filter(None, names))).replace("/<any>/", "/(?:.*/)?").replace("<any>", ".*")
    try:
        return re.compile(f"{start}{body}(?:\\.[^/.]*)?(?:/|$)" if body else start, re.DOTALL)
    except re.error as error:
        raise InputError(f"--folder {given!r}: this is no pattern: {error}") from error


def _name(name: str) -> str:
    """One name of a pattern as a regular expression."""
    if name == "**":
        return "<any>"
    found, place = [], 0
    while place < len(name):
        character = name[place]
        place += 1
        if character == "*":
            found.append("[^/]*")
        elif character == "?":
            found.append("[^/]")
        elif character == "[" and (end := name.find("]", place + 1)) > 0:
            choice = name[place:end]
            denied, choice = choice[:1] == "!", choice.removeprefix("!")
            escaped = re.sub(r"([\\^\[\]&~|])", r"\\\1", choice)
            found.append(f"[{'^/' if denied else ''}{escaped}]")
            place = end + 1
        else:
            found.append(re.escape(character))
    return "".join(found)
