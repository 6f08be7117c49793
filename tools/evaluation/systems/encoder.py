"""Joint embeddings of pictures and text: what an encoder does, and the one that open_clip makes of a checkpoint."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from solvers.errors import InputError, RuneError

if TYPE_CHECKING:
    from PIL import Image

Vectors = npt.NDArray[np.float32]

BATCH = 32


class Encoder(Protocol):
    """Pictures and text as unit vectors of one space."""

    def pictures(self, pictures: "Sequence[Image.Image]") -> Vectors:
        """One vector a picture, shape (n, d)."""

    def text(self, text: str) -> Vectors:
        """The vector of a text, shape (d,)."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """An open_clip `model` (such as ViT-B-32) and its weights: a file, or a tag that open_clip fetches.

    `weights` None leaves the weights random, for tests of the path alone.
    """

    model: str
    weights: str | None


class OpenClipEncoder:
    """An open_clip model with the weights that the user names: CLIP, RemoteCLIP, GeoRSCLIP, SkyCLIP and others.

    Raises InputError where open_clip is not installed, or does not know the model; RuneError where the weights cannot
    be loaded. A checkpoint is read as weights only, never as code.
    """

    def __init__(self, checkpoint: Checkpoint) -> None:
        try:
            import open_clip
        except ImportError as error:
            raise InputError(
                f"joint embeddings need open_clip ({_first_line(error)}): pip install 'rune-retrieval[embed]'"
            ) from error
        except RuntimeError as error:
            raise RuneError(
                f"open_clip cannot be imported ({_first_line(error)}): install the torchvision that fits your torch"
            ) from error
        if checkpoint.model not in open_clip.list_models():
            from tools.nearest import did_you_mean

            hint = did_you_mean(checkpoint.model, open_clip.list_models())
            raise InputError(f"open_clip knows no model {checkpoint.model!r}{hint}")
        weights = checkpoint.weights
        tags = open_clip.list_pretrained_tags_by_model(checkpoint.model)
        if weights is not None and not Path(weights).is_file() and weights not in tags:
            raise InputError(f"{weights}: there is no such file, and {checkpoint.model} has no weights of that name")
        try:
            self._model, _, self._prepare = open_clip.create_model_and_transforms(
                checkpoint.model, pretrained=weights, load_weights=weights is not None
            )
        except (OSError, EOFError, RuntimeError, ValueError, KeyError, UnpicklingError) as error:
            raise RuneError(
                f"the weights {weights} of {checkpoint.model} cannot be loaded: {_first_line(error)}"
            ) from error
        self._model.eval()
        self._tokens = open_clip.get_tokenizer(checkpoint.model)

    def pictures(self, pictures: "Sequence[Image.Image]") -> Vectors:
        """One unit vector a picture."""
        import torch

        found: list[Vectors] = []
        with torch.inference_mode():
            for first in range(0, len(pictures), BATCH):
                batch = torch.stack([self._prepare(each) for each in pictures[first : first + BATCH]])
                found.append(_unit(self._model.encode_image(batch).float().numpy()))
        return np.concatenate(found)

    def text(self, text: str) -> Vectors:
        """The unit vector of a text; what is longer than the model reads is cut."""
        import torch

        with torch.inference_mode():
            vector: Vectors = _unit(self._model.encode_text(self._tokens([text])).float().numpy())[0]
        return vector


def _unit(vectors: Vectors) -> Vectors:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12), dtype=np.float32)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
