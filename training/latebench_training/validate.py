"""How well an encoder ranks as the teachers do, on held-out queries; no judgements are needed for this."""

from collections.abc import Callable

import numpy as np

from .batches import Ensemble, Texts, as_passages, as_queries
from .losses import PREFIXES
from .train import Material

Encode = Callable[[Texts], list[np.ndarray]]
"""Vectors of every text, float32 [tokens, dim]."""


def agreement(encode: Encode, material: Material, held_out: np.ndarray) -> dict[int, float]:
    """
    For each prefix length: nDCG@10 against the teachers' first 20 (gain 20 for their first, 1 for their twentieth), over all
    candidates of the held-out queries.
    """
    pool = np.unique(material.candidates[held_out])
    passage_texts = part(as_passages(material.passages), pool)
    passages = encode(passage_texts)
    queries = encode(part(as_queries(material.queries), held_out))
    kept = [~np.isin(ids, material.skip) for ids in passage_texts.ids]
    starts = np.concatenate([[0], np.cumsum([mask.sum() for mask in kept])])[:-1]
    rows = np.vstack([matrix[mask] for matrix, mask in zip(passages, kept)])
    teacher = Ensemble(material.queries, material.passages, material.skip, material.candidates)
    wanted = [teacher_order(teacher, query, pool) for query in held_out]
    ideal = sum((20 - i) / np.log2(i + 2) for i in range(10))
    result = {}
    for dim in PREFIXES:
        short, gains = unit(rows[:, :dim]), []
        for query, best in zip(queries, wanted):
            scores = np.maximum.reduceat(short @ unit(query[:, :dim]).T, starts, axis=0).sum(1)
            top = np.argsort(-scores, kind="stable")[:10]
            gains.append(sum((20 - best[p]) / np.log2(i + 2) for i, p in enumerate(top) if p in best) / ideal)
        result[dim] = float(np.mean(gains))
    return result


def teacher_order(teacher: Ensemble, query: int, pool: np.ndarray) -> dict[int, int]:
    """Positions in `pool` of the teachers' first 20, with their ranks; only the best 100 by pooled vectors are scored in full."""
    rough = teacher.queries.pooled[query] @ teacher.passages.pooled[pool].T
    rough = rough + teacher.queries.pooled_e5[query] @ teacher.passages.pooled_e5[pool].T
    likely = np.sort(np.argsort(-rough, kind="stable")[:100])
    scores = teacher.logits(np.array([query]), pool[likely])[0].numpy()
    return {int(likely[i]): rank for rank, i in enumerate(np.argsort(-scores, kind="stable")[:20])}


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def part(texts: Texts, indices: np.ndarray) -> Texts:
    return Texts([texts.ids[i] for i in indices])


def spread_out(count: int, wanted: int) -> np.ndarray:
    """`wanted` of `count` indices, evenly spaced."""
    return np.linspace(0, count - 1, wanted).astype(int)
