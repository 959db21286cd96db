import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { readTopK } from "../../datasets/formats/runs/topk.ts";
import { expectError } from "../fixtures/expect.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

Deno.test("--topk files of every kind that v1 reads or writes", () => {
  using folder = temporaryFolder();
  const read = (text: string) => readTopK(folder.file("topk", text));
  const plain = read("1\ta\n2\tb\n1\tc\n");
  deepStrictEqual([...plain.candidates], [["1", ["a", "c"]], ["2", ["b"]]]);
  deepStrictEqual([plain.labels, plain.texts], [null, null]);
  strictEqual(read("1\ta\t1\n1\tb\t2\n").labels, null, "the third column is a rank");
  strictEqual(read("1\ta\t1\t9.5\n1\tb\t2\t1\n").labels, null, "scores");
  deepStrictEqual([...read("1\ta\t1\t0\n1\tb\t-1\t1\n").labels!.get("1")!], [["a", 0], ["b", 1]]);
  deepStrictEqual(read("1\ta\t1\t9.5\t1\n").labels!.get("1")!.get("a"), 1);
  const texts = read("1\ta\twhy?\tsince\n1\tb\twhy?\tfor 1 and\n").texts!;
  deepStrictEqual([texts.queries.get("1"), texts.passages.get("b")], ["why?", "for 1 and"]);
});

Deno.test("faults of a --topk file are one line with its number", async () => {
  using folder = temporaryFolder();
  const read = (text: string) => () => readTopK(folder.file("topk", text));
  await expectError(read(""), 2, "empty");
  await expectError(read("1\n"), 2, "topk:1", "1 columns");
  await expectError(read("1\ta\n1\tb\t2\n"), 2, "topk:2", "2 as before");
  await expectError(read("1\ta\n1\ta\n"), 2, "topk:2", "passage a twice");
  await expectError(read("1\ta\tb\tc\td\te\n"), 2, "6 columns");
});
