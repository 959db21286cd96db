import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { FootprintFile } from "../../backends/backend.ts";
import { describeFootprint } from "../../eval/footprint.ts";

Deno.test("footprints: by purpose, per passage and token, projected by how each purpose grows", () => {
  const file = (name: string, purpose: FootprintFile["purpose"], bytes: number) => ({ name, purpose, bytes });
  const files = [
    file("a", "codes", 600),
    file("b", "codes", 400),
    file("c", "centroids", 100),
    file("d", "settings", 50),
  ];
  const passages = 88_418; // a hundredth of MS MARCO's
  const { purposes, disk_bytes, bytes_per_passage, bytes_per_token, projected, memory_bytes } = describeFootprint(
    { files, memoryBytes: 7 },
    passages,
    1150,
  );
  deepStrictEqual(purposes, { codes: 1000, centroids: 100, settings: 50 });
  deepStrictEqual([disk_bytes, bytes_per_token, memory_bytes], [1150, 1, 7]);
  strictEqual(bytes_per_passage, 1150 / passages);
  const factor = 8_841_823 / passages;
  deepStrictEqual(projected[0], {
    passages: 8_841_823,
    bytes: Math.round(1000 * factor + 100 * Math.sqrt(factor) + 50),
  });
  strictEqual(projected[1].passages, 29_794_697);
  strictEqual(describeFootprint({ files, memoryBytes: 7 }, passages, null).bytes_per_token, null);
});
