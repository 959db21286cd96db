import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { openDataset } from "../../datasets/open.ts";
import { sampleDataset } from "../../datasets/sample.ts";
import { expectError } from "../fixtures/expect.ts";
import { SMALL_DATASET } from "../fixtures/small_dataset.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

/** A data set of 1,000 passages, three of them judged. */
function thousand(folder: { file(name: string, content: string): string; path: string }) {
  const passages = Array.from({ length: 1000 }, (_, i) => `${i}\tpassage ${i}\n`).join("");
  const candidates = Array.from({ length: 1000 }, (_, i) => `1 Q0 ${i} ${i + 1} ${-i} t\n`).join("");
  const files = { ...SMALL_DATASET, "c.tsv": passages, qrels: "1 0 3 1\n1 0 500 0\n1 0 999 2\n", run: candidates };
  for (const [name, content] of Object.entries(files)) folder.file(name, content);
  const yaml = SMALL_DATASET["dataset.yaml"] + "    candidates: { file: run, format: trec }\n";
  folder.file("dataset.yaml", yaml);
  return openDataset(folder.path);
}

Deno.test("a sample keeps all judged passages and the collection's order, and is the same for a seed", () => {
  using folder = temporaryFolder();
  const whole = thousand(folder);
  const ids = (seed: number) => Array.from(sampleDataset(whole, 50, seed).passages(), ({ id }) => Number(id));
  const first = ids(1);
  strictEqual(first.length, 50);
  for (const judged of [3, 500, 999]) ok(first.includes(judged));
  deepStrictEqual(first, [...first].sort((a, b) => a - b));
  deepStrictEqual(ids(1), first);
  ok(JSON.stringify(ids(2)) !== JSON.stringify(first));
});

Deno.test("a sample has its own name and hash, and its candidates are in it", async () => {
  using folder = temporaryFolder();
  const whole = thousand(folder);
  const sample = sampleDataset(whole, 50, 1);
  strictEqual(sample.name, "mine-sample50");
  deepStrictEqual(sample.sample, { size: 50, of: 1000, judged: 3, seed: 1 });
  const hashes = [whole, sample, sampleDataset(whole, 50, 2), sampleDataset(whole, 51, 1)].map((d) => d.contentHash());
  strictEqual(new Set(hashes).size, 4);
  const inside = new Set(Array.from(sample.passages(), ({ id }) => id));
  const listed = sample.topics[0].candidates!.read().get("1")!;
  strictEqual(listed.length, 50);
  ok(listed.every(({ id }) => inside.has(id)));
  strictEqual([...sampleDataset(whole, 1, 1).passages()].length, 3); // never fewer than are judged
  await expectError(() => sampleDataset(whole, 1000, 1), 2, "1000 passages in mine");
});

Deno.test("every passage that is not judged is as likely to be drawn", () => {
  using folder = temporaryFolder();
  const whole = thousand(folder);
  const counts = new Map<string, number>();
  const draws = 300;
  for (let seed = 1; seed <= draws; seed++) {
    for (const { id } of sampleDataset(whole, 103, seed).passages()) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  // 100 of 997 others each time: halves and tenths of the collection get their share within four standard deviations.
  for (let part = 0; part < 10; part++) {
    let sum = 0;
    for (let i = part * 100; i < part * 100 + 100; i++) {
      if (![3, 500, 999].includes(i)) sum += counts.get(String(i)) ?? 0;
    }
    ok(Math.abs(sum / draws - 10) < 4 * Math.sqrt(10 / draws), `part ${part}: ${sum / draws}`);
  }
});
