"""RUNE's own folders: where they are, and that asking makes none."""

from pathlib import Path

import pytest

from tools.paths import cache_dir, data_dir, sample_dir, ultralytics_dir, weights_dir


def test_one_variable_moves_every_folder_and_none_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNE_HOME", str(tmp_path / "rune"))
    home = tmp_path / "rune"
    assert cache_dir() == home / "cache"
    assert data_dir() == home / "data"
    assert {weights_dir(), sample_dir(), ultralytics_dir()} == {
        home / "cache" / name for name in ("weights", "sample", "ultralytics")
    }
    assert not home.exists()


def test_a_relative_or_tilde_home_is_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUNE_HOME", "here")
    assert cache_dir() == tmp_path / "here" / "cache"
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("RUNE_HOME", "~/there")
    assert cache_dir() == tmp_path / "there" / "cache"


@pytest.mark.parametrize("value", [None, "", "  "])
def test_without_the_variable_the_platform_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    monkeypatch.delenv("RUNE_HOME", raising=False)
    if value is not None:
        monkeypatch.setenv("RUNE_HOME", value)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_dir() != data_dir()
    assert all("rune" in path.parts for path in (cache_dir(), data_dir()))
    assert weights_dir().is_relative_to(cache_dir())
    assert list(tmp_path.iterdir()) == []
