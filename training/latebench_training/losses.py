"""MaxSim between padded matrices, and what the student is trained to minimise."""

import torch
from torch.nn.functional import kl_div, log_softmax, normalize

PREFIXES = {128: 1.0, 64: 0.3, 32: 0.15, 24: 0.15}
"""Dimensions that must work by truncation (Matryoshka, Kusupati et al. 2022), with their weights in the loss."""


def maxsim(queries: torch.Tensor, passages: torch.Tensor, kept: torch.Tensor) -> torch.Tensor:
    """
    Best similarity of each query token in each passage, [queries, passages, query tokens].

    `queries` [queries, tokens, dim] and `passages` [passages, tokens, dim] have unit rows; `kept` [passages, tokens] says which
    passage tokens take part.
    """
    count, tokens, dim = queries.shape
    dots = queries.reshape(-1, dim) @ passages.reshape(-1, dim).T
    dots = dots.view(count, tokens, *kept.shape) + torch.where(kept, 0.0, -1e4)
    return dots.max(-1).values.transpose(1, 2)


def student_scores(
    queries: torch.Tensor, query_rows: torch.Tensor, groups: list[tuple[torch.Tensor, torch.Tensor]], dim: int
) -> torch.Tensor:
    """
    Mean MaxSim over each query's rows with the first `dim` columns, [queries, passages of all groups]. A group is (passages,
    kept) as `maxsim` takes them: passages of like length, so that little padding is compared.
    """
    short = normalize(queries[..., :dim], dim=-1)
    best = torch.cat([maxsim(short, normalize(rows[..., :dim], dim=-1), kept) for rows, kept in groups], dim=1)
    return mean_over_rows(best, query_rows)


def mean_over_rows(best: torch.Tensor, query_rows: torch.Tensor) -> torch.Tensor:
    """[queries, passages, query tokens] to [queries, passages]: the mean over the rows that `query_rows` marks."""
    weights = query_rows.float() / query_rows.sum(1, keepdim=True)
    return (best * weights[:, None, :]).sum(-1)


def ranking_loss(student: torch.Tensor, teacher: torch.Tensor) -> torch.Tensor:
    """KL divergence of the student's distribution over the passages from the teacher's (ColBERTv2, section 3.2)."""
    return kl_div(log_softmax(student, -1), log_softmax(teacher, -1), log_target=True, reduction="batchmean")
