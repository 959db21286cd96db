"""Second stage: distillation of the teachers' scores over lists of passages, without forgetting their token vectors."""

import copy
import pathlib
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from .batches import Askers, Ensemble, as_passages, as_queries, draw, query_order
from .encode import device
from .fake_quantisation import replace_linear_layers, simulate
from .imitation import Copied, imitated
from .losses import PREFIXES, ranking_loss, student_scores
from .loop import Losses, Schedule, run
from .student import DIM, Student
from .teachers import TeacherVectors

GROUPS = 6  # a batch's passages are encoded in groups of like length, to pad less
QUERIES = 12

IMITATION = 3.0
"""Weight of 1 - cosine to the teachers' vectors, which keeps the student from forgetting what the lists do not ask for."""


@dataclass(frozen=True)
class Ranking:
    """
    How the second stage goes. `quantise_from`: share of the steps after which int8 is simulated. `askers`: a batch's passages
    are ranked for that many queries for each of its QUERIES, those of its kind that share most candidates with it (1: itself
    alone). Encoding passages is what a step takes time for, and more queries cost little.
    """

    schedule: Schedule
    quantise_from: float
    askers: int


@dataclass
class Material:
    """What a run learns from. `query_groups`: indices into the queries, with each group's share of a batch."""

    queries: TeacherVectors
    passages: TeacherVectors
    candidates: np.ndarray
    query_groups: list[tuple[np.ndarray, float]]
    skip: list[int]

    def copied_queries(self) -> Copied:
        return Copied(as_queries(self.queries), self.queries, [])

    def copied_passages(self) -> Copied:
        return Copied(as_passages(self.passages), self.passages, self.skip)


class Ranker(nn.Module):
    """The student, and one learned factor for each prefix length, from mean cosine to logit."""

    def __init__(self, student: Student) -> None:
        super().__init__()
        self.student = student
        self.log_scales = nn.Parameter(torch.zeros(len(PREFIXES)))

    def scale(self, index: int) -> torch.Tensor:
        return 50 * (10 * self.log_scales[index]).exp()  # ten times as quick as other parameters


def train(student: Student, material: Material, rankings: dict[pathlib.Path, Ranking]) -> None:
    """Trains a copy of the student by each ranking, from its checkpoint on where there is one, and leaves its last state there."""
    teacher = Ensemble(material.queries, material.passages, material.skip, material.candidates)
    print(f"teachers' spread among candidates: {teacher.spread.round(4).tolist()}", flush=True)
    for checkpoint, ranking in rankings.items():
        print(f"{checkpoint.name}: {ranking}", flush=True)
        rank(copy.deepcopy(student), material, teacher, ranking, checkpoint)


def rank(student: Student, material: Material, teacher: Ensemble, ranking: Ranking, checkpoint: pathlib.Path) -> None:
    """Trains the student in place."""
    where, schedule = device(), ranking.schedule
    ranker = Ranker(student.on(where)).to(where).train()
    replace_linear_layers(student.bert)
    queries, passages = material.copied_queries(), material.copied_passages()
    askers = Askers(material.candidates, [group for group, _ in material.query_groups])
    chosen = list(query_order(material.query_groups, QUERIES, schedule.steps, schedule.seed))

    def losses_of(step: int) -> Losses:
        simulate(student, step >= ranking.quantise_from * schedule.steps)
        rng = np.random.default_rng([schedule.seed, step])
        asked, drawn = chosen[step], draw(material.candidates, chosen[step], rng)
        if ranking.askers > 1:
            more = [askers.of(query, some, ranking.askers, rng) for query, some in zip(asked, drawn)]
            asked = np.unique(np.concatenate([asked, *more]))
        return step_losses(ranker, queries, passages, teacher, asked, np.unique(np.concatenate(drawn)))

    run(ranker, losses_of, schedule, checkpoint)


def step_losses(
    ranker: Ranker, queries: Copied, passages: Copied, teacher: Ensemble, chosen: np.ndarray, pool: np.ndarray
) -> Losses:
    where, student = device(), ranker.student
    hidden, query_rows, cosine = imitated(student, queries, chosen, where)
    rows, cosines = student.projection(hidden), [cosine]
    by_length = pool[np.argsort([len(passages.texts.ids[i]) for i in pool], kind="stable")]
    groups, wanted = [], []
    for group in np.array_split(by_length, GROUPS):
        hidden, used, cosine = imitated(student, passages, group, where)
        groups.append((student.projection(hidden), used))
        cosines.append(cosine)
        wanted.append(teacher.logits(chosen, group))
    logits = torch.cat(wanted, dim=1).to(where)
    divergences = [
        ranking_loss(ranker.scale(i) * student_scores(rows, query_rows, groups, dim), logits) for i, dim in enumerate(PREFIXES)
    ]
    ranking = sum(weight * divergence for weight, divergence in zip(PREFIXES.values(), divergences))
    cosine = torch.stack(cosines).mean()
    return {"total": ranking + IMITATION * (1 - cosine), f"KL of {DIM} columns": divergences[0], "1 - cosine": 1 - cosine}
