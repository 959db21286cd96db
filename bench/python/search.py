"""Exhaustive MaxSim as one numpy (OpenBLAS) float32 product over all rows; prints the time of each query in ms.

Reads one JSON object on standard input: rows (file, fp16), lengths (file, int32), dim, queries (file, float32, [n, query_rows, dim]),
query_rows, product_only. The number of threads is set by the caller's environment.
"""

import json
import sys
import time

import numpy as np

job = json.load(sys.stdin)
rows = np.fromfile(job["rows"], dtype=np.float16).reshape(-1, job["dim"]).astype(np.float32)
starts = np.concatenate([[0], np.cumsum(np.fromfile(job["lengths"], dtype=np.int32))])[:-1]
queries = np.fromfile(job["queries"], dtype=np.float32).reshape(-1, job["query_rows"], job["dim"])
products, searches, best = [], [], []
for query in np.concatenate([queries[:1], queries]):
    started = time.perf_counter()
    scores = rows @ query.T
    products.append(1000 * (time.perf_counter() - started))
    top = np.maximum.reduceat(scores, starts, axis=0).sum(axis=1)
    searches.append(1000 * (time.perf_counter() - started))
    best.append(np.argsort(-top, kind="stable")[:10].tolist())
print(json.dumps({"product_ms": products[1:], "search_ms": searches[1:], "top10": best[1:]}))
