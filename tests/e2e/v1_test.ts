import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { openTensor, readTensorFile } from "../../support/torch/tensor_file.ts";
import { writeHalfTensor } from "../../support/torch/tensor_write.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";
import { runCli } from "./cli.ts";

const TOPICS = ["bees make honey", "trains carry coal", "rain falls on hills", "chess has two kings"];

/** Makes two parts of an index folder's one: v1 writes no part of fewer than 10,000 passages. */
async function split(folder: string, passages: number): Promise<void> {
  const doclens: number[] = JSON.parse(Deno.readTextFileSync(join(folder, "doclens.0.json")));
  const tensor = await readTensorFile(join(folder, "0.pt"));
  const dim = tensor.shape[1];
  using reader = openTensor(tensor);
  for (const [i, part] of [doclens.slice(0, passages), doclens.slice(passages)].entries()) {
    const count = part.reduce((sum, length) => sum + length, 0);
    writeHalfTensor(join(folder, `new.${i}.pt`), [count, dim], [reader.read(2 * dim * count)]);
    Deno.writeTextFileSync(join(folder, `doclens.${i}.json`), JSON.stringify(part));
  }
  for (const i of [0, 1]) Deno.renameSync(join(folder, `new.${i}.pt`), join(folder, `${i}.pt`));
}

Deno.test("v1's stages, from a collection to rankings", async () => {
  using folder = temporaryFolder();
  const passages = Array.from({ length: 60 }, (_, i) => `${TOPICS[i % 4]}, said witness number ${i} of sixty`);
  const collection = folder.file("collection.tsv", passages.map((text, i) => `${i}\t${text}\n`).join(""));
  const queries = folder.file("queries.tsv", TOPICS.map((text, i) => `q${i}\t${text}\n`).join(""));
  const [index, out] = [join(folder.path, "index"), join(folder.path, "out")];
  const common = ["--store", join(folder.path, "store"), "--quiet"];
  const stage = async (name: string, ...args: string[]) => {
    const { code, stdout, stderr } = await runCli("v1", [name, ...args, ...common]);
    strictEqual(code, 0, stderr);
    return stdout;
  };
  const rows = (file: string) => Deno.readTextFileSync(join(out, file)).trimEnd().split("\n").map((l) => l.split("\t"));

  await stage("index", "--collection", collection, "--index", index);
  const built = await stage(
    "index-faiss",
    "--index",
    index,
    "--sample",
    "1",
    "--partitions",
    "4",
    "--engine",
    "builtin",
  );
  match(built, /ivfpq\.4\.faiss\n$/);

  const search = ["--index", index, "--queries", queries, "--out", out, "--engine", "builtin", "--nprobe", "4"];
  await stage("retrieve", ...search, "--log_scores", "--depth", "12"); // v1's own spelling
  const ranking = rows("ranking.tsv");
  strictEqual(ranking.length, 4 * 12);
  deepStrictEqual(ranking[0].slice(0, 3), ["q0", ranking[0][1], "1"]);
  for (const [qid, pid, rank] of ranking) ok(Number(rank) > 10 || Number(pid) % 4 === Number(qid[1]), `${qid} ${pid}`);
  await stage("retrieve", ...search, "--retrieve-only", "--batch");
  const unordered = rows("unordered.tsv");
  ok(unordered.length > ranking.length && unordered.every(([, , rank]) => rank === "-1"));

  const topk = ["--index", index, "--queries", queries, "--topk", join(out, "unordered.tsv"), "--out", out];
  await stage("rerank", ...topk, "--log-scores");
  deepStrictEqual(rows("ranking.tsv").filter(([, , rank]) => Number(rank) <= 12), ranking);
  const whole = rows("ranking.tsv");
  await stage("rerank", ...topk, "--log-scores", "--batch", "--step", "1");
  deepStrictEqual(rows("ranking.tsv"), whole);
  const wrong = await runCli("v1", ["rerank", ...topk, "--part-range", "0..2", ...common]);
  strictEqual(wrong.code, 1);
  match(wrong.stderr, /--part-range 0\.\.2: two parts a\.\.b are needed, 0 ≤ a < b ≤ 1/);

  await split(index, 25); // passages 0 to 24, and the rest
  await stage("rerank", ...topk, "--log-scores", "--batch", "--step", "1");
  deepStrictEqual(rows("ranking.tsv"), whole);
  await stage("rerank", ...topk, "--log-scores", "--part-range", "1..2");
  deepStrictEqual(
    rows("ranking.tsv").map(([qid, pid, , score]) => [qid, pid, score]),
    whole.filter(([, pid]) => Number(pid) >= 25).map(([qid, pid, , score]) => [qid, pid, score]),
  );
  await stage("retrieve", ...search, "--part-range", "0..1", "--depth", "0");
  deepStrictEqual(
    rows("ranking.tsv").map(([qid, pid]) => [qid, pid]),
    whole.filter(([, pid]) => Number(pid) < 25).map(([qid, pid]) => [qid, pid]),
  );

  const labelled = folder.file("labelled.tsv", "q0\t0\t1\t1\nq0\t1\t2\t0\nq1\t2\t1\t0\n");
  const texts = ["--collection", collection, "--queries", queries, "--topk", labelled, "--out", out];
  const measured = await stage("test", ...texts, "--shortcircuit", "--log-scores");
  deepStrictEqual(rows("ranking.tsv").map(([qid, pid, rank]) => [qid, pid, rank]), [["q0", "0", "1"], [
    "q0",
    "1",
    "2",
  ]]);
  deepStrictEqual(rows("ranking.tsv.annotated").map((row) => row[4]), ["1", "0"]);
  match(measured, /RR@10\t0\.5000\n/); // one query of two
  const kept = whole.find(([qid, pid]) => qid === "q0" && pid === "0")!;
  ok(Math.abs(Number(rows("ranking.tsv")[0][3]) - Number(kept[3])) < 0.02, "encoded in another batch");

  const official = folder.file(
    "top1000.tsv",
    `q9\t7\t${TOPICS[0]}\t${passages[1]}\nq9\t8\t${TOPICS[0]}\t${passages[0]}\n`,
  );
  await stage("test", "--topk", official, "--out", out);
  deepStrictEqual(rows("ranking.tsv"), [["q9", "8", "1"], ["q9", "7", "2"]]);
  const none = await runCli("v1", ["test", "--topk", join(out, "unordered.tsv"), ...common]);
  strictEqual(none.code, 1);
});
