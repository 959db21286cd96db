import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { LatebenchError } from "../../support/errors.ts";
import { fromFileUrl } from "../../support/paths.ts";
import { readPickle } from "../../support/torch/pickle.ts";
import { openTensor, readTensorFile } from "../../support/torch/tensor_file.ts";
import { writeHalfTensor } from "../../support/torch/tensor_write.ts";
import { expectError } from "../fixtures/expect.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";
import { randomValues } from "../kernels/builds.ts";

const FOLDER = fromFileUrl(new URL("../fixtures/torch/", import.meta.url));
const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

Deno.test("torch's own file: a part of a larger storage", async () => {
  const tensor = await readTensorFile(join(FOLDER, "half_slice.pt"));
  deepStrictEqual([tensor.storage, tensor.shape, tensor.bytes], ["torch.HalfStorage", [3, 4], 24]);
  using reader = openTensor(tensor);
  const values = [reader.read(8), reader.read(16)].flatMap((piece) => [...new Float16Array(piece.buffer)]);
  deepStrictEqual(values, [8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
});

Deno.test("what was written is read again, and is the same bytes each time", async () => {
  using folder = temporaryFolder();
  const values = Float16Array.from({ length: 6 }, (_, i) => i / 3);
  const content = new Uint8Array(values.buffer);
  const path = join(folder.path, "7.pt");
  writeHalfTensor(path, [3, 2], [content.subarray(0, 4), content.subarray(4)]);
  const first = Deno.readFileSync(path);
  const tensor = await readTensorFile(path);
  deepStrictEqual(tensor.shape, [3, 2]);
  using reader = openTensor(tensor);
  deepStrictEqual(new Float16Array(reader.read(12).buffer), values);
  writeHalfTensor(path, [3, 2], [content]);
  deepStrictEqual(Deno.readFileSync(path), first);
  writeHalfTensor(path, [0, 2], []);
  strictEqual((await readTensorFile(path)).bytes, 0);
  await expectRangeError(() => writeHalfTensor(path, [4, 2], [content]));
});

Deno.test("other files of torch, and files that are none, are refused in one line", async () => {
  using folder = temporaryFolder();
  await expectError(() => readTensorFile(join(FOLDER, "dictionary.pt")), 2, "one contiguous tensor");
  await expectError(() => readTensorFile(join(FOLDER, "legacy.pt")), 2, "no zip file");
  await expectError(() => readTensorFile(join(FOLDER, "none.pt")), 2, "no such file");
  const whole = Deno.readFileSync(join(FOLDER, "half_slice.pt"));
  const random = randomValues(3);
  for (let i = 0; i < 300; i++) {
    const broken = i % 2 === 0 ? whole.slice(0, Math.floor((random() + 1) / 2 * whole.length)) : whole.slice();
    for (let j = 0; j < i % 7; j++) broken[Math.floor((random() + 1) / 2 * broken.length)] ^= 1 << j;
    try {
      const { bytes, start } = await readTensorFile(folder.file("broken.pt", broken));
      ok(start + bytes <= broken.length + 1000);
    } catch (error) {
      ok(error instanceof LatebenchError, `${i}: ${error}`);
    }
  }
});

Deno.test("a pickle's calls are data: nothing is imported or executed", async () => {
  deepStrictEqual(readPickle("x", bytes("cos\nsystem\n(X\x02\x00\x00\x00lstR.")), {
    kind: "call",
    callee: { kind: "name", name: "os.system" },
    args: ["ls"],
  });
  const all = "\x80\x04]\x94(K\x01M\x00\x01J\xff\xff\xff\xff\x8a\x02\x00\x80\x88\x89NX\x01\x00\x00\x00a\x94h\x01e.";
  deepStrictEqual(readPickle("x", bytes(all)), [1, 256, -1, -32768, true, false, null, "a", "a"]);
  for (const refused of ["i", "o", "b", "\x81", "P", "\x82"]) { // INST, OBJ, BUILD, NEWOBJ, PERSID, EXT1
    await expectError(() => readPickle("x.pt", bytes(`)${refused}aa\nbb\n.`)), 2, "x.pt: byte 1", "opcode");
  }
  for (
    const broken of ["", "t.", "R.", "K", "h\x05.", "(.", "X\xff\xff\xff\x7fa.", "\x8a\x08aaaaaaaa.", "cos", "))."]
  ) {
    await expectError(() => readPickle("x.pt", bytes(broken)), 2, "x.pt", "a pickle of tensors");
  }
});

function expectRangeError(act: () => void): void {
  try {
    act();
  } catch (error) {
    ok(error instanceof RangeError);
    return;
  }
  ok(false, "no error");
}
