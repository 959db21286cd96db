"""Searches an index with Stanford's ColBERT as a job on standard input says; prints times and passage numbers as JSON.

The job: index (folder), queries (file, float32, [n, query_rows, dim]), dim, query_rows, threads, k, passes, settings (name, ncells,
centroid_score_threshold, ndocs). The C++ extensions are compiled when they are first used.
"""

import json
import sys
import time

import numpy as np
import torch
from colbert.infra import ColBERTConfig
from colbert.modeling.colbert import ColBERT
from colbert.search.index_storage import IndexScorer

job = json.load(sys.stdin)
output = sys.stdout
sys.stdout = sys.stderr  # ColBERT prints
torch.set_num_threads(job["threads"])
ColBERT.try_load_torch_extensions(False)
shape = (-1, job["query_rows"], job["dim"])
queries = torch.from_numpy(np.fromfile(job["queries"], dtype=np.float32).reshape(*shape))
index = IndexScorer(job["index"], use_gpu=False)


def search(setting):
    options = {key: value for key, value in setting.items() if key != "name"}
    config = ColBERTConfig(query_maxlen=job["query_rows"], **options)
    ms = [[] for _ in queries]
    rankings = [[] for _ in queries]
    for _ in range(job["passes"]):
        for i, query in enumerate(queries):
            started = time.perf_counter()
            passages, _ = index.rank(config, query.unsqueeze(0))
            ms[i].append(1000 * (time.perf_counter() - started))
            rankings[i] = passages[: job["k"]]
    return {"name": setting["name"], "ms": ms, "rankings": rankings}


json.dump({"build_seconds": None, "settings": [search(setting) for setting in job["settings"]]}, output)
