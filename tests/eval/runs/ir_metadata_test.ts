import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { parse } from "yaml";
import { irMetadata } from "../../../eval/runs/ir_metadata.ts";
import { fakeResults } from "../../fixtures/fake_results.ts";

Deno.test("the metadata of a run names machine, program, method and data", () => {
  const results = fakeResults();
  const metadata = parse(irMetadata(results.cells[0], results));
  deepStrictEqual(Object.keys(metadata), [
    "schema-version",
    "tag",
    "platform",
    "implementation",
    "method",
    "data",
    "resources",
  ]);
  strictEqual(metadata.tag, "one");
  deepStrictEqual(metadata.platform.hardware.cpu, { model: "A CPU", "number of cores": 2, flags: ["avx2"] });
  deepStrictEqual(metadata.platform.software.libraries, ["deno 2", "kernel wasm"]);
  strictEqual(metadata.implementation.command, "deno task eval --dataset tiny");
  deepStrictEqual(metadata.method.retrieval[0].options, { k: 1 });
  deepStrictEqual(metadata.data["test collection"], {
    name: "tiny",
    topics: "all",
    "collection hash": "c0ffee",
    "judgements hash": "beef",
  });
  strictEqual(metadata.resources["build time"], "1 s");
});
