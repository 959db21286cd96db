"""First stage: the student learns its teachers' token vectors, which says far more of every text than scores do."""

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
from .teachers import HIDDEN, TeacherVectors

TOKENS = 1536
"""Positions of a batch."""


@dataclass
class Copied:
    """Texts in the student's form beside the teachers' vectors of them; search drops positions with the ids in `skip`."""

    texts: Texts
    vectors: TeacherVectors
    skip: list[int]

    def rows(self, index: int) -> np.ndarray:
        """
        The teachers' rows for the student's positions, times what each teacher counts, float32 [length, teachers * HIDDEN];
        the marker's are the pooled vectors.
        """
        tokens, length = self.vectors.of(index), len(self.texts.ids[index])
        rows = np.vstack([tokens[:1], self.vectors.pooled[index][None], tokens[1 : length - 2], tokens[-1:]])
        return rows * self.vectors.column_weights(index)

    def batch(self, indices: np.ndarray, where: torch.device) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """Padded ids, mask, the positions that search uses (all [texts, length]); their rows [texts, length, teachers * HIDDEN]."""
        ids, mask = pad([self.texts.ids[i] for i in indices])
        used = mask.bool() & ~torch.isin(ids, torch.tensor(self.skip, dtype=torch.int64))
        wanted = torch.zeros(*ids.shape, self.vectors.pooled.shape[1])
        for row, index in enumerate(indices):
            rows = self.rows(index)
            wanted[row, : len(rows)] = torch.from_numpy(rows)
        return ids.to(where), mask.to(where), used.to(where), wanted.to(where)


Part = tuple[Copied, np.ndarray]
"""Texts, and the indices of those that are meant."""


def imitate(student: Student, parts: list[Part], schedule: Schedule, checkpoint: pathlib.Path) -> None:
    """Minimises 1 - cosine of every vector that search uses. `parts` are drawn from by their numbers of tokens."""
    where = device()
    student.on(where).train()
    chosen = batches(parts, schedule.seed)
    drawn = [next(chosen) for _ in range(schedule.steps)]

    def losses_of(step: int) -> Losses:
        _, _, cosine = imitated(student, *drawn[step], where)
        return {"total": 1 - cosine}

    run(student, losses_of, schedule, checkpoint)


def imitated(
    student: Student, copied: Copied, indices: np.ndarray, where: torch.device
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """
    Of some texts: the last states [texts, length, hidden], which of them search uses [texts, length], and the mean cosine over
    those between the student's imitation and the teachers' vectors, each teacher's cosine times what it counts.
    """
    ids, mask, used, wanted = copied.batch(indices, where)
    hidden = student.hidden_states(ids, mask)
    made = student.imitation(hidden).unflatten(-1, (-1, HIDDEN))
    cosines = (normalize(made, dim=-1) * wanted.unflatten(-1, (-1, HIDDEN))).sum(-1)
    return hidden, used, cosines[used].mean()


def batches(parts: list[Part], seed: int) -> Iterator[Part]:
    """Endless epochs over all parts, in batches of like lengths, each epoch in another order."""
    rng = np.random.default_rng(seed)
    while True:
        epoch = []
        for copied, indices in parts:
            lengths = np.array([len(copied.texts.ids[i]) for i in indices])
            order = indices[np.lexsort((rng.random(len(lengths)), lengths))]
            ends = np.cumsum(np.sort(lengths)) // TOKENS
            epoch += [(copied, chunk) for chunk in np.split(order, np.flatnonzero(np.diff(ends)) + 1)]
        yield from (epoch[i] for i in rng.permutation(len(epoch)))
