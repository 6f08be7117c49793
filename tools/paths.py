"""Every folder of RUNE's own; none is made before something is written into it."""

import os
from pathlib import Path

HOME_VARIABLE = "RUNE_HOME"

_APPLICATION = "rune"


def cache_dir() -> Path:
    """What can be made or fetched again: `$RUNE_HOME/cache`, else the platform's cache folder."""
    home = _home()
    if home is not None:
        return home / "cache"
    import platformdirs

    return platformdirs.user_cache_path(_APPLICATION, appauthor=False)


def data_dir() -> Path:
    """What cannot be made again, such as sessions: `$RUNE_HOME/data`, else the platform's data folder."""
    home = _home()
    if home is not None:
        return home / "data"
    import platformdirs

    return platformdirs.user_data_path(_APPLICATION, appauthor=False)


def config_dir() -> Path:
    """What the user settles, such as keys: `$RUNE_HOME/config`, else the platform's folder of settings."""
    home = _home()
    if home is not None:
        return home / "config"
    import platformdirs

    return platformdirs.user_config_path(_APPLICATION, appauthor=False)


def weights_dir() -> Path:
    """Where detector weights are fetched to and looked for by name."""
    return cache_dir() / "weights"


def sample_dir() -> Path:
    """Where the sample scenes are rendered to."""
    return cache_dir() / "sample"


def flood_dir() -> Path:
    """Where the scenes after a flood are rendered to."""
    return cache_dir() / "post-flood"


def sessions_file() -> Path:
    """The database of the conversations that are kept."""
    return data_dir() / "sessions.sqlite"


def chat_settings_file() -> Path:
    """The settings of the terminal chat."""
    return config_dir() / "chat.toml"


def chat_history_file() -> Path:
    """What was typed into the terminal chat."""
    return data_dir() / "chat_history.jsonl"


def ultralytics_dir() -> Path:
    """The one folder that ultralytics may write its settings, fonts and runs to."""
    return cache_dir() / "ultralytics"


def _home() -> Path | None:
    value = os.environ.get(HOME_VARIABLE, "").strip()
    return Path(value).expanduser().absolute() if value else None
