"""Where the projection begins: the directions that the base model's own token vectors need most."""

import numpy as np
import torch
from transformers import BertModel

from .batches import Texts
from .encode import device, length_sorted_batches, pad
from .student import DIM

SAMPLE = 4096


@torch.no_grad()
def principal_directions(bert: BertModel, passages: Texts, skip: list[int], seed: int) -> torch.Tensor:
    """
    The DIM directions with the largest second moment among the token vectors of a sample of passages, float32 [DIM, 384]. Of all
    projections to DIM dimensions this one changes the vectors least.
    """
    where = device()
    bert.to(where).eval()
    chosen = np.random.default_rng(seed).choice(len(passages.ids), min(len(passages.ids), SAMPLE), replace=False)
    texts = [passages.ids[i] for i in chosen]
    moment = torch.zeros(bert.config.hidden_size, bert.config.hidden_size, dtype=torch.float64)
    for batch in length_sorted_batches([len(ids) for ids in texts], 8192):
        ids, mask = pad([texts[i] for i in batch])
        hidden = bert(input_ids=ids.to(where), attention_mask=mask.to(where)).last_hidden_state.double().cpu()
        rows = hidden[mask.bool() & ~torch.isin(ids, torch.tensor(skip))]
        moment += rows.T @ rows
    _, vectors = torch.linalg.eigh(moment)
    directions = vectors.flip(1)[:, :DIM].T
    signs = directions.gather(1, directions.abs().argmax(1, keepdim=True)).sign()  # the sign is free: fix it
    return (directions * signs).float()
