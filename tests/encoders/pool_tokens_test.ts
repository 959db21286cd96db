import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { normaliseRow } from "../../encoders/normalise.ts";
import { poolTokens } from "../../encoders/pool_tokens.ts";
// Clusters of made-up rows by scipy 1.14.1: linkage(1 − cos, "ward"), fcluster(…, "maxclust"), the first row left out.
import cases from "../fixtures/ward_clusters.json" with { type: "json" };

function matrixOf(rows: readonly (readonly number[])[], dim: number) {
  const data = Float32Array.from(rows.flat());
  for (let row = 0; row < rows.length; row++) normaliseRow(data.subarray(row * dim, (row + 1) * dim));
  return { data, rows: rows.length, dim };
}

Deno.test("token pooling makes scipy's clusters, and their means", () => {
  for (const { factor, dim, rows, clusters } of cases) {
    const matrix = matrixOf(rows, dim);
    const pooled = poolTokens(matrix, factor);
    strictEqual(pooled.rows, 1 + clusters.length);
    deepStrictEqual(pooled.data.subarray(0, dim), matrix.data.subarray(0, dim), "the first row stays");
    clusters.forEach((members, c) => {
      const mean = new Float32Array(dim);
      for (const member of members) {
        for (let d = 0; d < dim; d++) mean[d] += matrix.data[(1 + member) * dim + d];
      }
      normaliseRow(mean);
      for (let d = 0; d < dim; d++) ok(Math.abs(mean[d] - pooled.data[(1 + c) * dim + d]) < 1e-6);
    });
  }
});

Deno.test("token pooling: factor 1 and short passages change nothing", () => {
  const matrix = matrixOf([[1, 0], [0, 1], [1, 1]], 2);
  strictEqual(poolTokens(matrix, 1).data, matrix.data);
  strictEqual(poolTokens({ ...matrix, rows: 2 }, 4).rows, 2);
  strictEqual(poolTokens(matrix, 8).rows, 2, "one cluster is always left");
});
