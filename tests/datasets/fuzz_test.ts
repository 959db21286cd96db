import { ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { zipSync } from "fflate";
import { unpack } from "../../datasets/fetch/unpack.ts";
import { readJsonlPassages } from "../../datasets/formats/jsonl.ts";
import { readQrels } from "../../datasets/formats/qrels.ts";
import { readRun } from "../../datasets/formats/runs/read.ts";
import { readSgmlPassages } from "../../datasets/formats/trec_sgml.ts";
import { readCarParagraphs, readCarTopics } from "../../datasets/formats/trec_car.ts";
import { encodeOutline, encodeParagraph, frameItems } from "../../datasets/formats/trec_car_write.ts";
import { readTsvPassages } from "../../datasets/formats/tsv.ts";
import { LatebenchError } from "../../support/errors.ts";
import { readLines, readText } from "../../support/lines.ts";
import { seededRandom } from "../../support/random.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const joined = (parts: Iterable<Uint8Array>) => new Uint8Array([...parts].flatMap((part) => [...part]));

const PAGE = {
  ...{ heading: "Tea", paragraphs: [] },
  children: [{ heading: "Brewing", paragraphs: ["hot water"], children: [] }],
};

/** A sound file of each format, its reader, and how many records its lines must give (where lines are records). */
const FORMATS: Readonly<
  Record<string, { sound: Uint8Array; read: (file: string) => number; rows?: (file: string) => number }>
> = {
  "TSV collection": {
    sound: bytes('1\tone "two"\tTitle\n2\tcaf\u00e9\n30\tlast\n'),
    read: (file) => [...readTsvPassages(file)].length,
    rows: (file) => [...readLines(file)].length,
  },
  "JSONL collection": {
    sound: bytes('{"id": "1", "text": "one", "title": "T"}\n{"_id": 2, "text": "caf\\u00e9"}\n'),
    read: (file) => [...readJsonlPassages(file)].length,
    rows: (file) => [...readLines(file)].length,
  },
  "SGML collection": {
    sound: bytes("<DOC>\n<DOCNO>1</DOCNO>\n one\n</DOC>\n<DOC>\n<DOCNO>2</DOCNO>\ntwo\n</DOC>\n"),
    read: (file) => [...readSgmlPassages(file)].length,
  },
  "CAR paragraphs": {
    sound: joined(frameItems([encodeParagraph("hot water"), encodeParagraph("[[Tea]] leaves", { linked: true })], {
      ...{ version: 2, fileType: 2, creator: "test" },
    })),
    read: (file) => [...readCarParagraphs(file)].length,
  },
  "CAR outlines": {
    sound: joined(frameItems([encodeOutline(PAGE), encodeOutline(PAGE)], { version: 1 })),
    read: (file) => readCarTopics(file).length,
  },
  "judgements": {
    sound: bytes("q1 0 p1 1\nq1 0 p2 0\nq2\t0\tp1\t3\n"),
    read: (file) => [...readQrels(file).values()].reduce((sum, grades) => sum + grades.size, 0),
    rows: dataRows,
  },
  "run": {
    sound: bytes("q1 Q0 p1 1 2.5 t\nq1 Q0 p2 2 1e-3 t\nq2 Q0 p1 1 7 t\n"),
    read: (file) => [...readRun(file).values()].reduce((sum, list) => sum + list.length, 0),
    rows: dataRows,
  },
  "JSON run": {
    sound: bytes('{"q1": {"p1": 2.5, "p2": 0.001},\n "q2": {"p1": 7}}'),
    read: (file) => [...readRun(file).values()].reduce((sum, list) => sum + list.length, 0),
  },
  "packed lines": { sound: gzipSync(bytes("a line\n".repeat(200))), read: (file) => readText(file).length },
};

/** Lines that are neither empty nor comments. */
function dataRows(file: string): number {
  return [...readLines(file)].filter(({ text }) => text.trim() !== "" && !text.startsWith("#")).length;
}

/** One to three small injuries: a byte changed, taken out, put in or doubled, an end cut off, two parts swapped. */
function mutate(sound: Uint8Array, random: () => number): Uint8Array {
  const below = (n: number) => Math.floor(random() * n);
  let file = [...sound];
  for (let i = 0; i <= below(3); i++) {
    const at = below(file.length + 1);
    const kind = below(6);
    if (kind === 0) file[Math.min(at, file.length - 1)] = below(256);
    else if (kind === 1) file.splice(at, 1 + below(4));
    else if (kind === 2) file.splice(at, 0, ...Array.from({ length: 1 + below(4) }, () => below(256)));
    else if (kind === 3) file.splice(at, 0, ...file.slice(at, at + below(20)));
    else if (kind === 4) file = file.slice(0, at);
    else file = [...file.slice(at), ...file.slice(0, at)];
    if (file.length === 0) file = [10];
  }
  return Uint8Array.from(file);
}

const ROUNDS = 1050;

for (const [name, { sound, read, rows }] of Object.entries(FORMATS)) {
  Deno.test(`fuzz: ${ROUNDS} injured files: ${name}`, () => {
    using folder = temporaryFolder();
    const random = seededRandom(7);
    const records = read(folder.file("sound", sound));
    ok(records > 0);
    let refused = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const file = folder.file("injured", mutate(sound, random));
      try {
        const found = read(file);
        if (rows) strictEqual(found, rows(file), `round ${round}: rows were lost in silence`);
      } catch (error) {
        if (!(error instanceof LatebenchError)) throw error;
        ok(error.message.includes(file) && !error.message.includes("\n"), error.message);
        refused++;
      }
    }
    ok(refused > ROUNDS / 10, `${refused} refused`);
  });
}

Deno.test("fuzz: 600 injured archives", async () => {
  using folder = temporaryFolder();
  const random = seededRandom(7);
  const names = ["a/one.txt", "two.txt"];
  const sound = {
    zip: zipSync({ "a/one.txt": bytes("one\n".repeat(50)), "two.txt": bytes("two") }),
    gz: gzipSync(bytes("one\n".repeat(50))),
  };
  for (const packing of ["zip", "gz"] as const) {
    for (let round = 0; round < 300; round++) {
      const file = folder.file("injured", mutate(sound[packing], random));
      const out = join(folder.path, "out");
      try {
        for (const { path, bytes } of await unpack(file, packing, out, new Set(names))) {
          strictEqual(Deno.statSync(join(out, path)).size, bytes);
        }
      } catch (error) {
        if (!(error instanceof LatebenchError)) throw error;
        ok(error.message.includes(file), error.message);
      }
    }
  }
});
