"""Encodes texts with Python's onnxruntime in given batches; prints passages per second, tokenising included.

Reads one JSON object on standard input: model, tokenizer, threads, maxlen, marker, texts, batch. The marker, if any, comes after
[CLS]. Batches are formed as latebench forms
them: sorted by length, longest first, padded to their longest text.
"""

import json
import sys
import time

import numpy as np
import onnxruntime as ort
from tokenizers import Tokenizer

job = json.load(sys.stdin)
options = ort.SessionOptions()
options.intra_op_num_threads = job["threads"]
session = ort.InferenceSession(job["model"], options, providers=["CPUExecutionProvider"])
names = {value.name for value in session.get_inputs()}
tokenizer = Tokenizer.from_file(job["tokenizer"])


def encode(texts):
    marker = [] if job["marker"] is None else [job["marker"]]
    ids = [e.ids[:1] + marker + e.ids[1:] for e in tokenizer.encode_batch(texts)]
    ids = [row[: job["maxlen"] - 1] + row[-1:] if len(row) > job["maxlen"] else row for row in ids]
    order = sorted(range(len(ids)), key=lambda i: (-len(ids[i]), i))
    for start in range(0, len(order), job["batch"]):
        batch = [ids[i] for i in order[start : start + job["batch"]]]
        length = max(map(len, batch))
        values = np.zeros((len(batch), length), dtype=np.int64)
        mask = np.zeros_like(values)
        for row, tokens in enumerate(batch):
            values[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        feeds = {"input_ids": values, "attention_mask": mask, "token_type_ids": np.zeros_like(values)}
        session.run(None, {name: feeds[name] for name in names})


encode(job["texts"][: job["batch"]])
started = time.perf_counter()
encode(job["texts"])
print(json.dumps({"passages_per_second": len(job["texts"]) / (time.perf_counter() - started)}))
