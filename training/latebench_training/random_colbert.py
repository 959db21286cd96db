"""
Writes encoders in the shape of ColBERT v1 and v2 (BERT-base, 110 M parameters, 128-d projection) with random weights, float32 and
int8, for measuring speed where the published checkpoints cannot be downloaded: speed does not depend on the weights' values.
"""

import argparse
import json
import pathlib

import torch
from torch import nn
from torch.nn.functional import normalize
from transformers import BertConfig, BertModel

from .base_models import BGE_SMALL, fetch, load_tokenizer
from .build import write_tokenizer
from .export import quantise
from .student import CLS, DIM, DOC_MARKER, MASK, QUERY_MARKER, SEP, skiplist


class Colbert(nn.Module):
    """BERT, projection, L2 normalisation."""

    def __init__(self) -> None:
        super().__init__()
        self.bert = BertModel(BertConfig(attn_implementation="eager"), add_pooling_layer=False)
        self.linear = nn.Linear(768, DIM, bias=False)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        return normalize(self.linear(self.bert(input_ids, attention_mask).last_hidden_state), dim=-1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--cache", type=pathlib.Path, default=pathlib.Path(".latebench/training/base"))
    args = parser.parse_args()
    torch.manual_seed(0)
    full, quantised = args.out / "fp32", args.out / "int8"
    full.mkdir(parents=True, exist_ok=True)
    quantised.mkdir(exist_ok=True)
    example = (torch.ones(2, 7, dtype=torch.long), torch.ones(2, 7, dtype=torch.long))
    axes = {name: {0: "batch", 1: "length"} for name in ("input_ids", "attention_mask", "contextual")}
    torch.onnx.export(
        Colbert().eval(), example, str(full / "model.onnx"), input_names=["input_ids", "attention_mask"],
        output_names=["contextual"], dynamic_axes=axes, opset_version=14, dynamo=False,
    )
    quantise(full / "model.onnx", quantised / "model.onnx")
    tokenizer = fetch(BGE_SMALL, args.cache) / f"{BGE_SMALL.stem}-tokenizer.json"
    for folder in (full, quantised):
        write_tokenizer(tokenizer, folder)
        config = {
            "name": f"random-colbert-{folder.name}", "tokenisation": "v2", "query_marker_id": QUERY_MARKER,
            "doc_marker_id": DOC_MARKER, "query_maxlen": 32, "doc_maxlen": 180, "mask_augmentation": True,
            "attend_to_mask_tokens": False, "skiplist": skiplist(load_tokenizer(BGE_SMALL, args.cache)), "cls_id": CLS,
            "sep_id": SEP, "mask_id": MASK, "pad_id": 0, "dim": DIM, "similarity": "cosine",
            "architecture": {"layers": 12, "hidden": 768, "intermediate": 3072},
        }
        (folder / "encoder.json").write_text(json.dumps(config, indent=2) + "\n")


if __name__ == "__main__":
    main()
