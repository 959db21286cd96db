import { strictEqual } from "node:assert/strict";
import { v1IndexBytes, type V1Vectors } from "../../../backends/faiss_ivfpq/v1/footprint.ts";

/** SIGIR'20, Table 4, GiB. All follow from one number of vectors, but for the third: it is what 2 bytes a dimension take. */
const TABLE_4: readonly (readonly [name: string, vectors: V1Vectors, gib: number])[] = [
  ["re-rank, cosine, 128 × 4", { dim: 128, bytesPerDimension: 4 }, 286],
  ["end to end, L2, 128 × 2", { dim: 128, bytesPerDimension: 2, m: 16 }, 154],
  ["re-rank, L2, 128 × 2", { dim: 128, bytesPerDimension: 2 }, 143],
  ["re-rank, cosine, 48 × 4, as computed with 2", { dim: 48, bytesPerDimension: 2 }, 54],
  ["re-rank, cosine, 24 × 2", { dim: 24, bytesPerDimension: 2 }, 27],
];

Deno.test("the footprint formula gives Table 4's published GiB", () => {
  const vectors = 143 * 2 ** 30 / 256; // MS MARCO's, from the table itself: 600 million
  for (const [name, kept, gib] of TABLE_4) {
    strictEqual(Math.round(v1IndexBytes(vectors, kept) / 2 ** 30), gib, name);
  }
  strictEqual(
    Math.round(v1IndexBytes(vectors, { dim: 48, bytesPerDimension: 4 }) / 2 ** 30),
    107,
    "what 48 × 4 would take",
  );
});
