import { deepStrictEqual } from "node:assert/strict";
import { readQrels } from "../../datasets/formats/qrels.ts";
import { FaultLog } from "../../datasets/formats/runs/faults.ts";
import { readRun } from "../../datasets/formats/runs/read.ts";
import { expectError } from "../fixtures/expect.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

/** What is wrong, and the JSON. */
const BROKEN: readonly (readonly [string, string])[] = [
  ["a comma at the end of the inner object", '{"1":{"a":1,}}'],
  ["a comma at the end of the outer object", '{"1":{"a":1},}'],
  ["a comma at the beginning", '{,"1":{"a":1}}'],
  ["two commas", '{"1":{"a":1,,"b":2}}'],
  ["no comma", '{"1":{"a":1 "b":2}}'],
  ["no comma between queries", '{"1":{"a":1}"2":{"b":2}}'],
  ["no colon", '{"1":{"a" 1}}'],
  ["two colons", '{"1"::{"a":1}}'],
  ["a colon for a comma", '{"1":{"a":1:"b":2}}'],
  ["two numbers", '{"1":{"a":1 2}}'],
  ["a leading zero", '{"1":{"a":01}}'],
  ["a name without value", '{"1":{"a"}}'],
  ["no outer brace at the end", '{"1":{"a":1}'],
  ["a brace too many", '{"1":{"a":1}}}'],
  ["a second value", '{"1":{"a":1}}{"2":{"a":1}}'],
  ["a number at the very end", '{"1":{"a":1}} 12'],
  ["half a word at the end", '{"1":{"a":1}} tru'],
  ["a string at the end", '{"1":{"a":1}} "x'],
  ["a number for a ranking", '{"1":2}'],
  ["an array", '{"1":["a"]}'],
  ["three levels", '{"1":{"a":{"b":1}}}'],
  ["a string for a number", '{"1":{"a":"1"}}'],
  ["NaN", '{"1":{"a":NaN}}'],
  ["null", '{"1":{"a":null}}'],
  ["a query twice", '{"1":{"a":1},"1":{"b":1}}'],
  ["a query twice, apart", '{"1":{"a":1},"2":{"a":1},"1":{"b":1}}'],
  ["an empty query twice", '{"1":{},"1":{}}'],
  ["a passage twice", '{"1":{"a":1,"a":1}}'],
  ["a passage twice by an escape", '{"1":{"a":1,"\\u0061":1}}'],
  ["nesting", `${'{"a":'.repeat(60_000)}1${"}".repeat(60_000)}`],
];

for (const [name, json] of BROKEN) {
  Deno.test(`JSON runs and judgements, broken: ${name}`, async () => {
    using folder = temporaryFolder();
    const file = folder.file("f.json", json);
    await expectError(() => readRun(file), 2, file);
    await expectError(() => readQrels(file), 2, file);
  });
}

Deno.test("JSON runs have finite scores", async () => {
  using folder = temporaryFolder();
  for (const score of ["1e999", "-1e999", "9".repeat(400)]) {
    const file = folder.file("f.json", `{"1":{"a":2,"b":${score}}}`);
    await expectError(() => readRun(file), 2, file, "byte 16", "finite");
    const faults = new FaultLog();
    deepStrictEqual(readRun(file, { faults }), new Map([["1", [{ id: "a", score: 2 }]]]));
    deepStrictEqual(faults.counts().map(({ kind, count }) => [kind, count]), [["bad score", 1]]);
  }
});

Deno.test("JSON runs are read with all that JSON allows", () => {
  using folder = temporaryFolder();
  const file = folder.file("f.json", ' {\n"__proto__": {"constructor" : -1.5e-3 , "b":0} , "2":{}\t}\r\n');
  deepStrictEqual(
    readRun(file),
    new Map([["__proto__", [{ id: "constructor", score: -0.0015 }, { id: "b", score: 0 }]]]),
  );
});
