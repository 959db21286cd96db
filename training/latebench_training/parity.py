"""Compares the int8 file with the float one, and refuses it where it lost too much."""

import pathlib
from functools import partial

import numpy as np

from .batches import as_passages, as_queries
from .onnx_encoder import encode
from .train import Material
from .validate import agreement, part, spread_out

MEAN_COSINE, RANKING_LOSS = 0.99, 0.005


def check_parity(full: pathlib.Path, quantised: pathlib.Path, material: Material, held_out: np.ndarray) -> dict[str, float]:
    """
    Cosines over the held-out queries and 1,024 passages, and the nDCG@10 (against the teachers' order) that int8 costs.

    Raises ValueError where a bound is broken.
    """
    sample = spread_out(len(material.passages.ids), 1024)
    cosines = np.concatenate([
        (a * b).sum(1)
        for texts in (part(as_queries(material.queries), held_out), part(as_passages(material.passages), sample))
        for a, b in zip(encode(full, texts), encode(quantised, texts))
    ])
    before = agreement(partial(encode, full), material, held_out)
    after = agreement(partial(encode, quantised), material, held_out)
    dim = max(before)
    figures = {
        "mean_cosine": float(cosines.mean()),
        "first_percentile_cosine": float(np.percentile(cosines, 1)),
        **{f"teacher_ndcg_fp32_{d}": value for d, value in before.items()},
        **{f"teacher_ndcg_int8_{d}": value for d, value in after.items()},
    }
    print("\n".join(f"{name}: {value:.4f}" for name, value in figures.items()), flush=True)
    if figures["mean_cosine"] < MEAN_COSINE or before[dim] - after[dim] > RANKING_LOSS:
        raise ValueError(f"int8 is too far from fp32: {figures}")
    return figures
