"""Where the student begins: layers of its teacher, joined by the linear maps that change the teacher's states least."""

import numpy as np
import torch
from torch.nn.functional import normalize
from transformers import BertModel

from .batches import Texts
from .encode import device, length_sorted_batches, pad
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
def join_layers(student: Student, teacher: BertModel, resumes_at: int, passages: Texts, skip: list[int], seed: int) -> None:
    """
    Fits the bridge to what the teacher's layer `resumes_at` reads, then the imitation to the teacher's last states of unit
    length.
    """
    hidden = teacher.config.hidden_size
    where = device()
    student.on(where).eval()
    teacher.to(where, torch.bfloat16).eval()
    texts = [passages.ids[i] for i in sample(len(passages.ids), seed)]
    batches = []
    for batch in length_sorted_batches([len(ids) for ids in texts], 8192):
        ids, mask = pad([texts[i] for i in batch])
        batches.append((ids.to(where), mask.to(where), mask.bool() & ~torch.isin(ids, torch.tensor(skip))))

    bridge, wanted = Moments(hidden, hidden), []
    for ids, mask, used in batches:
        early = run_layers(teacher.encoder.layer[:resumes_at], teacher.embeddings(input_ids=ids), mask)
        last = run_layers(teacher.encoder.layer[resumes_at:], early, mask).cpu()[used]
        bridge.add(student.front_states(ids, mask).cpu()[used], early.cpu()[used])
        wanted.append(normalize(last.float(), dim=-1))
    weight, bias = bridge.solve()
    student.bridge.weight.copy_(weight)
    student.bridge.bias.copy_(bias)

    imitation = Moments(hidden, hidden)
    for (ids, mask, used), last in zip(batches, wanted):
        imitation.add(student.hidden_states(ids, mask).cpu()[used], last)
    student.imitation.weight.copy_(imitation.solve()[0])


@torch.no_grad()
def start_projection(student: Student, passages: TeacherVectors, skip: list[int], seed: int) -> None:
    """
    Of what the student imitates, the DIM directions with the largest second moment among the teacher's token vectors: of all
    projections to DIM dimensions this one changes the vectors least.
    """
    moment = np.zeros((passages.pooled.shape[1],) * 2)
    for index in sample(len(passages.ids), seed):
        rows = passages.of(index)[~np.isin(passages.ids[index], skip)].astype(np.float64)
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
