"""BERT encoders that package registries ship: fetched from Maven, loaded from their ONNX files into PyTorch."""

import pathlib
import subprocess
import zipfile
from dataclasses import dataclass

import onnx
import torch
from onnx import numpy_helper
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel

ARTEFACT_VERSION = "1.0.0-beta3"


@dataclass(frozen=True)
class BaseModel:
    """One encoder of the `dev.langchain4j:langchain4j-embeddings-*` family, and how its authors use it."""

    artefact: str
    stem: str
    layers: int
    query_prefix: str = ""
    passage_prefix: str = ""


MINILM = BaseModel("all-minilm-l6-v2", "all-minilm-l6-v2", 6)
BGE_SMALL = BaseModel("bge-small-en-v15", "bge-small-en-v1.5", 12)
E5_SMALL = BaseModel("e5-small-v2", "e5-small-v2", 12, "query: ", "passage: ")


def fetch(base: BaseModel, cache: pathlib.Path) -> pathlib.Path:
    """Downloads the artefact with Maven, once, and unpacks `STEM.onnx` and `STEM-tokenizer.json`; returns their folder."""
    folder = cache / base.artefact
    if not (folder / f"{base.stem}.onnx").exists():
        artefact = f"dev.langchain4j:langchain4j-embeddings-{base.artefact}:{ARTEFACT_VERSION}"
        subprocess.run(["mvn", "-q", "dependency:copy", f"-Dartifact={artefact}", f"-DoutputDirectory={folder}"], check=True)
        with zipfile.ZipFile(next(folder.glob("*.jar"))) as jar:
            for name in (f"{base.stem}-tokenizer.json", f"{base.stem}.onnx"):
                jar.extract(name, folder)
    return folder


def load_tokenizer(base: BaseModel, cache: pathlib.Path) -> Tokenizer:
    """The tokenizer without truncation and padding, which the callers do themselves."""
    tokenizer = Tokenizer.from_file(str(fetch(base, cache) / f"{base.stem}-tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def load_bert(base: BaseModel, cache: pathlib.Path, keep_layers: list[int] | None = None) -> BertModel:
    """
    The encoder as a PyTorch module, without pooler and dropout, in float32.

    `keep_layers` takes a part of the layers, in order: how smaller BERT models are commonly initialised (DistilBERT, section 3).
    """
    weights = torch_weights(onnx.load(fetch(base, cache) / f"{base.stem}.onnx"))
    layers = list(range(base.layers)) if keep_layers is None else keep_layers
    hidden = weights["embeddings.LayerNorm.weight"].shape[0]
    config = BertConfig(
        hidden_size=hidden,
        num_hidden_layers=len(layers),
        num_attention_heads=12,
        intermediate_size=4 * hidden,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        attn_implementation="eager",  # PyTorch's fused attention is several times slower backwards on a CPU
    )
    model = BertModel(config, add_pooling_layer=False)
    state = {name: tensor for name, tensor in weights.items() if name.startswith("embeddings.")}
    for target, source in enumerate(layers):
        prefix = f"encoder.layer.{source}."
        state |= {
            f"encoder.layer.{target}.{name.removeprefix(prefix)}": tensor
            for name, tensor in weights.items()
            if name.startswith(prefix)
        }
    missing, unexpected = model.load_state_dict(state, strict=False)
    if unexpected or any("position_ids" not in name and "token_type_ids" not in name for name in missing):
        raise ValueError(f"{base.stem}.onnx: missing {missing}, unexpected {unexpected}")
    return model


def torch_weights(model: onnx.ModelProto) -> dict[str, torch.Tensor]:
    """
    The parameters under their PyTorch names. Exporters keep the names of biases and layer norms, but store the matrices of
    linear layers transposed and nameless; the node that multiplies with one is named after the module.
    """
    graph = model.graph
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    weights = {
        name: torch.from_numpy(array.copy())
        for name, array in arrays.items()
        if name.startswith(("embeddings.", "encoder.")) and not name.endswith("position_ids")
    }
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in arrays:
            module = node.name.strip("/").removesuffix("/MatMul").replace("/", ".")
            weights[f"{module}.weight"] = torch.from_numpy(arrays[node.input[1]].T.copy())
    return weights
