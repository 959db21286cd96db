import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { LIMITS_VARIABLE } from "../../support/limits.ts";
import { fromFileUrl } from "../../support/paths.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

/** `data build-car` in a process of its own: what it gives up on still runs. */
async function buildCar(name: string, content: string) {
  using folder = temporaryFolder();
  folder.file(`documents/${name}`, content);
  const main = fromFileUrl(new URL("../../main.ts", import.meta.url));
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-check",
      main,
      "data",
      "build-car",
      `${folder.path}/documents`,
      "--out",
      `${folder.path}/out`,
    ],
    env: { [LIMITS_VARIABLE]: "text_seconds=2" },
  }).output();
  return { code, lines: new TextDecoder().decode(stderr).trim().split("\n") };
}

Deno.test("documents whose parsing takes the square of their length are given up in one line", async () => {
  const { code, lines } = await buildCar("bangs.md", `# Title\n\n${"!".repeat(2_000_000)}\n`);
  deepStrictEqual([code, lines.length], [2, 1]);
  match(lines[0], /bangs\.md: found a document that takes more than 4 s.*text_seconds/);
});

Deno.test("documents that are nested too deep are one line", async () => {
  for (const [name, part] of [["deep.html", "<div>"], ["deep.md", "> "]]) {
    const { code, lines } = await buildCar(name, part.repeat(50_000));
    deepStrictEqual([code, lines.length], [2, 1]);
    match(lines[0], /nested too deep|takes more than/);
  }
});

Deno.test("an honest document is read as ever", async () => {
  strictEqual((await buildCar("tea.md", "# Tea\n\nTea is made of leaves and hot water, every day.\n")).code, 0);
});
