import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import type { Run } from "../../datasets/dataset.ts";
import { readQrels } from "../../datasets/formats/qrels.ts";
import { describeFaults, FaultLog } from "../../datasets/formats/runs/faults.ts";
import { formatRunMetadata, readRunHead } from "../../datasets/formats/runs/metadata.ts";
import { parseInteger, parseNumber } from "../../datasets/formats/runs/numbers.ts";
import { readRankings, readRun } from "../../datasets/formats/runs/read.ts";
import { readText } from "../../support/lines.ts";
import { expectError } from "../fixtures/expect.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const plain = (run: Run) => Object.fromEntries(run);

const TREC = "q1 Q0 b 1 2.5 x\nq1 Q0 a 2 -1e-3 x\nq2 Q0 \u00e9 1 7 x\n";
const EXPECTED = { q1: [{ id: "b", score: 2.5 }, { id: "a", score: -0.001 }], q2: [{ id: "\u00e9", score: 7 }] };

/** The same run in all forms that have scores. */
const FORMS: Readonly<Record<string, string>> = {
  "TREC": TREC,
  "TREC with tabs, CRLF and blank lines": TREC.replaceAll(" ", "\t").replaceAll("\n", "\r\n\r\n"),
  "TREC with an ir_metadata header": formatRunMetadata("tag: x\nplatform:\n  software: []\n") + TREC,
  "TREC without end of line": TREC.trimEnd(),
  "ColBERT": "q1\tb\t1\t2.5\nq1\ta\t2\t-1e-3\nq2\t\u00e9\t1\t7\n",
  "JSON": ' {"q1": {"b": 2.5, "a": -1e-3},\n "q2": {"\\u00e9": 7}}\n',
};

for (const [name, content] of Object.entries(FORMS)) {
  Deno.test(`run file: ${name}, plain and packed`, () => {
    using folder = temporaryFolder();
    deepStrictEqual(plain(readRun(folder.file("run", content))), EXPECTED);
    deepStrictEqual(plain(readRun(folder.file("run.gz", gzipSync(bytes(content))))), EXPECTED);
    deepStrictEqual(plain(readRun(folder.file("run.zst", zstdCompressSync(bytes(content))))), EXPECTED);
  });
}

Deno.test("run file: MS MARCO and ColBERT's three columns make scores of ranks", () => {
  using folder = temporaryFolder();
  const run = readRun(folder.file("run", "q1\tb\t1\nq1\ta\t3\nq2\tc\t1\n"));
  deepStrictEqual(plain(run), { q1: [{ id: "b", score: -1 }, { id: "a", score: -3 }], q2: [{ id: "c", score: -1 }] });
  const byRank = readRun(folder.file("c", "q1\tb\t1\t9\nq1\ta\t2\t8\n"), { by: "rank" });
  deepStrictEqual(byRank.get("q1")!.map(({ score }) => score), [-1, -2]);
});

Deno.test("rows that are not grouped by query give the same rankings", () => {
  using folder = temporaryFolder();
  const ids = fc.constantFrom("1", "22", "333", "d4");
  const rows = fc.uniqueArray(fc.tuple(fc.constantFrom("q", "r", "s"), ids), { selector: (pair) => pair.join(" ") });
  fc.assert(fc.property(rows, (pairs) => {
    const line = ([qid, pid]: readonly [string, string]) => `${qid} Q0 ${pid} 0 1 t\n`;
    const expected = new Map<string, string[]>();
    for (const [qid, pid] of pairs) expected.set(qid, [...expected.get(qid) ?? [], pid]);
    const run = readRun(folder.file("run", pairs.map(line).join("")));
    deepStrictEqual(new Map([...run].map(([qid, list]) => [qid, list.map(({ id }) => id)])), expected);
  }));
});

