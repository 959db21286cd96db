import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { withPreset } from "../../../backends/faiss_ivfpq/presets.ts";

Deno.test("presets are the papers' settings; what is given holds", () => {
  const v1 = { partitions: "auto", sample: 0.05, m: "auto", nprobe: 10, faiss_depth: 1024, depth: 1000 };
  deepStrictEqual(withPreset({ preset: "v1" }), { preset: "v1", ...v1 });
  const paper = withPreset({ preset: "sigir20" });
  deepStrictEqual([paper.partitions, paper.nprobe, paper.faiss_depth, paper.m], [2000, 10, 1000, 16]);
  const readme = withPreset({ preset: "v1-readme", nprobe: 8, sample: undefined });
  deepStrictEqual([readme.partitions, readme.nprobe, readme.faiss_depth], [32_768, 8, 1024]);
  strictEqual(readme.sample, 0.05);
});
