"""Where the student begins: layers of its teacher, joined by the linear maps that change the teacher's states least."""

import numpy as np
import torch
from transformers import BertModel

from .encode import device, length_sorted_batches
from .imitation import Copied
from .student import DIM, Student, run_layers
from .teachers import TeacherVectors

SAMPLE, RIDGE = 2048, 1.0


class Moments:
    """Sums over rows for a least-squares fit of `wanted` from `given`: both [rows, hidden]."""

    def __init__(self, given: int, wanted: int):
        self.square = torch.zeros(given + 1, given + 1, dtype=torch.float64)
        self.product = torch.zeros(given + 1, wanted, dtype=torch.float64)

    def add(self, given: torch.Tensor, wanted: torch.Tensor) -> None:
        rows = torch.cat([given.double(), torch.ones(len(given), 1, dtype=torch.float64)], dim=1)
        self.square += rows.T @ rows
        self.product += rows.T @ wanted.double()

    def solve(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Weight [wanted, given] and bias [wanted] of the linear layer."""
        fit = torch.linalg.solve(self.square + RIDGE * torch.eye(len(self.square), dtype=torch.float64), self.product)
        return fit[:-1].T.float(), fit[-1].float()


@torch.no_grad()
def join_layers(student: Student, teacher: BertModel, resumes_at: int, passages: Copied, seed: int) -> None:
    """
    Fits the bridge to what layer `resumes_at` of `teacher`, whose layers the student has, reads; then the imitation to the
    teachers' rows.
    """
    hidden = teacher.config.hidden_size
    where = device()
    student.on(where).eval()
    teacher.to(where, torch.bfloat16).eval()
    texts = sample(len(passages.texts.ids), seed)
    lengths = [len(passages.texts.ids[i]) for i in texts]
    batches = [passages.batch(texts[batch], where) for batch in length_sorted_batches(lengths, 8192)]

    bridge = Moments(hidden, hidden)
    for ids, mask, used, _ in batches:
        early = run_layers(teacher.encoder.layer[:resumes_at], teacher.embeddings(input_ids=ids), mask)
        bridge.add(student.front_states(ids, mask)[used].cpu(), early[used].cpu())
    weight, bias = bridge.solve()
    student.bridge.weight.copy_(weight)
    student.bridge.bias.copy_(bias)

    imitation = Moments(hidden, student.imitation.out_features)
    for ids, mask, used, wanted in batches:
        imitation.add(student.hidden_states(ids, mask)[used].cpu(), wanted[used].cpu())
    student.imitation.weight.copy_(imitation.solve()[0])


@torch.no_grad()
def start_projection(student: Student, passages: TeacherVectors, skip: list[int], seed: int) -> None:
    """
    Of what the student imitates, the DIM directions with the largest second moment among the teachers' rows (each dot product
    times what its teacher counts): of all projections to DIM dimensions this one changes the vectors least.
    """
    moment = np.zeros((passages.pooled.shape[1],) * 2)
    for index in sample(len(passages.ids), seed):
        rows = passages.of(index)[~np.isin(passages.ids[index], skip)].astype(np.float64)
        rows *= np.sqrt(passages.column_weights(index))
        moment += rows.T @ rows
    directions = leading_directions(torch.from_numpy(moment), DIM).to(student.imitation.weight.device)
    student.projection.weight.copy_(directions @ student.imitation.weight)


def sample(count: int, seed: int) -> np.ndarray:
    """Indices of at most SAMPLE of `count` texts."""
    return np.random.default_rng(seed).choice(count, min(count, SAMPLE), replace=False)


def leading_directions(moment: torch.Tensor, count: int) -> torch.Tensor:
    """The `count` eigenvectors of a second moment [hidden, hidden] with the largest eigenvalues, float32 [count, hidden]."""
    _, vectors = torch.linalg.eigh(moment)
    directions = vectors.flip(1)[:, :count].T
    signs = directions.gather(1, directions.abs().argmax(1, keepdim=True)).sign()  # the sign is free: fix it
    return (directions * signs).float()
