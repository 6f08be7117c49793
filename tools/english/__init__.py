"""Back-translation: a formula as one plain English sentence, made from the logic and never by a model."""

from tools.english.reading import reading_of, verbalise

__all__ = ["reading_of", "verbalise"]
