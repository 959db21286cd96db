import type { Embeddings } from "../../../encoders/embeddings/read.ts";
import type { KMeansPool } from "../../../kernels/k_means/pool.ts";
import type { Regions } from "../../../kernels/k_means/assign.ts";
import { removeIfThere } from "../../../support/atomic_write.ts";
import { startProgress } from "../../../support/progress.ts";
import { floats } from "../../vectors/rows.ts";
import { chunkFile, chunkIsDone, type ChunkPart, chunksOf, doneFile, encodeChunk, readChunk } from "./chunks.ts";
import type { Codebook } from "./codebook.ts";
import type { SegmentContent } from "./segment.ts";

/** Encoded rows in files of their own, until `remove` is called. */
export interface EncodedRows extends SegmentContent {
  remove(): void;
}

/** Told the rows of a chunk, fp16 `[tokens, dim]`, and the centroid of each. */
type OnChunk = (rows: Uint16Array, nearest: Int32Array) => void;

/**
 * Assigns and packs all rows of some embeddings, chunk by chunk. Chunks that an interrupted start left in `folder` are kept.
 *
 * @param regions makes what rows are assigned with; called where some chunk is missing
 */
export async function encodeRows(
  pool: KMeansPool,
  embeddings: Embeddings,
  folder: string,
  codebook: Codebook,
  regions: () => Promise<Regions | null>,
  { quiet, onChunk }: { readonly quiet: boolean; readonly onChunk?: OnChunk },
): Promise<EncodedRows> {
  const { ids, lengths, header: { dim, tokens, dataset } } = embeddings;
  const chunks = chunksOf(embeddings);
  const missing = chunks.filter((chunk) => !chunkIsDone(folder, chunk, codebook));
  let encoded = tokens - missing.reduce((sum, chunk) => sum + chunk.tokens, 0);
  const progress = startProgress(`pack the vectors of ${dataset}`, tokens, "tokens", { quiet }, encoded);
  const room = pool.allocate(2 * dim * Math.max(0, ...missing.map((chunk) => chunk.tokens)));
  const near = missing.length === 0 ? null : await regions();
  for (const chunk of missing) {
    const nearest = await encodeChunk(pool, room, folder, chunk, dim, codebook, near);
    onChunk?.(new Uint16Array(room.buffer, room.byteOffset, chunk.tokens * dim), nearest);
    progress.update(encoded += chunk.tokens);
  }
  progress.stop();
  const part = function* (name: ChunkPart) {
    for (const { number } of chunks) yield readChunk(folder, number, name);
  };
  return {
    ids,
    lengths,
    codes: () => part("codes"),
    residuals: () => part("residuals"),
    ...codebook.codec.kind === "steps"
      ? {
        *residualSizes() {
          for (const { buffer } of part("sizes")) yield new Uint32Array(buffer);
        },
      }
      : {},
    *factors() {
      for (const bytes of part("factors")) yield floats(bytes);
    },
    remove() {
      for (const { number } of chunks) {
        for (const name of ["codes", "residuals", "factors", "sizes"] as const) {
          removeIfThere(chunkFile(folder, number, name));
        }
        removeIfThere(doneFile(folder, number));
      }
    },
  };
}
