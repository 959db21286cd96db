import { deepStrictEqual } from "node:assert/strict";
import { z } from "zod";
import { sha256, stableJson } from "../../support/hash.ts";
import { readSealedJson, writeSealedJson } from "../../support/sealed_json.ts";
import { expectError } from "../fixtures/expect.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

const schema = z.strictObject({ name: z.string(), sizes: z.array(z.number()), more: z.boolean().optional() });
const VALUE = { name: "a", sizes: [0.1, 2, 1e-300], more: undefined };

Deno.test("a header with a seal is read as it was written, whatever blanks and order it has, and one without as any", () => {
  using folder = temporaryFolder();
  const file = folder.file("header.json", "");
  writeSealedJson(file, VALUE);
  const read = () => readSealedJson(file, schema, "a header");
  deepStrictEqual(read(), { name: "a", sizes: [0.1, 2, 1e-300] });
  const { name, ...rest } = JSON.parse(Deno.readTextFileSync(file));
  Deno.writeTextFileSync(file, JSON.stringify({ ...rest, name }));
  deepStrictEqual(read(), { name: "a", sizes: [0.1, 2, 1e-300] });
  Deno.writeTextFileSync(file, JSON.stringify(VALUE));
  deepStrictEqual(read(), { name: "a", sizes: [0.1, 2, 1e-300] });
});

Deno.test("no bit of a sealed header flips unseen", async () => {
  using folder = temporaryFolder();
  const file = folder.file("header.json", "");
  writeSealedJson(file, VALUE);
  const whole = Deno.readFileSync(file);
  for (let bit = 0; bit < 8 * whole.length; bit++) {
    const bytes = whole.slice();
    bytes[bit >> 3] ^= 1 << (bit & 7);
    Deno.writeFileSync(file, bytes);
    const text = new TextDecoder().decode(bytes);
    if (isSame(text)) deepStrictEqual(readSealedJson(file, schema, "a header"), { name: "a", sizes: [0.1, 2, 1e-300] });
    else await expectError(() => readSealedJson(file, schema, "a header"), 2, "header.json");
  }
});

/** Whether blanks, or an exponent's letter, are all that differs. */
function isSame(text: string): boolean {
  try {
    const { seal, ...fields } = JSON.parse(text);
    return typeof seal === "string" && stableJson(fields) === stableJson(VALUE) && seal === sha256(stableJson(VALUE));
  } catch {
    return false;
  }
}
