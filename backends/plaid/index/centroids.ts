import { join } from "node:path";
import type { Rows } from "../../../kernels/loops.ts";
import { rowsOf } from "../../vectors/rows.ts";
import { type PlaidHeader, SHARED_FILES } from "./format.ts";

/** The file of an index's centroids: `centroids.f32` where they take four bytes a number. */
export function centroidsFile(folder: string, { partitions, dim, files }: PlaidHeader): string {
  return join(folder, files.centroids.bytes === 4 * partitions * dim ? "centroids.f32" : SHARED_FILES.centroids);
}

/** Reads the centroids of an index, fp16 or float32 `[partitions, dim]`. */
export function readCentroids(folder: string, header: PlaidHeader): Rows {
  return rowsOf(Deno.readFileSync(centroidsFile(folder, header)), header.partitions * header.dim);
}
