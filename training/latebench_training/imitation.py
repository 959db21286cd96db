"""First stage: the student learns its teacher's token vectors, which says far more of every text than scores do."""

import pathlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn.functional import normalize

from .batches import Texts
from .encode import device, pad
from .loop import Losses, Schedule, run
from .student import Student
from .teachers import TeacherVectors

TOKENS = 1536
"""Positions of a batch."""


@dataclass
class Copied:
    """Texts in the student's form beside the teacher's vectors of them; `used`: the texts that may be trained on."""

    texts: Texts
    vectors: TeacherVectors
    used: np.ndarray
    skip: list[int]

    def rows(self, index: int) -> np.ndarray:
        """The teacher's row of each of the student's positions, [length, hidden]; the marker's is the text's pooled vector."""
        tokens, length = self.vectors.of(index), len(self.texts.ids[index])
        return np.vstack([tokens[:1], self.vectors.pooled[index][None], tokens[1 : length - 2], tokens[-1:]])

    def batch(self, indices: np.ndarray, where: torch.device) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """Padded ids, mask, the positions that search uses (all [texts, length]); the teacher's rows [texts, length, hidden]."""
        ids, mask = pad([self.texts.ids[i] for i in indices])
        used = mask.bool() & ~torch.isin(ids, torch.tensor(self.skip, dtype=torch.int64))
        wanted = torch.zeros(*ids.shape, self.vectors.pooled.shape[1])
        for row, index in enumerate(indices):
            rows = self.rows(index)
            wanted[row, : len(rows)] = torch.from_numpy(rows.astype(np.float32))
        return ids.to(where), mask.to(where), used.to(where), wanted.to(where)


def imitate(student: Student, parts: list[Copied], schedule: Schedule, checkpoint: pathlib.Path) -> None:
    """Minimises 1 - cosine of every row that search uses. `parts` are drawn from by their numbers of tokens."""
    where = device()
    student.on(where).train()
    chosen = batches(parts, schedule.seed)
    drawn = [next(chosen) for _ in range(schedule.steps)]

    def losses_of(step: int) -> Losses:
        cosine = imitated(student, *drawn[step], where)
        return {"total": 1 - cosine}

    run(student, losses_of, schedule, checkpoint)


def imitated(student: Student, part: Copied, indices: np.ndarray, where: torch.device) -> torch.Tensor:
    """Mean cosine between the student's imitation and the teacher's rows."""
    ids, mask, used, wanted = part.batch(indices, where)
    return cosine_of(student, student.hidden_states(ids, mask), wanted, used)


def cosine_of(student: Student, hidden: torch.Tensor, wanted: torch.Tensor, used: torch.Tensor) -> torch.Tensor:
    """Mean over the positions that `used` marks; `wanted` has unit rows there."""
    return (normalize(student.imitation(hidden), dim=-1) * wanted).sum(-1)[used].mean()


def batches(parts: list[Copied], seed: int) -> Iterator[tuple[Copied, np.ndarray]]:
    """Endless epochs over all parts, in batches of like lengths, each epoch in another order."""
    rng = np.random.default_rng(seed)
    while True:
        epoch = []
        for part in parts:
            lengths = np.array([len(part.texts.ids[i]) for i in part.used])
            order = part.used[np.lexsort((rng.random(len(lengths)), lengths))]
            ends = np.cumsum(np.sort(lengths)) // TOKENS
            epoch += [(part, chunk) for chunk in np.split(order, np.flatnonzero(np.diff(ends)) + 1)]
        yield from (epoch[i] for i in rng.permutation(len(epoch)))
