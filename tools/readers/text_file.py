"""Text files from outside, read as UTF-8 with or without a byte order mark and with any line ends."""

from pathlib import Path

from solvers.errors import InputError


def read_bytes(path: Path) -> bytes:
    """The file's bytes; raises InputError that names the file where they cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: the file cannot be read: {error.strerror or error}") from error


def decode_text(data: bytes, file: str) -> str:
    """The bytes as text with line feeds only; raises InputError with file and line where a byte is not UTF-8."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n") + 1
        raise InputError(f"{file}:{line}: this is not a text in UTF-8") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")
