import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { readNpy, readNpyHeader, writeNpy } from "../../support/npy.ts";
import { expectError } from "../fixtures/expect.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const npy = (dictionary: string, content: string) => {
  return bytes(`\x93NUMPY\x01\x00${String.fromCharCode(dictionary.length, 0)}${dictionary}${content}`);
};

Deno.test("arrays are written as NumPy does, and read again, also in parts", () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "a.npy");
  const values = Float32Array.from({ length: 6 }, (_, i) => i / 4);
  writeNpy(path, "<f4", [3, 2], [new Uint8Array(values.buffer, 0, 8), new Uint8Array(values.buffer, 8)]);
  const head = `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }`;
  strictEqual(new TextDecoder("latin1").decode(Deno.readFileSync(path).subarray(10, 10 + head.length)), head);
  const array = readNpyHeader(path);
  deepStrictEqual([array.type, array.shape, array.start % 64, array.bytes], ["<f4", [3, 2], 0, 24]);
  deepStrictEqual(new Float32Array(readNpy(array).buffer), values);
  deepStrictEqual(new Float32Array(readNpy(array, 1, 1).buffer), values.slice(2, 4));
  writeNpy(path, "<i8", [0], []);
  deepStrictEqual(readNpyHeader(path).shape, [0]);
});

Deno.test("headers of older and newer versions, and of other writers", () => {
  using folder = temporaryFolder();
  const plain = folder.file("a.npy", npy("{'shape': (2,), 'fortran_order': False, 'descr': '|u1'}\n", "ab"));
  deepStrictEqual(readNpy(readNpyHeader(plain)), bytes("ab"));
  const text = "{'descr': '|u1', 'fortran_order': False, 'shape': (1,)}";
  const second = folder.file("b.npy", bytes(`\x93NUMPY\x02\x00${String.fromCharCode(text.length)}\0\0\0${text}x`));
  deepStrictEqual(readNpy(readNpyHeader(second)), bytes("x"));
});

Deno.test("other files and arrays are refused in one line", async () => {
  using folder = temporaryFolder();
  const refuse = async (content: Uint8Array, ...parts: string[]) => {
    const path = folder.file("x.npy", content);
    await expectError(() => Promise.resolve(readNpyHeader(path)), 2, "x.npy", ...parts);
  };
  const dictionary = (type: string, order: string, shape: string) => {
    return `{'descr': '${type}', 'fortran_order': ${order}, 'shape': (${shape}), }`;
  };
  await refuse(bytes(""), "no header");
  await refuse(bytes("PK\x03\x04 something else"), "no header");
  await refuse(npy(dictionary("<f8", "False", "1,"), "12345678"), "<f8");
  await refuse(npy(dictionary("<f4", "True", "1, 1"), "1234"), "Fortran");
  await refuse(npy(dictionary("<f4", "False", "2,"), "1234"), "2");
  await refuse(npy(dictionary("<f4", "False", "1,"), "12345678"), "<f4 1");
  await refuse(npy("__import__('os')", ""), "a broken header");
  await refuse(npy(dictionary("<f4", "False", "99999999999999999999,"), ""), "sizes");
  await expectError(() => Promise.resolve(readNpyHeader(join(folder.path, "none.npy"))), 2, "none.npy");
});
