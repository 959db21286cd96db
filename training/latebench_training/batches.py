"""Puts training batches together: queries, passages to score them against, and the teachers' answers."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from .losses import maxsim, mean_over_rows
from .student import passage_ids, query_ids
from .teachers import HIDDEN, TOKEN_TEACHERS, TeacherVectors

PER_QUERY = 6


@dataclass
class Texts:
    """Word pieces of a list of texts in the student's form."""

    ids: list[list[int]]


def as_queries(vectors: TeacherVectors) -> Texts:
    return Texts([query_ids(ids[1:-1]) for ids in vectors.ids])


def as_passages(vectors: TeacherVectors) -> Texts:
    return Texts([passage_ids(ids[1:-1]) for ids in vectors.ids])


def draw(candidates: np.ndarray, queries: np.ndarray, rng: np.random.Generator) -> list[np.ndarray]:
    """PER_QUERY candidates of each query: the first, two of the next ten, the others from the rest."""
    return [
        np.concatenate([row[:1], rng.choice(row[1:11], 2, replace=False), rng.choice(row[11:], PER_QUERY - 3, replace=False)])
        for row in candidates[queries]
    ]


class Askers:
    """Which queries have a passage among their candidates, in each of several groups of queries."""

    def __init__(self, candidates: np.ndarray, groups: list[np.ndarray]):
        asking = np.concatenate(groups)
        self.group = np.full(len(candidates), -1)
        self.group[asking] = np.arange(len(groups)).repeat(list(map(len, groups)))
        found = candidates[asking].ravel()
        order = np.argsort(found, kind="stable")
        self.passages = found[order]
        self.queries = asking.repeat(candidates.shape[1])[order]

    def of(self, query: int, passages: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
        """
        The `count` queries of `query`'s group that have most of `passages` among their candidates (commonly itself among them);
        which of equals, chance decides.
        """
        first, last = (np.searchsorted(self.passages, passages, side) for side in ("left", "right"))
        asking = np.concatenate([self.queries[start:end] for start, end in zip(first, last)])
        queries, shared = np.unique(asking[self.group[asking] == self.group[query]], return_counts=True)
        return queries[np.lexsort((rng.random(len(queries)), -shared))[:count]]


def query_order(groups: list[tuple[np.ndarray, float]], size: int, steps: int, seed: int) -> Iterator[np.ndarray]:
    """`steps` batches of `size` queries; each group gives its share of every batch, all its queries before any twice."""
    rng = np.random.default_rng(seed)
    streams = [endless(group, rng) for group, _ in groups]
    counts = [round(share * size) for _, share in groups]
    for _ in range(steps):
        yield np.array([next(stream) for stream, count in zip(streams, counts) for _ in range(count)])


def endless(items: np.ndarray, rng: np.random.Generator) -> Iterator[int]:
    while True:
        yield from rng.permutation(items)


class Ensemble:
    """
    The teachers' joint score of a query and a passage: MaxSim over bge-small's token vectors and over MiniLM's, and the cosine
    of e5-small's pooled vectors, each divided by how much it varies among a query's candidates, times what it counts for the
    query.
    """

    SHARPNESS = 1.4
    """Brings the sum to a spread of 2 to 3 logits among a query's candidates."""

    def __init__(self, queries: TeacherVectors, passages: TeacherVectors, skip: list[int], candidates: np.ndarray):
        self.queries, self.passages = queries, passages
        self.skip = np.array(skip)
        sample = range(0, len(candidates), max(1, len(candidates) // 200))
        parts = [[part.std().item() for part in self.parts(np.array([q]), np.unique(candidates[q]))] for q in sample]
        self.spread = np.mean(parts, axis=0)

    def parts(self, queries: np.ndarray, passages: np.ndarray) -> list[torch.Tensor]:
        """Each teacher's scores, [queries, passages]."""
        query, rows = self.matrices(self.queries, queries, False)
        passage, kept = self.matrices(self.passages, passages, True)
        late = [
            mean_over_rows(maxsim(q, p, kept), rows)
            for q, p in zip(query.split(HIDDEN, dim=-1), passage.split(HIDDEN, dim=-1))
        ]
        return [*late, torch.from_numpy(self.queries.pooled_e5[queries] @ self.passages.pooled_e5[passages].T)]

    def logits(self, queries: np.ndarray, passages: np.ndarray) -> torch.Tensor:
        factors = torch.from_numpy(self.SHARPNESS * self.queries.weights[queries] / self.spread).float()
        return sum(part * factor[:, None] for part, factor in zip(self.parts(queries, passages), factors.T))

    def matrices(self, vectors: TeacherVectors, indices: np.ndarray, skip: bool) -> tuple[torch.Tensor, torch.Tensor]:
        length = max(len(vectors.ids[i]) for i in indices)
        matrix = torch.zeros(len(indices), length, len(TOKEN_TEACHERS) * HIDDEN)
        kept = torch.zeros(len(indices), length, dtype=torch.bool)
        for row, index in enumerate(indices):
            tokens = vectors.of(index)
            matrix[row, : len(tokens)] = torch.from_numpy(tokens.astype(np.float32))
            kept[row, : len(tokens)] = torch.from_numpy(~np.isin(vectors.ids[index], self.skip)) if skip else True
        return matrix, kept
