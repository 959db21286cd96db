"""Gathers all that a training run needs, each step kept on disk, so that an interrupted run goes on where it was."""

import pathlib
from dataclasses import dataclass

import numpy as np

from .base_models import BGE_SMALL, load_tokenizer
from .mining import mine
from .package_texts import articles, glosses, news, web_queries
from .student import skiplist
from .teachers import TeacherVectors, encode_texts
from .texts import cloze_queries, read_passages, training_queries, unseen
from .train import Material

HELD_OUT, DEPTH = 300, 40
CLOZES, MORE_CLOZES, WEB_QUERIES, GLOSSES, NEWS = 8_000, 4_000, 15_000, 20_000, 10_000

# What bge-small, MiniLM and e5-small count. One counts more for texts like those that it was trained on: bge-small on MS MARCO's
# judgements, MiniLM on scientific abstracts more than on anything else.
WEB, ABSTRACTS, EVEN = (1.6, 0.4, 1.0), (0.4, 1.6, 1.0), (1.0, 1.0, 1.0)
QUERY_KINDS = (0.33, WEB), (0.25, WEB), (0.08, WEB), (0.17, ABSTRACTS), (0.08, WEB), (0.08, EVEN)
"""
Share of a batch, and weights: of the collection's queries, other web queries, spans of the collection, spans of the other
passages, titles of news and articles, words of glosses.
"""
PASSAGE_KINDS = {"web": WEB, "more": ABSTRACTS, "news": WEB, "articles": WEB, "glosses": EVEN}


@dataclass(frozen=True)
class Sources:
    """Files of the texts. `more`: passages of another kind; `excluded`: query files whose queries must not be seen."""

    collection: pathlib.Path
    more: pathlib.Path
    queries: pathlib.Path
    excluded: list[pathlib.Path]


def read_texts(sources: Sources, cache: pathlib.Path, seed: int) -> tuple[list[list[str]], dict[str, list[str]]]:
    """Queries of each of QUERY_KINDS, and passages of each of PASSAGE_KINDS."""
    web, more = read_passages(sources.collection), read_passages(sources.more)
    titles, news_passages = news(cache, NEWS, seed)
    headings, article_passages = articles()
    gloss_queries, gloss_passages = glosses(cache, GLOSSES, seed)
    queries = [
        training_queries(sources.queries, sources.excluded),
        unseen(web_queries(cache, WEB_QUERIES, seed), sources.excluded),
        cloze_queries(web, CLOZES, seed),
        cloze_queries(more, MORE_CLOZES, seed),
        unseen(titles + headings, sources.excluded),
        gloss_queries,
    ]
    return queries, {"web": web, "more": more, "news": news_passages, "articles": article_passages, "glosses": gloss_passages}


def gather(sources: Sources, cache: pathlib.Path, work: pathlib.Path, seed: int) -> tuple[Material, np.ndarray]:
    """The material, and the indices of its queries that are held out for validation."""
    asked, told = read_texts(sources, cache, seed)
    all_asked, all_told = sum(asked, []), sum(told.values(), [])
    print(f"queries {list(map(len, asked))}, passages {list(map(len, told.values()))}", flush=True)

    passages = joined([
        encode_texts(texts, "passage", repeated([PASSAGE_KINDS[name]], [texts]), cache, work / name) for name, texts in told.items()
    ])
    weights = repeated([weights for _, weights in QUERY_KINDS], asked)
    queries = encode_texts(all_asked, "query", weights, cache, work / "queries")
    file = work / f"candidates-{len(all_asked)}-{len(all_told)}.npy"
    if not file.exists():
        np.save(file, mine(all_asked, all_told, queries, passages, DEPTH))
    ends = np.cumsum(list(map(len, asked)))
    kinds = np.split(np.arange(ends[-1]), ends[:-1])
    kinds[0] = np.random.default_rng(seed).permutation(kinds[0])
    held_out, kinds[0] = np.split(kinds[0], [HELD_OUT])
    groups = [(indices, share) for indices, (share, _) in zip(kinds, QUERY_KINDS)]
    skip = skiplist(load_tokenizer(BGE_SMALL, cache))
    return Material(queries, passages, np.load(file), groups, skip), held_out


def repeated(weights: list[tuple[float, ...]], lists: list[list[str]]) -> np.ndarray:
    """Each list's weights for every text in it, float32 [texts of all lists, teachers]."""
    return np.repeat(np.float32(weights), list(map(len, lists)), axis=0)


def joined(lists: list[TeacherVectors]) -> TeacherVectors:
    """Several lists of texts as one."""
    lengths = np.concatenate([np.diff(part.offsets) for part in lists])
    return TeacherVectors(
        [ids for part in lists for ids in part.ids],
        np.concatenate([[0], np.cumsum(lengths)]),
        Stacked([part.tokens for part in lists]),
        np.vstack([part.pooled for part in lists]),
        np.vstack([part.pooled_e5 for part in lists]),
        np.vstack([part.weights for part in lists]),
    )


class Stacked:
    """Memory-mapped matrices, one below the other; read by slices that cross no border."""

    def __init__(self, parts: list[np.ndarray]):
        self.parts, self.starts = parts, np.cumsum([0, *map(len, parts)])

    def __getitem__(self, rows: slice) -> np.ndarray:
        part = np.searchsorted(self.starts, rows.start, side="right") - 1
        start = self.starts[part]
        return self.parts[part][rows.start - start : rows.stop - start]
