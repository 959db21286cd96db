"""
What the student learns from: token vectors of bge-small and of MiniLM, and pooled vectors of e5-small.

The three divide a text into the same word pieces and have vectors of the same width. Their vectors are computed once and kept
on disk, so that a training step costs the student's work alone.
"""

import json
import pathlib
import time
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn.functional import normalize

from .base_models import BGE_SMALL, E5_SMALL, MINILM, BaseModel, load_bert, load_tokenizer
from .encode import device, length_sorted_batches, offsets_of, pad

MAX_TOKENS = 180
HIDDEN = 384
TOKEN_TEACHERS = (BGE_SMALL, MINILM)
"""Those whose token vectors are learned from; a row of `TeacherVectors.tokens` has them side by side."""


@dataclass
class TeacherVectors:
    """
    Of one list of texts. Every teacher's vectors have unit length, so that a row with two of them has the length √2; `ids` are
    word pieces with [CLS] and [SEP].
    """

    ids: list[list[int]]
    offsets: np.ndarray
    tokens: np.ndarray  # float16 [all tokens, TOKEN_TEACHERS * HIDDEN], memory-mapped
    pooled: np.ndarray  # float32 [texts, TOKEN_TEACHERS * HIDDEN]: the means of each one's token vectors
    pooled_e5: np.ndarray  # float32 [texts, HIDDEN]: likewise of e5-small
    weights: np.ndarray  # float32 [texts, len(TOKEN_TEACHERS) + 1]: how much each teacher counts for each text, e5-small last

    def of(self, index: int) -> np.ndarray:
        return self.tokens[self.offsets[index] : self.offsets[index + 1]]

    def column_weights(self, index: int) -> np.ndarray:
        """What a text's teachers count, for every column of its rows in `tokens`."""
        return self.weights[index, : len(TOKEN_TEACHERS)].repeat(HIDDEN)


def tokenise(texts: list[str], base: BaseModel, cache: pathlib.Path, prefix: str = "") -> list[list[int]]:
    """Word-piece ids with [CLS] and [SEP], at most MAX_TOKENS."""
    tokenizer = load_tokenizer(base, cache)
    tokenizer.enable_truncation(MAX_TOKENS)
    return [encoding.ids for encoding in tokenizer.encode_batch([prefix + text for text in texts])]


def encode_texts(
    texts: list[str], kind: str, weights: np.ndarray, cache: pathlib.Path, folder: pathlib.Path
) -> TeacherVectors:
    """Vectors of `texts` ("query" or "passage"), computed once into `folder`; `weights` as in TeacherVectors."""
    ids = tokenise(texts, BGE_SMALL, cache)
    offsets = offsets_of(ids)
    done = folder / "done.json"
    tokens_file = folder / "tokens.f16"
    shape = (int(offsets[-1]), len(TOKEN_TEACHERS) * HIDDEN)
    state = json.dumps({"texts": len(texts), "rows": shape})
    if not (done.exists() and done.read_text() == state):
        folder.mkdir(parents=True, exist_ok=True)
        tokens = np.memmap(tokens_file, np.float16, "w+", shape=shape)
        side_by_side = np.split(tokens, len(TOKEN_TEACHERS), axis=1)
        means = [run(base, ids, cache, part, offsets) for base, part in zip(TOKEN_TEACHERS, side_by_side)]
        np.save(folder / "pooled.npy", np.hstack(means))
        tokens.flush()
        prefix = E5_SMALL.query_prefix if kind == "query" else E5_SMALL.passage_prefix
        np.save(folder / "pooled_e5.npy", run(E5_SMALL, tokenise(texts, E5_SMALL, cache, prefix), cache))
        done.write_text(state)
    tokens = np.memmap(tokens_file, np.float16, "r", shape=shape)
    return TeacherVectors(ids, offsets, tokens, np.load(folder / "pooled.npy"), np.load(folder / "pooled_e5.npy"), weights)


@torch.no_grad()
def run(base: BaseModel, ids: list[list[int]], cache: pathlib.Path, tokens: np.ndarray | None = None, offsets=None):
    """Mean-pooled unit vectors, float32 [texts, HIDDEN]; writes unit token vectors into `tokens` where it is given."""
    where = device()
    model = load_bert(base, cache).to(where, torch.bfloat16).eval()
    pooled = np.empty((len(ids), HIDDEN), np.float32)
    start, done = time.time(), 0
    for batch in length_sorted_batches([len(row) for row in ids], 8192):
        rows, mask = pad([ids[i] for i in batch])
        hidden = model(input_ids=rows.to(where), attention_mask=mask.to(where)).last_hidden_state.float().cpu()
        mean = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        pooled[batch] = normalize(mean, dim=-1).numpy()
        if tokens is not None:
            unit = normalize(hidden, dim=-1).to(torch.float16).numpy()
            for row, i in enumerate(batch):
                tokens[offsets[i] : offsets[i + 1]] = unit[row, : len(ids[i])]
        before, done = done, done + len(batch)
        if done * 10 // len(ids) != before * 10 // len(ids):
            print(f"{base.stem}: {done} of {len(ids)} texts, {done / (time.time() - start):.0f} texts/s", flush=True)
    return pooled
