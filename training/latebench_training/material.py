"""Gathers all that a training run needs, each step kept on disk, so that an interrupted run goes on where it was."""

import pathlib
from dataclasses import dataclass

import numpy as np

from .base_models import BGE_SMALL, load_tokenizer
from .mining import mine
from .student import skiplist
from .teachers import TeacherVectors, encode_texts
from .texts import cloze_queries, glosses, read_tsv, training_queries
from .train import Material

HELD_OUT, GLOSSES, CLOZES, DEPTH = 300, 20_000, 8_000, 40


@dataclass(frozen=True)
class Sources:
    """Files of the texts. `excluded`: query files whose queries must not be seen."""

    collection: pathlib.Path
    queries: pathlib.Path
    excluded: list[pathlib.Path]


def gather(sources: Sources, cache: pathlib.Path, work: pathlib.Path, seed: int) -> tuple[Material, np.ndarray]:
    """The material, and the indices of its queries that are held out for validation."""
    web = [text for _, text in read_tsv(sources.collection)]
    real = training_queries(sources.queries, sources.excluded)
    gloss_queries, gloss_passages = glosses(cache, GLOSSES, seed)
    clozes = cloze_queries(web, CLOZES, seed)
    print(f"{len(real)} queries, {len(clozes)} clozes, {len(gloss_queries)} glosses; {len(web)} passages", flush=True)

    passages = joined(
        encode_texts(web, "passage", cache, work / "web"), encode_texts(gloss_passages, "passage", cache, work / "glosses")
    )
    queries = encode_texts(real + clozes + gloss_queries, "query", cache, work / "queries")
    file = work / "candidates.npy"
    if not file.exists():
        np.save(file, mine(real + clozes + gloss_queries, web + gloss_passages, queries, passages, DEPTH))
    shuffled = np.random.default_rng(seed).permutation(len(real))
    held_out, used = shuffled[:HELD_OUT], shuffled[HELD_OUT:]
    groups = [
        (used, 0.67),
        (np.arange(len(real), len(real) + len(clozes)), 0.25),
        (np.arange(len(real) + len(clozes), len(real) + len(clozes) + len(gloss_queries)), 0.08),
    ]
    skip = skiplist(load_tokenizer(BGE_SMALL, cache))
    return Material(queries, passages, np.load(file), groups, skip), held_out


def joined(first: TeacherVectors, second: TeacherVectors) -> TeacherVectors:
    """Two lists of texts as one."""
    return TeacherVectors(
        first.ids + second.ids,
        np.concatenate([first.offsets, first.offsets[-1] + second.offsets[1:]]),
        Stacked(first.tokens, second.tokens),
        np.vstack([first.pooled, second.pooled]),
        np.vstack([first.pooled_e5, second.pooled_e5]),
    )


class Stacked:
    """Two memory-mapped matrices, one above the other; read by slices that cross no border."""

    def __init__(self, first: np.ndarray, second: np.ndarray):
        self.first, self.second = first, second

    def __getitem__(self, rows: slice) -> np.ndarray:
        border = len(self.first)
        return self.first[rows] if rows.start < border else self.second[rows.start - border : rows.stop - border]
