import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { encode } from "cborg";
import { readCarParagraphs, readCarTopics } from "../../datasets/formats/trec_car.ts";
import { expectError } from "../fixtures/expect.ts";
import { realDataTest } from "../fixtures/shared_data.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const ID = "0123456789012345678901234567890123456789";
const PARAGRAPH = encode([0, bytes(ID), [[0, "before "], [1, [0, "Page", [], bytes("Page"), "anchor"]], [
  0,
  " after",
]]]);
const PAGE = encode([0, "A page", bytes("enwiki:A%20page"), [
  [1, [0, bytes("x"), []]],
  [0, "One: 1", bytes("One:%201"), [[0, "Inner", bytes("Inner"), []]]],
]]);
const HEADER = encode(["CAR", [2], []]);

function concat(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

Deno.test("paragraph texts follow the two conventions", () => {
  using folder = temporaryFolder();
  const file = folder.file("p", PARAGRAPH);
  deepStrictEqual([...readCarParagraphs(file, "nogueira")], [{ id: ID, text: "before  anchor  after" }]);
  deepStrictEqual([...readCarParagraphs(file, "ir_datasets")], [{ id: ID, text: "before anchor after" }]);
});

Deno.test("topics are pages and all sections; ids stay as they are encoded", () => {
  using folder = temporaryFolder();
  const file = folder.file("o", PAGE);
  deepStrictEqual(readCarTopics(file, "nogueira"), [
    { id: "enwiki:A%20page", text: "A page" },
    { id: "enwiki:A%20page/One:%201", text: "A page One: 1" },
    { id: "enwiki:A%20page/One:%201/Inner", text: "A page One: 1 Inner" },
  ]);
  strictEqual(readCarTopics(file, "ir_datasets")[2].text, "A page One: 1 Inner");
});

Deno.test("v1.x and v2.0 framings give the same items", () => {
  using folder = temporaryFolder();
  const items = Array.from({ length: 500 }, (_, i) => encode([0, bytes(`p${i}`), [[0, "x".repeat(i * 20)]]]));
  const v1 = folder.file("v1", concat(...items));
  const v2 = folder.file("v2", concat(HEADER, Uint8Array.of(0x9f), ...items, Uint8Array.of(0xff)));
  const read = [...readCarParagraphs(v1)];
  strictEqual(read.length, 500);
  deepStrictEqual([...readCarParagraphs(v2)], read);
});

const BAD: readonly (readonly [string, Uint8Array, ...string[]])[] = [
  ["truncated in an item", concat(PARAGRAPH, PARAGRAPH.slice(0, 30)), `byte ${PARAGRAPH.length}`, "truncated"],
  ["no end of the array", concat(HEADER, Uint8Array.of(0x9f), PARAGRAPH), "end of the file", "0xff"],
  ["bytes after the end", concat(HEADER, Uint8Array.of(0x9f, 0xff), PARAGRAPH), "after the end"],
  ["no array after the header", concat(HEADER, PARAGRAPH), "0x9f"],
  ["not CBOR", Uint8Array.of(0x1c, 0x1c, 0x1c), "byte 0", "malformed"],
  ["another shape", encode([7, "x"]), "byte 0", "paragraph"],
  ["empty", new Uint8Array(0), "empty file"],
  ["invalid UTF-8 in an id", encode([0, Uint8Array.of(0xff), [[0, "a"]]]), "byte 0", "UTF-8"],
  [
    "invalid UTF-8 in a text",
    Uint8Array.of(0x83, 0x00, 0x41, 0x61, 0x81, 0x82, 0x00, 0x61, 0xff),
    "byte 0",
    "malformed",
  ],
];

for (const [name, content, ...parts] of BAD) {
  Deno.test(`bad CBOR: ${name}`, async () => {
    using folder = temporaryFolder();
    const file = folder.file("p", content);
    await expectError(() => [...readCarParagraphs(file)], 2, file, ...parts);
  });
}

Deno.test("every truncation of a file is found", async () => {
  using folder = temporaryFolder();
  const whole = concat(HEADER, Uint8Array.of(0x9f), PARAGRAPH, PARAGRAPH, Uint8Array.of(0xff));
  for (let length = 0; length < whole.length; length++) {
    if (length === HEADER.length) continue; // a v1.x file could end here, if a header were an item of it
    await expectError(() => [...readCarParagraphs(folder.file("p", whole.slice(0, length)))], 2);
  }
});

realDataTest("TREC CAR test200 has the published counts, in both framings", (folder) => {
  const car = folder("trec-car");
  const paragraphs = [...readCarParagraphs(`${car}/all.test200.cbor.paragraphs`)];
  strictEqual(paragraphs.length, 5332);
  deepStrictEqual([...readCarParagraphs(`${car}/test200.v2framed.paragraphs.cbor`)], paragraphs);
  const topics = readCarTopics(`${car}/all.test200.cbor.outlines`);
  deepStrictEqual(readCarTopics(`${car}/test200.v2framed.outlines.cbor`), topics);
  const ids = new Set(topics.map(({ id }) => id));
  const judged = new Set(
    Deno.readTextFileSync(`${car}/all.test200.cbor.hierarchical.qrels`).trimEnd().split("\n").map((line) =>
      line.split(" ")[0]
    ),
  );
  strictEqual(judged.size, 2270);
  ok([...judged].every((id) => ids.has(id)));
});
