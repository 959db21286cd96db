"""The texts that a builder brings: passages, unlabelled queries, and pseudo-queries cut from the passages."""

import pathlib
import random
import re


def read_tsv(file: pathlib.Path) -> list[tuple[str, str]]:
    """(id, text) of every line."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return [(parts[0], parts[1]) for parts in (line.split("\t") for line in lines) if len(parts) > 1]


def read_passages(file: pathlib.Path) -> list[str]:
    """The passages of a TSV collection, or of TREC SGML where the name ends with `.trec`."""
    if file.suffix != ".trec":
        return [text for _, text in read_tsv(file)]
    documents = re.findall(r"</DOCNO>(.*?)</DOC>", file.read_text(encoding="utf-8", errors="replace"), re.DOTALL)
    return [" ".join(text.split()) for text in documents]


def training_queries(file: pathlib.Path, excluded: list[pathlib.Path]) -> list[str]:
    """Queries of a TSV file without those of the `excluded` files: by id, and by text, since one question may have two ids."""
    ids = {qid for source in excluded for qid, _ in read_tsv(source)}
    return unseen([text for qid, text in read_tsv(file) if qid not in ids], excluded)


def unseen(queries: list[str], excluded: list[pathlib.Path]) -> list[str]:
    """Those whose text is not in the `excluded` files."""
    texts = {bare(text) for source in excluded for _, text in read_tsv(source)}
    return [query for query in queries if bare(query) not in texts]


def bare(text: str) -> str:
    """A query without case and punctuation."""
    return " ".join(re.findall(r"\w+", text.lower()))


def cloze_queries(passages: list[str], count: int, seed: int) -> list[str]:
    """
    Spans of 3 to 16 words cut from random passages: the inverse cloze task (Lee et al. 2019, ORQA,
    section 4).
    """
    rng = random.Random(seed)
    spans = []
    while len(spans) < count:
        words = rng.choice(passages).split()
        length = rng.randint(3, 16)
        if len(words) > length:
            start = rng.randrange(len(words) - length)
            spans.append(" ".join(words[start : start + length]))
    return spans
