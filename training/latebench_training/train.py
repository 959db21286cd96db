"""The training loop: one pass of distillation with a fixed number of steps, resumable."""

import math
import pathlib
import time
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from .batches import Ensemble, Texts, as_passages, as_queries, draw, padded, query_order
from .encode import device
from .fake_quantisation import replace_linear_layers, simulate
from .losses import PREFIXES, ranking_loss, student_scores
from .student import Student
from .teachers import TeacherVectors

GROUPS = 6  # a batch's passages are encoded in groups of like length, to pad less


@dataclass(frozen=True)
class Settings:
    steps: int = 1600
    learning_rate: float = 5e-5
    queries_per_step: int = 12
    warm_up: float = 0.05
    quantise_from: float = 0.8  # share of the steps after which int8 is simulated
    seed: int = 12345


@dataclass
class Material:
    """What a run learns from. `query_groups`: indices into the queries, with each group's share of a batch."""

    queries: TeacherVectors
    passages: TeacherVectors
    candidates: np.ndarray
    query_groups: list[tuple[np.ndarray, float]]
    skip: list[int]


class Scales(nn.Module):
    """One learned factor for each prefix length, from mean cosine to logit."""

    def __init__(self) -> None:
        super().__init__()
        self.log = nn.Parameter(torch.full((len(PREFIXES),), math.log(50.0)))


def train(student: Student, material: Material, settings: Settings, checkpoint: pathlib.Path) -> None:
    """Trains in place. Continues from `checkpoint` where it exists, and leaves its last state there."""
    torch.manual_seed(settings.seed)
    where = device()
    student.to(where).train()
    replace_linear_layers(student.bert)
    scales = Scales().to(where)
    parameters = [p for p in student.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(
        [{"params": parameters, "weight_decay": 0.01}, {"params": scales.parameters(), "weight_decay": 0.0, "lr": 10 * settings.learning_rate}],
        lr=settings.learning_rate,
        betas=(0.9, 0.98),
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: rate(step, settings))
    first = 0
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=where)
        student.load_state_dict(state["student"])
        scales.load_state_dict(state["scales"])
        optimiser.load_state_dict(state["optimiser"])
        schedule.load_state_dict(state["schedule"])
        first = state["step"]

    queries, passages = as_queries(material.queries), as_passages(material.passages)
    teacher = Ensemble(material.queries, material.passages, material.skip, material.candidates)
    print(f"teachers' spread among candidates: {teacher.spread.round(4).tolist()}", flush=True)
    order = query_order(material.query_groups, settings.queries_per_step, settings.steps, settings.seed)
    start, log = time.time(), []
    for step, chosen in enumerate(order):
        if step < first:
            continue
        simulate(student.bert, step >= settings.quantise_from * settings.steps)
        rng = np.random.default_rng([settings.seed, step])
        pool = draw(material.candidates, chosen, rng)
        losses = step_losses(student, scales, queries, passages, teacher, chosen, pool)
        optimiser.zero_grad(set_to_none=True)
        losses["ranking"].backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        schedule.step()
        log.append([losses["full"].item(), losses["ranking"].item()])
        if (step + 1) % 20 == 0:
            full, ranking = np.mean(log[-20:], axis=0)
            each = (time.time() - start) / (step + 1 - first)
            left = each * (settings.steps - step - 1) / 60
            print(f"step {step + 1}: KL {full:.4f} (all prefixes {ranking:.4f}); {each:.2f} s/step, {left:.0f} min left", flush=True)
        if (step + 1) % 200 == 0 or step + 1 == settings.steps:
            save(checkpoint, step + 1, student, scales, optimiser, schedule)


def rate(step: int, settings: Settings) -> float:
    """Linear warm-up, then linear decay to a fiftieth."""
    warm = max(1, int(settings.warm_up * settings.steps))
    return (step + 1) / warm if step < warm else max(0.02, (settings.steps - step) / (settings.steps - warm))


def step_losses(student: Student, scales: Scales, queries: Texts, passages: Texts, teacher: Ensemble, chosen, pool) -> dict[str, torch.Tensor]:
    where = device()
    ids, mask = padded(queries, chosen)
    rows = forward(student, ids, mask)
    by_length = pool[np.argsort([len(passages.ids[i]) for i in pool], kind="stable")]
    groups, wanted = [], []
    for group in np.array_split(by_length, GROUPS):
        ids, passage_mask = padded(passages, group)
        usable = passage_mask.bool() & ~torch.isin(ids, torch.from_numpy(teacher.skip))
        groups.append((forward(student, ids, passage_mask), usable.to(where)))
        wanted.append(teacher.logits(chosen, group))
    logits = torch.cat(wanted, dim=1).to(where)
    divergences = [
        ranking_loss(scale.exp() * student_scores(rows, mask.to(where), groups, dim), logits)
        for dim, scale in zip(PREFIXES, scales.log)
    ]
    ranking = sum(weight * divergence for weight, divergence in zip(PREFIXES.values(), divergences))
    return {"full": divergences[0], "ranking": ranking}


def forward(student: Student, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    where = device()
    with torch.autocast(where.type, torch.bfloat16):
        return student(ids.to(where), mask.to(where)).float()


def save(file: pathlib.Path, step: int, student: Student, scales: Scales, optimiser, schedule) -> None:
    """Written to a temporary name first: an interrupted write leaves the last checkpoint whole."""
    temporary = file.with_suffix(".tmp")
    torch.save(
        {
            "step": step,
            "student": student.state_dict(),
            "scales": scales.state_dict(),
            "optimiser": optimiser.state_dict(),
            "schedule": schedule.state_dict(),
        },
        temporary,
    )
    temporary.replace(file)
