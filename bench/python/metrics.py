"""
Times commands that measure a run file, by the CPU seconds and the peak memory that the system counts for each process and its
children. Standard input: {"qrels": file, "run": file, "ours": command}. With arguments (tool, judgements, run) it is one of the tools.
"""

import json
import os
import sys
import time

TREC = {"R@50": "recall_50", "R@200": "recall_200", "R@1000": "recall_1000", "nDCG@10": "ndcg_cut_10", "AP": "map"}
RANX = {"RR@10": "mrr@10", "R@50": "recall@50", "R@200": "recall@200", "R@1000": "recall@1000", "nDCG@10": "ndcg@10", "AP": "map"}


def pytrec_eval_means(qrels, run):
    import pytrec_eval

    with open(qrels) as file:
        judged = pytrec_eval.parse_qrel(file)
    with open(run) as file:
        ranked = pytrec_eval.parse_run(file)
    # trec_eval has no RR@10: without its cut-off, which costs less.
    names = {"recip_rank", "recall.50,200,1000", "ndcg_cut.10", "map"}
    values = pytrec_eval.RelevanceEvaluator(judged, names).evaluate(ranked)
    return {name: sum(query[theirs] for query in values.values()) / len(judged) for name, theirs in TREC.items()}


def ir_measures_means(qrels, run):
    import ir_measures

    measures = [ir_measures.parse_measure(name) for name in RANX]
    values = ir_measures.iter_calc(measures, ir_measures.read_trec_qrels(qrels), ir_measures.read_trec_run(run))
    sums, queries = dict.fromkeys(RANX, 0.0), set()
    for metric in values:
        sums[str(metric.measure)] += metric.value
        queries.add(metric.query_id)
    return {name: total / len(queries) for name, total in sums.items()}


def ranx_means(qrels, run):
    import ranx

    result = ranx.Run.from_file(run, kind="trec")
    ranx.evaluate(ranx.Qrels.from_file(qrels, kind="trec"), result, list(RANX.values()), make_comparable=True)
    return {name: float(result.mean_scores[theirs]) for name, theirs in RANX.items()}


TOOLS = {"pytrec_eval": pytrec_eval_means, "ir_measures": ir_measures_means, "ranx": ranx_means}


def timed(command):
    """Runs a command; its last line of output as JSON, with CPU seconds, wall seconds and peak bytes."""
    reader, writer = os.pipe()
    started = time.perf_counter()
    child = os.posix_spawnp(
        command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, writer, 1), (os.POSIX_SPAWN_CLOSE, reader)]
    )
    os.close(writer)
    with os.fdopen(reader) as file:
        output = file.read()
    _, status, usage = os.wait4(child, 0)
    if status != 0:
        raise SystemExit(f"{' '.join(command)} failed")
    return {
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "wall_s": time.perf_counter() - started,
        "peak_bytes": usage.ru_maxrss * 1024,
        "mean": json.loads(output.strip().splitlines()[-1])["mean"],
    }


def main():
    if len(sys.argv) > 1:
        tool, qrels, run = sys.argv[1:]
        print(json.dumps({"mean": TOOLS[tool](qrels, run)}))
        return
    job = json.load(sys.stdin)
    commands = {"latebench": job["ours"]}
    for tool in TOOLS:
        commands[tool] = [sys.executable, __file__, tool, job["qrels"], job["run"]]
    print(json.dumps({name: timed(command) for name, command in commands.items()}))


main()
