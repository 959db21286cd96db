import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { encodeWritten } from "../../encoders/blank_passages.ts";
import { fakeEncoder } from "../fixtures/fake_encoder.ts";

Deno.test("passages without text have no vectors, and the others those that they would have alone", async () => {
  const encoder = fakeEncoder();
  const { dim } = encoder.config;
  const encode = (texts: readonly string[]) => encodeWritten(texts, dim, (some) => encoder.encodePassages(some));
  const mixed = await encode([" ", "one two", "\t", "three"]);
  const plain = await encode(["one two", "three"]);
  deepStrictEqual([...mixed.lengths], [0, plain.lengths[0], 0, plain.lengths[1]]);
  deepStrictEqual([...mixed.rows], [...plain.rows]);
  const none = await encode([" ", ""]);
  deepStrictEqual([[...none.lengths], none.rows.length, none.dim], [[0, 0], 0, dim]);
  strictEqual(encoder.encoded, 4);
});
