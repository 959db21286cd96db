"""Encodes with an exported model in onnxruntime, in batches as latebench forms them."""

import pathlib

import numpy as np
import onnxruntime as ort

from .batches import Texts


def encode(model: pathlib.Path, texts: Texts, batch_size: int = 8, shard: int = 1024) -> list[np.ndarray]:
    """Vectors of every text, float32 [tokens, dim]: shards of 1,024 texts, sorted by length, in batches of 8."""
    session = ort.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    out: list[np.ndarray] = [np.empty(0)] * len(texts.ids)
    for first in range(0, len(texts.ids), shard):
        order = sorted(range(first, min(first + shard, len(texts.ids))), key=lambda i: -len(texts.ids[i]))
        for start in range(0, len(order), batch_size):
            batch = order[start : start + batch_size]
            length = max(len(texts.ids[i]) for i in batch)
            ids = np.zeros((len(batch), length), np.int64)
            mask = np.zeros_like(ids)
            for row, i in enumerate(batch):
                ids[row, : len(texts.ids[i])] = texts.ids[i]
                mask[row, : len(texts.ids[i])] = 1
            (vectors,) = session.run(None, {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)})
            for row, i in enumerate(batch):
                out[i] = vectors[row, : len(texts.ids[i])]
    return out
