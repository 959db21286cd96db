import { ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { verifyIndex } from "../../commands/doctor/verify.ts";
import { indexCommand } from "../../commands/index.ts";
import { searchCommand } from "../../commands/search.ts";
import { sha256 } from "../../support/hash.ts";
import { writeSealedJson } from "../../support/sealed_json.ts";
import { expectError } from "../fixtures/expect.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

Deno.test("an index whose segments share an id: search says so in one line, and doctor finds it", async () => {
  using folder = temporaryFolder();
  const [index, store] = [join(folder.path, "index"), join(folder.path, "store")];
  const common = ["--index", index, "--store", store, "--quiet"];
  const add = indexCommand.subcommands!.find(({ name }) => name === "add")!;
  const first = folder.file("first.tsv", "a\tHoney bees dance.\nb\tWasps sting.\n");
  const second = folder.file("second.tsv", "c\tHoney bees dance for flowers.\nd\tAnts march.\n");
  await indexCommand.run([...common, "--collection", first, "--backend", "plaid:partitions=2"]);
  await add.run([...common, "--collection", second]);
  strictEqual(await verifyIndex(index, store), true);

  const segment = join(index, "generation-000001", "index", "segment-000001");
  const ids = JSON.stringify(["a", "d"]);
  Deno.writeTextFileSync(join(segment, "ids.json"), ids);
  const { seal: _, ...header } = JSON.parse(Deno.readTextFileSync(join(segment, "segment.json")));
  header.files.ids = { bytes: ids.length, sha256: sha256(ids) };
  writeSealedJson(join(segment, "segment.json"), header);
  const search = () => searchCommand.run([...common, "--json", "--k", "4", "--verify", "always", "honey bees"]);
  await expectError(search, 2, index, '"a" twice', "each id once");
  ok(!await verifyIndex(index, store));
});
