import { join } from "node:path";
import { badInput, explainIoError } from "../../../support/errors.ts";
import { readFile } from "../../../support/open_file.ts";
import type { Rows } from "../../../kernels/loops.ts";
import { rowsOf } from "../../vectors/rows.ts";
import { type PlaidHeader, SHARED_FILES } from "./format.ts";

/** The file of an index's centroids: `centroids.f32` where they take four bytes a number. */
export function centroidsFile(folder: string, { partitions, dim, files }: PlaidHeader): string {
  return join(folder, files.centroids.bytes === 4 * partitions * dim ? "centroids.f32" : SHARED_FILES.centroids);
}

/**
 * Reads the centroids of an index, fp16 or float32 `[partitions, dim]`.
 *
 * @throws {LatebenchError} for a file of another size
 */
export function readCentroids(folder: string, header: PlaidHeader): Rows {
  const file = centroidsFile(folder, header);
  const { bytes } = header.files.centroids;
  try {
    const { size } = Deno.statSync(file);
    if (size !== bytes) throw badInput(file, `${size} bytes`, `${bytes} bytes`);
    return rowsOf(readFile(file), header.partitions * header.dim);
  } catch (error) {
    throw explainIoError(error, file);
  }
}