Deno.test("a long ranking keeps every id, and finds a duplicate", async () => {
  using folder = temporaryFolder();
  const lines = Array.from({ length: 5000 }, (_, i) => `q Q0 passage-${i} ${i + 1} ${5000 - i} t\n`);
  const [rows] = readRankings(folder.file("run", lines.join("")));
  strictEqual(rows.size, 5000);
  for (const row of [0, 63, 64, 4999]) strictEqual(rows.id(row), `passage-${row}`);
  const file = folder.file("twice", [...lines, "q Q0 passage-63 5001 0 t\n"].join(""));
  await expectError(() => readRun(file), 2, ":5001", "passage-63 twice");
});

/** Content, and what the message must hold besides the file's name. */
const FAULTS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  "five columns": ["q Q0 d 1 2.5\n", ":1", "5 columns"],
  "another form further down": ["q Q0 d 1 2.5 t\nq\td\t2\n", ":2", "qid, Q0, pid"],
  "NaN": ["q Q0 d 1 NaN t\n", ":1", "finite score"],
  "infinity": ["q Q0 d 1 1e400 t\n", ":1", "finite score"],
  "no number": ["q Q0 d 1 0x10 t\n", ":1", "finite score"],
  "a rank that is none": ["q Q0 d one 1 t\n", ":1", "rank"],
  "MS MARCO rank 0": ["q\td\t0\n", ":1", "rank from 1"],
  "duplicate": ["q Q0 d 1 2 t\nq Q0 d 2 1 t\n", ":2", "passage d twice for query q"],
  "ranks that fall": ["q Q0 d 2 2 t\nq Q0 e 1 1 t\n", ":2", "rank 1 after rank 2"],
  "scores that rise": ["q Q0 d 1 1 t\nq Q0 e 2 2 t\n", ":2", "score 2 at rank 2 after 1 at rank 1"],
  "equal MS MARCO ranks": ["q\td\t1\nq\te\t1\n", ":2", "rank 1 after rank 1"],
  "JSON with a list": ['{"q": ["d"]}', "byte", '{"qid"'],
  "JSON with a text": ['{"q": {"d": "1"}}', "byte", '{"qid"'],
  "JSON cut off": ['{"q": {"d": 1}', "too early"],
  "JSON duplicate": ['{"q": {"d": 1, "d": 2}}', "byte", "twice"],
};

for (const [name, [content, ...parts]] of Object.entries(FAULTS)) {
  Deno.test(`faulty run: ${name}`, async () => {
    using folder = temporaryFolder();
    const file = folder.file("run", content);
    await expectError(() => readRun(file), 2, file, ...parts);
  });
}

Deno.test("faulty run: a query that is not among the topics; invalid UTF-8", async () => {
  using folder = temporaryFolder();
  const file = folder.file("run", "q Q0 d 1 1 t\nr Q0 d 1 1 t\n");
  await expectError(() => readRun(file, { topics: new Set(["q"]) }), 2, `${file}:2`, "query r");
  const broken = folder.file("b", new Uint8Array([...bytes("q Q0 d 1 1 t\n"), 0xff, ...bytes(" Q0 d 1 1 t\n")]));
  await expectError(() => readRun(broken), 2, `${broken}:2`, "UTF-8");
});

Deno.test("the lenient way drops faulty rows, keeps rows out of order, and says so", () => {
  using folder = temporaryFolder();
  const content = "q Q0 a 2 2 t\nq Q0 b 1 nan t\nq Q0 c 1 3 t\nq Q0 a 4 1 t\nshort row\nr Q0 d 1 1 t\n";
  for (const scattered of [false, true]) {
    const faults = new FaultLog();
    const file = folder.file("run", scattered ? `${content}q Q0 z 9 0 t\n` : content);
    const run = readRun(file, { faults, topics: new Set(["q"]) });
    deepStrictEqual(run.get("q")!.map(({ id }) => id), scattered ? ["a", "c", "z"] : ["a", "c"]);
    strictEqual(run.has("r"), false);
    deepStrictEqual(Object.fromEntries(faults.counts().map(({ kind, count }) => [kind, count])), {
      "bad score": 1,
      "rank order": 1,
      "duplicate passage": 1,
      "unknown topic": 2,
    });
    ok(faults.counts().map(describeFaults)[0].includes(`${file}:2`));
  }
});

