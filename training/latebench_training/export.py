"""Writes the student as one ONNX file: projection and L2 normalisation inside, then int8."""

import pathlib

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import nn

from .base_models import BaseModel, fetch
from .student import Student

POSITIONS = 256
"""Position vectors that are kept: the longest passage has 180 positions."""


def export_float(student: Student, base: BaseModel, cache: pathlib.Path, target: pathlib.Path) -> None:
    """
    The base model's own graph, cut behind the student's last layer, with the student's parameters: onnxruntime knows how to fuse
    this graph. Inputs `input_ids`, `attention_mask`, `token_type_ids`; output `embeddings`, float32 [batch, length, DIM].
    """
    layers = student.bert.config.num_hidden_layers
    whole = onnx.shape_inference.infer_shapes(onnx.load(fetch(base, cache) / f"{base.stem}.onnx"))
    last = f"/encoder/layer.{layers - 1}/output/LayerNorm/Add_1"
    hidden = next(node.output[0] for node in whole.graph.node if node.name == last)  # of the whole base's last layer: its output
    inputs = [value.name for value in whole.graph.input]
    model = onnx.utils.Extractor(whole).extract_model(inputs, [hidden])
    put_parameters(model, {name: as_array(value) for name, value in student.bert.state_dict().items()})
    graph = model.graph
    insert_bridge(graph, f"/encoder/layer.{student.front - 1}/output/LayerNorm/Add_1", student.bridge)
    projection = as_array(student.projection.weight).T.copy()
    graph.initializer.append(numpy_helper.from_array(projection, "projection"))
    graph.node.append(helper.make_node("MatMul", [hidden, "projection"], ["projected"], name="project"))
    graph.node.append(helper.make_node("LpNormalization", ["projected"], ["embeddings"], name="normalise", axis=-1, p=2))
    del graph.output[:]
    shape = ["batch", "length", projection.shape[1]]
    graph.output.append(helper.make_tensor_value_info("embeddings", TensorProto.FLOAT, shape))
    del graph.value_info[:]
    onnx.checker.check_model(model)
    onnx.save(model, target)


def insert_bridge(graph: onnx.GraphProto, after: str, bridge: nn.Linear) -> None:
    """Everything that reads the output of the node named `after` reads the bridge's output instead."""
    at = next(i for i, node in enumerate(graph.node) if node.name == after)
    states = graph.node[at].output[0]
    for node in graph.node:
        for i, name in enumerate(node.input):
            if name == states:
                node.input[i] = "bridged"
    graph.initializer.append(numpy_helper.from_array(as_array(bridge.weight).T.copy(), "bridge.weight"))
    graph.initializer.append(numpy_helper.from_array(as_array(bridge.bias), "bridge.bias"))
    graph.node.insert(at + 1, helper.make_node("MatMul", [states, "bridge.weight"], ["bridge.product"], name="bridge"))
    graph.node.insert(at + 2, helper.make_node("Add", ["bridge.product", "bridge.bias"], ["bridged"], name="bridge.add"))


def as_array(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().float().cpu().numpy()


def put_parameters(model: onnx.ModelProto, state: dict[str, np.ndarray]) -> None:
    """Replaces every initialiser by the parameter of its name; matrices of linear layers are found by their node's name."""
    tensors = {tensor.name: tensor for tensor in model.graph.initializer}
    linear = {
        node.input[1]: node.name.strip("/").removesuffix("/MatMul").replace("/", ".") + ".weight"
        for node in model.graph.node
        if node.op_type == "MatMul" and node.input[1] in tensors
    }
    for name, tensor in tensors.items():
        if name in linear:
            value = state[linear[name]].T.copy()
        elif name == "embeddings.position_embeddings.weight":
            value = state[name][:POSITIONS]
        elif name in state:
            value = state[name]
        else:
            continue  # constants and tables of the graph itself
        tensor.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(value), name))


def quantise(source: pathlib.Path, target: pathlib.Path) -> None:
    """
    Dynamic int8. Weights have 7 bits and one scale a column: products of unsigned and signed bytes then never overflow 16 bits,
    and CPUs without VNNI give the same numbers. The projection stays float32, since its output is what is scored, and the bridge,
    whose rounding costs more than its share; both are small.
    """
    quantize_dynamic(
        source,
        target,
        per_channel=True,
        reduce_range=True,
        weight_type=QuantType.QInt8,
        nodes_to_exclude=["bridge", "project"],
        extra_options={"MatMulConstBOnly": True, "DefaultTensorType": TensorProto.FLOAT},
    )
