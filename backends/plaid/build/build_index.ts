import { join } from "node:path";
import type { Embeddings } from "../../../encoders/embeddings/read.ts";
import type { KernelChoice } from "../../../kernels/kernel.ts";
import { startKMeansPool } from "../../../kernels/k_means/pool.ts";
import { regionsFor } from "../../../kernels/k_means/train.ts";
import { removeIfThere } from "../../../support/atomic_write.ts";
import { writeSealedJson } from "../../../support/sealed_json.ts";
import { badInput } from "../../../support/errors.ts";
import type { Verification } from "../../vectors/verify.ts";
import { type BuildSettings, bytesFor, HEADER, type PlaidHeader, residualBytes } from "../index/format.ts";
import { CODEBOOK_FILE, headerOf, makeCodebook } from "./codebook.ts";
import { encodeRows } from "./encode.ts";
import { writeSegment } from "./segment.ts";

/** What building needs of the machine. */
export interface BuildOptions extends Verification {
  readonly kernel: KernelChoice;
  readonly threads: number;
  readonly quiet: boolean;
}

/**
 * Builds a PLAID index in two passes: a sample gives centroids and buckets, then every chunk of the collection is assigned and
 * packed. What an interrupted build of the same index left in `folder` is used. The result depends on embeddings, settings and
 * kernel build, never on the number of threads.
 *
 * @throws {LatebenchError} where `nbits` does not fill whole bytes, or `pq` does not divide the dimensions
 */
export async function buildPlaidIndex(
  embeddings: Embeddings,
  folder: string,
  settings: BuildSettings,
  { kernel, threads, quiet }: BuildOptions,
): Promise<void> {
  const { dim, encoder, encoder_hash } = embeddings.header;
  const bytes = residualBytes(dim, settings);
  if (bytes !== null && !Number.isInteger(bytes)) {
    throw badInput(`nbits=${settings.nbits}`, `vectors of ${dim} dimensions`, "residuals that fill whole bytes");
  }
  if (settings.pq !== undefined && dim % settings.pq !== 0) {
    throw badInput(`pq=${settings.pq}`, `vectors of ${dim} dimensions`, "parts of the same size");
  }
  const pool = await startKMeansPool(kernel, threads);
  try {
    const codebook = await makeCodebook(pool, embeddings, folder, settings, { kernel, quiet });
    const { centroids, codec, sample } = codebook;
    const regions = () => regionsFor(pool, centroids, dim, settings);
    const encoded = await encodeRows(pool, embeddings, folder, codebook, regions, { quiet });
    const partitions = centroids.length / dim;
    const code_bytes = bytesFor(partitions);
    const { files, ...info } = writeSegment(folder, encoded, { partitions, code_bytes }, codebook.norms);
    const header: PlaidHeader = {
      format: "latebench-plaid",
      dim,
      partitions,
      code_bytes,
      ...info,
      settings,
      sample,
      ...headerOf(codec),
      average_residual: codebook.averageResidual,
      encoder: { name: encoder.name, hash: encoder_hash },
      files: { ...codebook.files, ...files },
    };
    writeSealedJson(join(folder, HEADER), header);
    encoded.remove();
    removeIfThere(join(folder, CODEBOOK_FILE));
  } finally {
    pool.close();
  }
}