Deno.test("judgements: JSON, comments, and the lenient way", async () => {
  using folder = temporaryFolder();
  const expected = new Map([["q", new Map([["a", 2], ["b", 0]])]]);
  deepStrictEqual(readQrels(folder.file("j", '{"q": {"a": 2, "b": 0}}')), expected);
  const file = folder.file("t", "# who judged\nq 0 a 2\nq 0 b 0\nq 0 a 1\nq 0 c x\n");
  await expectError(() => readQrels(file), 2, `${file}:4`, "judged twice");
  const faults = new FaultLog();
  deepStrictEqual(readQrels(file, { faults }), expected);
  deepStrictEqual(faults.counts().map(({ kind }) => kind), ["judged twice", "malformed row"]);
  await expectError(() => readQrels(file, { comments: false }), 2, `${file}:1`);
});

Deno.test("packed files: several members, damage, truncation", async () => {
  using folder = temporaryFolder();
  const text = Array.from({ length: 20000 }, (_, i) => `line ${i} ${Math.sin(i)}`).join("\n");
  const half = text.length >> 1;
  const parts = [bytes(text.slice(0, half)), bytes(text.slice(half))];
  const joined = (pack: (part: Uint8Array) => Uint8Array) => new Uint8Array(parts.flatMap((part) => [...pack(part)]));
  strictEqual(readText(folder.file("two.gz", joined(gzipSync))), text);
  strictEqual(readText(folder.file("two.zst", joined(zstdCompressSync))), text);
  const gz = gzipSync(bytes(text));
  const zst = zstdCompressSync(bytes(text));
  const wrongSum = gz.with(gz.length - 6, gz[gz.length - 6] ^ 1);
  for (
    const [name, content] of [["cut.gz", gz.subarray(0, -2000)], ["cut.zst", zst.subarray(0, -2000)], [
      "sum.gz",
      wrongSum,
    ]] as const
  ) {
    const file = folder.file(name, content);
    await expectError(() => readText(file), 2, file, "damaged or truncated");
  }
});

Deno.test("numbers are read as JavaScript reads decimals, and nothing else is", () => {
  const read = (text: string) => parseNumber(bytes(text), 0, text.length);
  fc.assert(
    fc.property(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      (x) => strictEqual(read(String(x)), Number(String(x))),
    ),
  );
  fc.assert(fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.nat(12), (x, digits) => {
    strictEqual(read(x.toFixed(digits)), Number(x.toFixed(digits)));
  }));
  for (const text of ["", "-", ".", "nan", "inf", "1e999", "0x1", "1 2", "--1", "1.2.3", "Infinity"]) {
    ok(Number.isNaN(read(text)), text);
  }
  for (const text of ["+1", "1.", ".5", "1E5", "-0.25", "9007199254740993", "0.1234567890123456789"]) {
    strictEqual(read(text), Number(text));
  }
  strictEqual(parseInteger(bytes("-12"), 0, 3), -12);
  for (const text of ["", "1.5", "x"]) ok(Number.isNaN(parseInteger(bytes(text), 0, text.length)));
});

Deno.test("ir_metadata headers are read, and faulty ones are said", async () => {
  using folder = temporaryFolder();
  const header = formatRunMetadata("tag: bm25\nactor:\n  team: us\n");
  deepStrictEqual(readRunHead(folder.file("r", `${header}q Q0 d 1 1 bm25\n`)), {
    tag: "bm25",
    metadata: { tag: "bm25", actor: { team: "us" } },
  });
  deepStrictEqual(readRunHead(folder.file("r", "q\td\t1\n")), { tag: "", metadata: null });
  const open = folder.file("open", "# ir_metadata.start\n# tag: x\nq Q0 d 1 1 t\n");
  await expectError(() => readRunHead(open), 2, `${open}:3`, "ir_metadata.end");
  const broken = folder.file("broken", "# ir_metadata.start\n# a: [\n# ir_metadata.end\n");
  await expectError(() => readRunHead(broken), 2, `${broken}:3`, "YAML");
});
