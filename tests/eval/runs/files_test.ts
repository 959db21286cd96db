import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { RankedPassage } from "../../../datasets/dataset.ts";
import { readQrels } from "../../../datasets/formats/qrels.ts";
import { readRunHead } from "../../../datasets/formats/runs/metadata.ts";
import { readRun } from "../../../datasets/formats/runs/read.ts";
import { evaluateRun } from "../../../eval/metrics/evaluate.ts";
import { parseMeasures } from "../../../eval/metrics/measure.ts";
import { RANK_ORDERS } from "../../../eval/metrics/order.ts";
import { evaluateRunFile } from "../../../eval/runs/evaluate_file.ts";
import { writeQrels, writeRun } from "../../../eval/runs/write.ts";
import { temporaryFolder } from "../../fixtures/temporary.ts";

const IDS = ["1", "02", "p\u00e9", "\u{1f600}", "x/y", "9", "10"];

/** Rankings by score, with ties. */
const rankings = fc.uniqueArray(
  fc.record({ id: fc.constantFrom(...IDS), score: fc.constantFrom(-1.5, 0, 2, 2 + 1e-9, 1e-7, 30000.25) }, {
    noNullPrototype: true,
  }),
  { selector: ({ id }) => id, minLength: 1 },
).map((list) => list.sort((a, b) => b.score - a.score));
const runs = fc.dictionary(fc.constantFrom("1", "q2", "q\u00e9"), rankings).map((o) => new Map(Object.entries(o)));
const qrels = fc.dictionary(
  fc.constantFrom("1", "q2", "q3"),
  fc.dictionary(fc.constantFrom(...IDS), fc.integer({ min: -1, max: 3 }), { minKeys: 1 }),
).map((o) => new Map(Object.entries(o).map(([qid, grades]) => [qid, new Map(Object.entries(grades))])));

Deno.test("what is written is read again, in every form and packing", () => {
  using folder = temporaryFolder();
  fc.assert(
    fc.property(runs, (run) => {
      for (const form of ["trec", "colbert", "json"] as const) {
        for (const packing of ["", ".gz", ".zst"]) {
          const file = `${folder.path}/run${packing}`;
          writeRun(file, run, form);
          if (run.size > 0) deepStrictEqual(readRun(file, { format: form }), run);
        }
      }
      const file = `${folder.path}/run`;
      writeRun(file, run, "msmarco");
      const ids = (lists: ReadonlyMap<string, readonly RankedPassage[]>) =>
        new Map([...lists].map(([qid, list]) => [qid, list.map(({ id }) => id)]));
      if (run.size > 0) deepStrictEqual(ids(readRun(file)), ids(run));
    }),
    { numRuns: 40 },
  );
  fc.assert(
    fc.property(qrels, (judgements) => {
      for (const form of ["trec", "json"] as const) {
        writeQrels(`${folder.path}/qrels`, judgements, form);
        deepStrictEqual(readQrels(`${folder.path}/qrels`), judgements);
      }
    }),
    { numRuns: 40 },
  );
});

Deno.test("packed files have the same bytes each time", () => {
  using folder = temporaryFolder();
  const run = new Map([["q", Array.from({ length: 5000 }, (_, i) => ({ id: `p${i}`, score: -i }))]]);
  for (const name of ["run.gz", "run.zst"]) {
    const bytes = [1, 2].map((i) => {
      const file = `${folder.path}/${i}.${name}`;
      writeRun(file, run, "trec");
      return Deno.readFileSync(file);
    });
    deepStrictEqual(bytes[0], bytes[1]);
  }
});

Deno.test("an ir_metadata header and the tag are written", () => {
  using folder = temporaryFolder();
  const file = `${folder.path}/run`;
  writeRun(file, new Map([["q", [{ id: "p", score: 1 }]]]), "trec", { tag: "mine", metadata: "tag: mine\n" });
  deepStrictEqual(readRunHead(file), { tag: "mine", metadata: { tag: "mine" } });
});

Deno.test("a run file measures as the run in memory, whatever the order of its rows", () => {
  using folder = temporaryFolder();
  const measures = parseMeasures("RR RR@2 AP nDCG@3 R@2 P@3 Judged@5 Bpref RBP NumRet NumRel nDCG(judged_only=True)@2");
  const shuffled = fc.tuple(runs, fc.infiniteStream(fc.nat(1000)));
  fc.assert(fc.property(shuffled, qrels, ([run, numbers], judgements) => {
    const rows = [...run].flatMap(([qid, list]) => list.map(({ id, score }) => `${qid} Q0 ${id} 0 ${score} t\n`));
    const keys = rows.map(() => numbers.next().value);
    const mixed = rows.map((_, i) => i).sort((a, b) => keys[a] - keys[b]).map((i) => rows[i]);
    const file = folder.file("run", mixed.join(""));
    for (const order of RANK_ORDERS.filter((rule) => rule.startsWith("trec_eval"))) {
      const expected = evaluateRun(run, judgements, measures, order, { ties: true });
      const found = evaluateRunFile(file, judgements, measures, order, { ties: true });
      deepStrictEqual({ ...found, extra: [...found.extra].sort() }, { ...expected, extra: [...expected.extra].sort() });
    }
  }));
});

Deno.test("the rank column orders a run where that is asked for", () => {
  using folder = temporaryFolder();
  const judgements = new Map([["q", new Map([["b", 1]])]]);
  const file = folder.file("run", "q Q0 a 1 5 t\nq Q0 b 2 5 t\n");
  const value = (order: "trec_eval@9" | "msmarco") =>
    evaluateRunFile(file, judgements, parseMeasures("RR"), order).mean.RR;
  strictEqual(value("trec_eval@9"), 1);
  strictEqual(value("msmarco"), 0.5);
});
