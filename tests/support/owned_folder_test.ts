import { strictEqual } from "node:assert/strict";
import { dirname, join } from "node:path";
import { removeOwnedFolder } from "../../support/atomic_folder.ts";
import { checkTarget, MARKER, markFolder, refuseInput } from "../../support/owned_folder.ts";
import { isFile } from "../../support/paths.ts";
import { expectError } from "../fixtures/expect.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

const rules = { kind: "index" } as const;

Deno.test("a target is absent, empty, or latebench's own of the same kind", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "target");
  strictEqual(checkTarget(path, rules), "absent");
  Deno.mkdirSync(path);
  strictEqual(checkTarget(path, rules), "empty");
  folder.file(`target/${MARKER}`, ""); // of a process that was killed meanwhile
  strictEqual(checkTarget(path, rules), "empty");
  markFolder(path, "index");
  strictEqual(checkTarget(path, rules), "ours");
  await expectError(() => checkTarget(path, { kind: "data set" }), 2, path, "another kind (index)");
});

Deno.test("what latebench did not make is refused, also where it looks like its own", async () => {
  using folder = temporaryFolder();
  const refused = (name: string, ...parts: string[]) =>
    expectError(() => checkTarget(join(folder.path, name), rules), 2, join(folder.path, name), ...parts);
  folder.file("documents/a.md", "mine");
  await refused("documents", "did not make");
  folder.file("hidden/.keep", "");
  await refused("hidden", "did not make");
  folder.file("file", "mine");
  await refused("file", "a file");
  await refused("file/below", "a file where a folder should be");
  Deno.symlinkSync(join(folder.path, "documents"), join(folder.path, "link"));
  await refused("link", "a link");
  Deno.symlinkSync(join(folder.path, "nowhere"), join(folder.path, "dangling"));
  await refused("dangling", "a link");
  for (const [i, text] of ["index", "{}", '{"kind":"index"}', '{"made_by":"other","kind":"index"}'].entries()) {
    folder.file(`forged-${i}/${MARKER}`, text);
    await refused(`forged-${i}`, "did not make");
  }
  folder.file("real/marker", '{"made_by":"latebench","kind":"index"}');
  folder.file("linked/a", "mine");
  Deno.symlinkSync(join(folder.path, "real", "marker"), join(folder.path, "linked", MARKER));
  await refused("linked", "did not make");
  strictEqual(checkTarget(join(folder.path, "documents"), { ...rules, recognises: () => true }), "ours");
});

Deno.test("the root, home and current folders are no targets, under whatever name, nor those above them", async () => {
  using folder = temporaryFolder();
  const link = join(folder.path, "link");
  Deno.symlinkSync("/", link);
  const all = { ...rules, recognises: () => true };
  for (const path of ["/", "//", "/tmp/..", join(link, "tmp", "..")]) {
    await expectError(() => checkTarget(path, all), 2, "the root folder");
  }
  for (const path of [".", "", Deno.cwd(), dirname(Deno.cwd()), join(link, Deno.cwd())]) {
    await expectError(() => checkTarget(path, all), 2, "the current folder");
  }
  const home = Deno.env.get("HOME");
  if (home) await expectError(() => checkTarget(home, all), 2, /home folder|current folder|root folder/);
});

Deno.test("a source is never in, above or at the target, also through links", async () => {
  using folder = temporaryFolder();
  const source = dirname(folder.file("source/docs/a.md", "mine"));
  Deno.symlinkSync(join(folder.path, "source"), join(folder.path, "alias"));
  const all = { ...rules, inputs: [source], recognises: () => true };
  const refused = (name: string, part: string) =>
    expectError(() => checkTarget(join(folder.path, name), all), 2, part, "apart");
  await refused("source/docs", "holds its source");
  await refused("source", "holds its source");
  await refused("alias/docs", "holds its source");
  await refused("alias/docs/new", "in its source");
  await refused("source/docs/new/deep", "in its source");
  await refused("source/other/../docs/new", "in its source");
  strictEqual(checkTarget(join(folder.path, "source", "docs-2"), all), "absent");
  strictEqual(checkTarget(join(folder.path, "source", "doc"), all), "absent");
});

Deno.test("only latebench's own folder is removed, and links in it are not followed", async () => {
  using folder = temporaryFolder();
  const victim = folder.file("victim/a", "mine");
  await expectError(() => removeOwnedFolder(dirname(victim), rules), 2, "did not make");
  const own = join(folder.path, "own");
  Deno.mkdirSync(own);
  markFolder(own, "index");
  Deno.symlinkSync(dirname(victim), join(own, "index"));
  removeOwnedFolder(own, rules);
  removeOwnedFolder(own, rules);
  strictEqual(isFile(victim), true);
  strictEqual([...Deno.readDirSync(folder.path)].map(({ name }) => name).join(), "victim");
});

Deno.test("a file is not written over an input, under whatever name", async () => {
  using folder = temporaryFolder();
  const input = folder.file("dir/run.txt", "mine");
  Deno.symlinkSync(input, join(folder.path, "link"));
  for (const out of [input, join(folder.path, "link"), join(folder.path, "dir", "..", "dir", "run.txt")]) {
    await expectError(() => refuseInput("--out", out, [input]), 1, "--out", "is the input");
  }
  refuseInput("--out", join(folder.path, "dir", "other.txt"), [input, join(folder.path, "none")]);
});

Deno.test("a folder of latebench's own with anything of the user's in it is not replaced", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "target");
  Deno.mkdirSync(path);
  markFolder(path, "index");
  folder.file("target/part.json", "");
  folder.file("target/.latebench-0.json", "");
  const holds = { ...rules, holds: /^part\.json$/ };
  strictEqual(checkTarget(path, holds), "ours");
  for (const name of ["thesis.txt", ".hidden", "photos/a.png", "part.json~"]) {
    const own = folder.file(`target/${name}`, "mine");
    const first = join(path, name.split("/")[0]);
    await expectError(() => checkTarget(path, holds), 2, first, "did not put there", "--force neither");
    await expectError(() => removeOwnedFolder(path, holds), 2, first);
    strictEqual(isFile(own), true);
    Deno.removeSync(first, { recursive: true });
  }
  removeOwnedFolder(path, holds);
  strictEqual(checkTarget(path, holds), "absent");
});
