"""Writes a model with dynamically quantised products again with products of floats: the same weights, without int8.

Reads one JSON object on standard input: model, target. Every `MatMulInteger` with what quantises its input and scales its output
becomes a `MatMul` over the dequantised weights. Prints the number of products.
"""

import json
import sys

import numpy as np
import onnx
from onnx import helper, numpy_helper

job = json.load(sys.stdin)
model = onnx.load(job["model"])
graph = model.graph
values = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
producer = {name: node for node in graph.node for name in node.output}
consumers = {}
for node in graph.node:
    for name in node.input:
        consumers.setdefault(name, []).append(node)


def only(name, op):
    found = [node for node in consumers[name] if node.op_type == op]
    assert len(found) == 1, (name, op)
    return found[0]


replaced = 0
nodes = []
done = set()
for node in graph.node:
    if node.op_type != "MatMulInteger":
        nodes.append(node)
        continue
    quantised = producer[node.input[0]]
    cast = only(node.output[0], "Cast")
    scaled = only(cast.output[0], "Mul")
    scales = producer[next(name for name in scaled.input if name != cast.output[0])]
    weight_scale = next(values[name] for name in scales.input if name in values)
    zero = values[node.input[3]] if len(node.input) > 3 else 0
    weights = (values[node.input[1]].astype(np.float32) - np.asarray(zero, np.float32)) * weight_scale.astype(np.float32)
    name = f"{node.input[1]}_float"
    graph.initializer.append(numpy_helper.from_array(weights.astype(np.float32), name))
    # Where the last node of the group stands, all that the product reads is there.
    nodes.append((scaled, helper.make_node("MatMul", [quantised.input[0], name], list(scaled.output), name=node.name)))
    done.update(id(part) for part in (cast, scaled, scales))
    replaced += 1

at = {id(scaled): product for scaled, product in (entry for entry in nodes if isinstance(entry, tuple))}
plain = [entry for entry in nodes if not isinstance(entry, tuple)]
ordered = [at.get(id(node), node) for node in plain if id(node) in at or id(node) not in done]

needed = {output.name for output in graph.output}
kept = []
for node in reversed(ordered):  # what only served the products goes
    if needed.intersection(node.output):
        kept.append(node)
        needed.update(node.input)
del graph.node[:]
graph.node.extend(reversed(kept))
used = [tensor for tensor in graph.initializer if tensor.name in needed]
del graph.initializer[:]
graph.initializer.extend(used)
onnx.save(model, job["target"])
print(json.dumps({"products": replaced}))
