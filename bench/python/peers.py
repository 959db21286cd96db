"""Exhaustive MaxSim of other CPU engines over the same rows; prints the time of each query in ms, and its top-10 lists.

Reads one JSON object on standard input: rows (file, fp16), lengths (file, int32), dim, queries (file, float32, [n, query_rows, dim]),
query_rows, threads, scratch (folder). Engines: numpy (one OpenBLAS product, then the maxima), maxsim-cpu, NumKong (its packed MaxSim, an
approximation in narrow integers, one call a passage), onnxruntime (a MatMul and ReduceMax graph, a passage length a batch). The number of
BLAS and OpenMP threads is set by the caller's environment.
"""

import json
import os
import sys
import time

import maxsim_cpu
import numkong
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

job = json.load(sys.stdin)
dim, query_rows = job["dim"], job["query_rows"]
rows = np.fromfile(job["rows"], dtype=np.float16).reshape(-1, dim).astype(np.float32)
lengths = np.fromfile(job["lengths"], dtype=np.int32)
ends = np.cumsum(lengths)
starts = ends - lengths
queries = np.fromfile(job["queries"], dtype=np.float32).reshape(-1, query_rows, dim)


def time_engine(score):
    """score(query) gives a score a passage; the first query is run twice, and once not counted."""
    times, best = [], []
    for query in np.concatenate([queries[:1], queries]):
        started = time.perf_counter()
        scores = score(query)
        times.append(1000 * (time.perf_counter() - started))
        best.append(np.argsort(-np.asarray(scores), kind="stable")[:10].tolist())
    return {"ms": times[1:], "top10": best[1:]}


def numpy_scores(query):
    return np.maximum.reduceat(rows @ query.T, starts, axis=0).sum(axis=1)


def transposed_scores(query):
    """The same with the maxima along memory: the faster way in numpy."""
    return np.maximum.reduceat(query @ rows.T, starts, axis=1).sum(axis=0)


passages = [rows[start:end] for start, end in zip(starts, ends)]


def onnx_session():
    """Passages of one length at a time: [n, length, dim] × [dim, query_rows] → maxima over length → sums."""
    nodes = [
        helper.make_node("MatMul", ["passages", "query"], ["products"]),
        helper.make_node("ReduceMax", ["products", "axis"], ["best"], keepdims=0),
        helper.make_node("ReduceSum", ["best", "axis"], ["scores"], keepdims=0),
    ]
    axis = helper.make_tensor("axis", TensorProto.INT64, [1], [1])
    inputs = [
        helper.make_tensor_value_info("passages", TensorProto.FLOAT, ["n", "length", dim]),
        helper.make_tensor_value_info("query", TensorProto.FLOAT, [dim, query_rows]),
    ]
    output = helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["n"])
    model = helper.make_model(helper.make_graph(nodes, "maxsim", inputs, [output], [axis]), opset_imports=[helper.make_opsetid("", 18)])
    model.ir_version = 10
    onnx.checker.check_model(model)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = job["threads"]
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def onnx_scorer():
    session = onnx_session()
    groups = []
    for length in np.unique(lengths):
        members = np.flatnonzero(lengths == length)
        if length > 0:
            groups.append((members, np.stack([passages[i] for i in members])))

    def score(query):
        scores = np.full(len(lengths), -np.inf, dtype=np.float32)
        turned = np.ascontiguousarray(query.T)
        for members, batch in groups:
            scores[members] = session.run(None, {"passages": batch, "query": turned})[0]
        return scores

    return score


def numkong_scorer():
    packed = [numkong.maxsim_pack(passage) for passage in passages]
    longest = np.array([np.linalg.norm(passage, axis=1).max() for passage in passages])

    def score(query):
        """Its result is the sum of angular distances of unit rows: the fewer the better."""
        own = numkong.maxsim_pack(query)
        return [-float(numkong.maxsim_packed(own, passage)) for passage in packed]

    assert np.allclose(longest, 1, atol=0.01), "NumKong compares directions: rows have to be of unit length"
    return score


os.makedirs(job["scratch"], exist_ok=True)
answers = {
    "numpy, rows × query": time_engine(numpy_scores),
    "numpy, query × rows": time_engine(transposed_scores),
    "maxsim-cpu": time_engine(lambda query: maxsim_cpu.maxsim_scores_variable(query, passages)),
}
if job["threads"] == 1:
    answers["NumKong"] = time_engine(numkong_scorer())
answers["onnxruntime"] = time_engine(onnx_scorer())
print(json.dumps(answers))
