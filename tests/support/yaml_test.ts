import { deepStrictEqual } from "node:assert/strict";
import { readYaml } from "../../support/yaml.ts";
import { expectError } from "../fixtures/expect.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

const bomb = ["a: &a [x, x, x, x, x, x, x, x, x]"];
for (const [name, of] of ["ba", "cb", "dc", "ed", "fe", "gf"]) {
  bomb.push(`${name}: &${name} [${Array(9).fill(`*${of}`).join(", ")}]`);
}

/** Name, YAML, and what the message must hold. */
const BAD: readonly (readonly [string, string, ...(string | RegExp)[]])[] = [
  ["aliases that stand for too much", bomb.join("\n"), "alias"],
  ["an alias that nothing names", "a: *nothing\n", "nothing", "YAML"],
  ["broken syntax", "a: 1\nb: [\n", ":2"],
  ["two documents", "a: 1\n---\nb: 1\n", ":2"],
  ["a key twice", "a: 1\na: 2\n", "unique"],
  ["a key that JavaScript keeps", "a: { __proto__: 1 }\n", "__proto__"],
  ["a bracket that closes nothing", `a: 1\n${"]".repeat(500_000)}`, ":2", "flow-seq-end"],
  ["nesting", `${"[".repeat(60_000)}${"]".repeat(60_000)}`, ":1", "nested too deep", "YAML"],
  ["more than there is in a configuration", `a: ${"x".repeat(1 << 20)}`, "bytes of YAML", "1048576"],
  ["an error inside of others, told once", `${"{ a: ".repeat(20)}]`, /^[^:]*:1: found [^:]*, expected YAML$/],
];

for (const [name, yaml, ...parts] of BAD) {
  Deno.test(`bad YAML: ${name}`, async () => {
    using folder = temporaryFolder();
    const file = folder.file("x.yaml", yaml);
    await expectError(() => readYaml(file), 2, file, ...parts);
  });
}

Deno.test("readYaml() reads aliases that are few, and names that objects have", () => {
  using folder = temporaryFolder();
  const file = folder.file("x.yaml", "a: &a [1]\nconstructor: *a\n");
  deepStrictEqual(readYaml(file), { a: [1], constructor: [1] });
});

Deno.test("readYaml() stops at the first of a million errors, and reads an empty file as nothing", async () => {
  using folder = temporaryFolder();
  for (const errors of ["[]", "]", "&a ", "}"]) { // each of them was described once, with the whole of its line
    const file = folder.file("x.yaml", errors.repeat(300_000 / errors.length));
    await expectError(() => readYaml(file), 2, file, "YAML");
  }
  deepStrictEqual(readYaml(folder.file("x.yaml", "# nothing\n")), null);
});
