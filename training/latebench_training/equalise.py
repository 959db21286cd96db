"""Before int8: the few inputs of a matrix that reach far are made smaller, and its rows for them larger."""

import pathlib

import numpy as np
import onnx
import onnxruntime as ort
from onnx import helper, numpy_helper

from .batches import Texts
from .encode import length_sorted_batches, pad

FAR, TIMES = 0.995, 2.0
"""Columns beyond this quantile of the columns' largest values are divided, where the largest is this many times as large."""


def equalise(source: pathlib.Path, target: pathlib.Path, texts: Texts) -> None:
    """
    Int8 gives all columns of a matrix's input one scale, and in the feed-forward layers a few of 1,536 columns take most of
    it. Dividing those before the multiplication, and multiplying the matrix's rows instead, changes nothing in float32
    (SmoothQuant, Xiao et al. 2023, section 4, for outlying columns alone). `texts` show how far the columns reach.
    """
    model = onnx.load(source)
    graph = model.graph
    tensors = {tensor.name: tensor for tensor in graph.initializer}
    nodes = [n for n in graph.node if n.name.endswith("/output/dense/MatMul") and "/attention/" not in n.name]
    for node, largest in zip(nodes, largest_values(model, [node.input[0] for node in nodes], texts)):
        far = np.quantile(largest, FAR)
        if largest.max() < TIMES * far:
            continue
        factors = np.maximum(1, largest / far).astype(np.float32)
        name = node.name.strip("/").replace("/", ".")
        weight = numpy_helper.to_array(tensors[node.input[1]]) * factors[:, None]
        tensors[node.input[1]].CopyFrom(numpy_helper.from_array(weight, node.input[1]))
        graph.initializer.append(numpy_helper.from_array(1 / factors, f"{name}.factors"))
        at = list(graph.node).index(node)
        divide = helper.make_node("Mul", [node.input[0], f"{name}.factors"], [f"{name}.equalised"], name=f"{name}.equalise")
        node.input[0] = f"{name}.equalised"
        graph.node.insert(at, divide)
        print(f"{name}: largest input {largest.max():.1f}, {(factors > 1).sum()} columns divided down to {far:.1f}", flush=True)
    onnx.checker.check_model(model)
    onnx.save(model, target)


def largest_values(model: onnx.ModelProto, names: list[str], texts: Texts) -> np.ndarray:
    """The largest absolute value in each column of some tensors, float32 [names, columns]."""
    shown = onnx.ModelProto()
    shown.CopyFrom(model)
    del shown.graph.output[:]
    shown.graph.output.extend(helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in names)
    session = ort.InferenceSession(shown.SerializeToString(), providers=["CPUExecutionProvider"])
    batches = []
    for batch in length_sorted_batches([len(ids) for ids in texts.ids], 2048):
        ids, mask = (tensor.numpy() for tensor in pad([texts.ids[i] for i in batch]))
        values = session.run(None, {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)})
        batches.append([np.abs(tensor[mask == 1]).max(axis=0) for tensor in values])
    return np.max(batches, axis=0)
