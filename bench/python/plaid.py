"""Builds and searches a fast-plaid or xtr-warp-rs index as a job on standard input says; prints times and passage numbers as JSON.

The job: engine (fast-plaid, xtr-warp), rows (file, fp16), lengths (file, int32), dim, queries (file, float32, [n, query_rows, dim]),
query_rows, index (folder), nbits, build, threads, k, passes, settings (name, and what the engine's search takes).
"""

import json
import os
import sys
import time

import numpy as np
import torch

job = json.load(sys.stdin)
torch.set_num_threads(job["threads"])
dim = job["dim"]
queries = torch.from_numpy(np.fromfile(job["queries"], dtype=np.float32).reshape(-1, job["query_rows"], dim))
output = sys.stdout
sys.stdout = sys.stderr  # the engines print


def passages():
    rows = torch.from_numpy(np.fromfile(job["rows"], dtype=np.float16).reshape(-1, dim).astype(np.float32))
    lengths = np.fromfile(job["lengths"], dtype=np.int32).tolist()
    return [part.clone() for part in torch.split(rows, lengths)]


def open_fast_plaid():
    from fast_plaid import search

    engine = search.FastPlaid(index=job["index"], device="cpu")
    return engine, lambda documents: engine.create(documents_embeddings=documents, nbits=job["nbits"]), {"show_progress": False}


def open_xtr_warp():
    from xtr_warp.search import XTRWarp

    engine = XTRWarp(job["index"], device="cpu")

    def create(documents):
        engine.create(documents, device="cpu", nbits=job["nbits"], show_progress=False)

    return engine, create, {"show_progress": False, "num_threads": job["threads"]}


engine, create, always = {"fast-plaid": open_fast_plaid, "xtr-warp": open_xtr_warp}[job["engine"]]()
build_seconds = None
if job["build"]:
    os.makedirs(job["index"], exist_ok=True)
    documents = passages()
    started = time.perf_counter()
    create(documents)
    build_seconds = time.perf_counter() - started
    del documents
if job["engine"] == "xtr-warp":
    engine.load("cpu")


def one(query, options):
    started = time.perf_counter()
    found = engine.search(query.unsqueeze(0), top_k=job["k"], **always, **options)[0]
    return 1000 * (time.perf_counter() - started), [int(number) for number, _ in found]


searched = []
for setting in job["settings"]:
    options = {key: value for key, value in setting.items() if key != "name"}
    for query in queries[:10]:
        one(query, options)
    ms = [[] for _ in queries]
    rankings = [[] for _ in queries]
    for _ in range(job["passes"]):
        for i, query in enumerate(queries):
            took, rankings[i] = one(query, options)
            ms[i].append(took)
    searched.append({"name": setting["name"], "ms": ms, "rankings": rankings})
json.dump({"build_seconds": build_seconds, "settings": searched}, output)
