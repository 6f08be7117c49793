"""The cost of a query by embeddings: a text encoder of the size of CLIP ViT-B/32's, and an exact scan.

Random weights, since only the cost counts; tokenising is left out. 12 layers, width 512, 8 heads, 77 tokens, a
vocabulary of 49,408, projected to 512; then N x 512 float32 vectors are scanned for the ten most similar.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

WIDTH, LAYERS, HEADS, CONTEXT, VOCABULARY = 512, 12, 8, 77, 49_408
THREADS = 2
TOP = 10
WEIGHTS_FILE = "text_encoder.pt"


class EmbeddingPeer:
    """An encoder and the vectors of so many images."""

    def __init__(self, encoder: torch.nn.Module, vectors: NDArray[np.float32]) -> None:
        import torch

        torch.set_num_threads(THREADS)
        self._encoder = encoder.eval()
        self._vectors = torch.from_numpy(vectors)
        random = np.random.Generator(np.random.Philox(0))
        self._tokens = torch.from_numpy(random.integers(0, VOCABULARY, (1, CONTEXT)))

    def search(self) -> list[int]:
        """One query: encode, scan, the places of the ten most similar vectors."""
        import torch

        with torch.inference_mode():
            query = self._encoder(self._tokens)[0]
            similar = self._vectors @ (query / query.norm())
            return [int(place) for place in torch.topk(similar, min(TOP, len(similar))).indices]


def make_encoder() -> torch.nn.Module:
    """The text tower, seeded: tokens (batch, 77) to vectors (batch, 512), read off at the last token."""
    import torch
    from torch import nn
    from torch.nn import functional

    class Layer(nn.Module):
        """Causal attention, then two linear maps with CLIP's quick GELU between them, each after a norm."""

        def __init__(self) -> None:
            super().__init__()
            self.first_norm, self.second_norm = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
            self.inward, self.outward = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
            self.wide, self.narrow = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

        def forward(self, rows: torch.Tensor) -> torch.Tensor:
            heads = self.inward(self.first_norm(rows)).unflatten(-1, (3, HEADS, WIDTH // HEADS)).permute(2, 0, 3, 1, 4)
            seen = functional.scaled_dot_product_attention(heads[0], heads[1], heads[2], is_causal=True)
            rows = rows + self.outward(seen.transpose(1, 2).flatten(-2))
            inner = self.wide(self.second_norm(rows))
            added: torch.Tensor = self.narrow(inner * torch.sigmoid(1.702 * inner))
            return rows + added

    class TextEncoder(nn.Module):
        """Words and places, the layers, a norm and a projection."""

        def __init__(self) -> None:
            super().__init__()
            self.words = nn.Embedding(VOCABULARY, WIDTH)
            self.places = nn.Parameter(torch.randn(CONTEXT, WIDTH) * 0.01)
            self.layers = nn.Sequential(*(Layer() for _ in range(LAYERS)))
            self.norm = nn.LayerNorm(WIDTH)
            self.projection = nn.Linear(WIDTH, WIDTH, bias=False)

        def forward(self, tokens: torch.Tensor) -> torch.Tensor:
            rows = self.layers(self.words(tokens) + self.places)
            vectors: torch.Tensor = self.projection(self.norm(rows[:, -1]))
            return vectors

    torch.manual_seed(0)
    return TextEncoder()


def make_vectors(images: int) -> NDArray[np.float32]:
    """Seeded unit vectors, (images, 512)."""
    random = np.random.Generator(np.random.Philox(1))
    vectors = random.standard_normal((images, WIDTH), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def save(folder: Path, images: int) -> None:
    """Put the weights and the vectors on disk for cold starts, if they are not there."""
    import torch

    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / WEIGHTS_FILE).exists():
        torch.save(make_encoder().state_dict(), folder / WEIGHTS_FILE)
    if not vectors_file(folder, images).exists():
        np.save(vectors_file(folder, images), make_vectors(images))


def vectors_file(folder: Path, images: int) -> Path:
    """Where the vectors of so many images lie."""
    return folder / f"vectors-{images}.npy"


def load(folder: Path, images: int) -> EmbeddingPeer:
    """What a fresh process does before its first query; the weights are not drawn first, only read."""
    import torch

    with torch.device("meta"):
        encoder = make_encoder()
    encoder.load_state_dict(torch.load(folder / WEIGHTS_FILE, weights_only=True), assign=True)
    return EmbeddingPeer(encoder, np.load(vectors_file(folder, images)))


if __name__ == "__main__":
    print(load(Path(sys.argv[1]), int(sys.argv[2])).search())
