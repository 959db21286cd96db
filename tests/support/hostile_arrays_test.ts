import { deepStrictEqual, match } from "node:assert/strict";
import { join } from "node:path";
import { zipSync } from "fflate";
import { readNpy, readNpyHeader } from "../../support/npy.ts";
import { readTensorFile } from "../../support/torch/tensor_file.ts";
import { writeTensor } from "../../support/torch/tensor_write.ts";
import { expectError } from "../fixtures/expect.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

/** A `.npy` file of some header and some bytes of numbers. */
function npy(header: string, bytes = 16): Uint8Array {
  const text = new TextEncoder().encode(header);
  const all = new Uint8Array(10 + text.length + bytes);
  all.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, text.length & 255, text.length >> 8]);
  all.set(text, 10);
  return all;
}

const shaped = (shape: string, type = "<f4") => `{'descr': '${type}', 'fortran_order': False, 'shape': ${shape}, }`;

Deno.test("shapes of .npy files that no file holds are refused before anything is allocated", async () => {
  using folder = temporaryFolder();
  for (
    const shape of [
      "(1000000000,)",
      "(4294967296, 4294967296)",
      "(9007199254740992, 1)",
      `(${"9007199254740991, ".repeat(8)})`,
      `(0, ${"9007199254740991, ".repeat(7)})`,
      "(-4,)",
      "(4.5,)",
      `(${"1, ".repeat(9)}4)`,
      `(${"9".repeat(400)},)`,
      "4",
      "(4",
    ]
  ) {
    const file = folder.file("a.npy", npy(shaped(shape)));
    await expectError(() => readNpyHeader(file), 2, "a.npy");
  }
  const empty = readNpyHeader(folder.file("b.npy", npy(shaped("(3, 0)"), 0)));
  deepStrictEqual([empty.shape, readNpy(empty).length], [[3, 0], 0]);
  const whole = readNpyHeader(folder.file("b.npy", npy(shaped("(4,)"))));
  deepStrictEqual([whole.shape, readNpy(whole).length], [[4], 16]);
});

Deno.test("headers of .npy files that are made to be slow to read are not", async () => {
  using folder = temporaryFolder();
  for (
    const text of [
      `{${"}".repeat(32_000)}${" ".repeat(32_000)}x`,
      "{" + "'shape': (1, ".repeat(5000),
      `{${" ".repeat(65_000)}`,
    ]
  ) {
    await expectError(() => readNpyHeader(folder.file("a.npy", npy(text))), 2, "a.npy");
  }
});

/** A `.pt` file around a pickle. */
function pt(pickle: string, data = new Uint8Array(16)): Uint8Array {
  const bytes = Uint8Array.from(pickle, (character) => character.charCodeAt(0));
  return zipSync({ "x/data.pkl": [bytes, { level: 0 }], "x/data/0": [data, { level: 0 }] });
}

const long = (value: bigint) =>
  `\x8a\x07${String.fromCharCode(...new Uint8Array(BigInt64Array.of(value).buffer, 0, 7))}`;

/** The pickle of a float tensor. */
function tensor(offset: bigint, shape: readonly bigint[], strides: readonly bigint[] = shape.map(() => 1n)): string {
  const stored = `(X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\0` + `0X\x03\0\0\0cpu${long(4n)}tQ`;
  const list = (values: readonly bigint[]) => `(${values.map(long).join("")}t`;
  return `\x80\x02ctorch._utils\n_rebuild_tensor_v2\n(${stored}${long(offset)}${list(shape)}${
    list(strides)
  }\x89ccollections\nOrderedDict\n)RtR.`;
}

Deno.test("tensors that point outside of their file, or hold more than there is, are refused", async () => {
  using folder = temporaryFolder();
  const read = (content: Uint8Array) => readTensorFile(folder.file("x.pt", content));
  deepStrictEqual((await read(pt(tensor(0n, [4n])))).bytes, 16);
  const large = 2n ** 54n - 1n;
  for (
    const [offset, shape, strides] of [
      [-1n, [4n]],
      [1n, [4n]],
      [large, [1n]],
      [0n, [5n]],
      [0n, [-4n]],
      [0n, [large, large], [large, 1n]],
      [0n, [2n, 2n], [1n]],
      [0n, [4n], [0n]],
      [0n, Array(9).fill(1n)],
    ] as [bigint, bigint[], bigint[]?][]
  ) {
    const told = await read(pt(tensor(offset, shape, strides))).catch(String);
    match(String(told), /^LatebenchError: .*x\.pt/, `${offset}, ${shape}`);
  }
});

Deno.test("pickles that ask for more than there is memory end in one line", async () => {
  using folder = temporaryFolder();
  const read = (pickle: string) => readTensorFile(folder.file("x.pt", pt(pickle)));
  await expectError(() => read("\x80\x02" + "(".repeat(500_000)), 2, "x.pt");
  await expectError(() => read("\x80\x02" + "]".repeat(500_000)), 2, "x.pt");
  await expectError(() => read("\x80\x02](" + "N".repeat(99_000) + "e(" + "N".repeat(99_000) + "e."), 2, "x.pt");
  await expectError(() => read("\x80\x02" + "N".repeat(2 << 20)), 2, "x.pt", "a pickle of");
  await expectError(() => read("\x80\x02]q\0h\0a."), 2, "x.pt"); // a list in itself
});

Deno.test("a .pt file that is cut off behind its directory's back, or has a member twice, is refused", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "whole.pt");
  writeTensor(path, { storage: "torch.FloatStorage", shape: [4], pieces: [new Uint8Array(16)] });
  const whole = Deno.readFileSync(path);
  for (let length = 0; length < whole.length; length += 13) {
    await expectError(() => readTensorFile(folder.file("x.pt", whole.subarray(0, length))), 2, "x.pt");
  }
  const twice = zipSync({ "a/data.pkl": new Uint8Array(1), "b/data.pkl": new Uint8Array(1) });
  await expectError(() => readTensorFile(folder.file("x.pt", twice)), 2, "x.pt", "twice");
});
