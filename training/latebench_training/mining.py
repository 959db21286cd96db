"""Finds the passages that a query is trained against, with BM25 and with the teachers' pooled vectors."""

import bm25s
import numpy as np

from .teachers import TeacherVectors


def mine(
    queries: list[str], passages: list[str], query_vectors: TeacherVectors, passage_vectors: TeacherVectors, depth: int
) -> np.ndarray:
    """Candidates of each query, int32 [queries, depth]: best first of the teachers' summed cosines, then BM25's, merged."""
    index = bm25s.BM25(k1=0.82, b=0.68)
    index.index(bm25s.tokenize(passages, stopwords="en", show_progress=False), show_progress=False)
    lexical, _ = index.retrieve(bm25s.tokenize(queries, stopwords="en", show_progress=False), k=depth, show_progress=False)
    left = np.hstack([query_vectors.pooled, query_vectors.pooled_e5])
    right = np.hstack([passage_vectors.pooled, passage_vectors.pooled_e5]).T.copy()
    candidates = np.empty((len(queries), depth), np.int32)
    for start in range(0, len(queries), 512):
        scores = left[start : start + 512] @ right
        best = np.argpartition(-scores, depth, axis=1)[:, :depth]
        for row, found in enumerate(best):
            dense = found[np.argsort(-scores[row, found])]
            # Three of four from the dense list: its order is the better one; BM25 adds what only words can find.
            merged = dict.fromkeys([*dense[: depth * 3 // 4], *lexical[start + row], *dense])
            candidates[start + row] = list(merged)[:depth]
    return candidates
