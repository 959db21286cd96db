"""Runs an encoder over many texts: sorted by length, in batches of about equal work."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch


def device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def length_sorted_batches(lengths: Sequence[int], tokens: int) -> Iterator[list[int]]:
    """Indices of texts, longest first, in batches that take at most `tokens` positions after padding."""
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        if batch and lengths[batch[0]] * (len(batch) + 1) > tokens:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def pad(rows: Sequence[Sequence[int]], value: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids and mask, int64 [texts, longest]."""
    length = max(map(len, rows))
    ids = torch.tensor([list(row) + [value] * (length - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (length - len(row)) for row in rows])
    return ids, mask


def offsets_of(rows: Sequence[Sequence[int]]) -> np.ndarray:
    """Where each text's rows begin in a packed matrix; int64 [texts + 1]."""
    return np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
