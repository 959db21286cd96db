import { join } from "node:path";
import { z } from "zod";
import { openHashed } from "../../../support/atomic_write.ts";
import { badInput } from "../../../support/errors.ts";
import { readSealedJson, writeSealedJson } from "../../../support/sealed_json.ts";
import { isFile } from "../../../support/paths.ts";
import { asFloats } from "../../vectors/rows.ts";
import { writeSegment } from "../build/segment.ts";
import { normFactors } from "../build/residuals.ts";
import { packCodes } from "../index/codes.ts";
import { bytesFor, HEADER, type PlaidHeader } from "../index/format.ts";
import { FOREIGN_FORMATS, type ForeignIndex } from "./foreign_index.ts";
import { checkLists } from "./lists.ts";

/** What is known of the index that one of latebench's was made from, so that it can be written again as it was. */
const FOREIGN_FILE = "foreign.json";

const foreign = z.strictObject({
  format: z.enum(FOREIGN_FORMATS),
  passages: z.array(z.int()).describe("of each chunk"),
  average_residual: z.array(z.number()),
  ids: z.boolean().describe("whether it had ids of latebench"),
  kept: z.strictObject({
    json: z.record(z.string(), z.unknown()),
    half_weights: z.boolean().optional(),
    residual_shape: z.array(z.int()).optional(),
    cluster_threshold: z.number().optional(),
  }),
});

/** What is known of the index that one of latebench's was made from. */
export type ForeignOrigin = z.infer<typeof foreign>;

/**
 * Writes another engine's index as one of latebench's. Centroids, buckets, codes and residuals stay what they are; a byte a token is added,
 * the length of its vector.
 *
 * @param ids of the passages, where the index has none; else their numbers are taken
 * @param encoder whose vectors these are: no index says so
 * @throws {LatebenchError} for damaged files, and lists that are not those of the codes
 */
export function importPlaid(
  index: ForeignIndex,
  folder: string,
  { encoder, ids }: { readonly encoder: PlaidHeader["encoder"]; readonly ids?: readonly string[] },
): PlaidHeader {
  const { dim, nbits, partitions, chunks, centroids, cutoffs, weights, averageResidual, passages } = index;
  if (ids && ids.length !== passages) {
    throw badInput(index.folder, `${passages} passages`, `${ids.length}, as many as ids`);
  }
  checkLists(index);
  Deno.mkdirSync(folder, { recursive: true });
  const code_bytes = bytesFor(partitions);
  const values = asFloats(centroids);
  const codec = { kind: "buckets", nbits, cutoffs, weights } as const;
  const content = {
    ids: ids ?? index.ids ?? Array.from({ length: passages }, (_, number) => String(number)),
    lengths: Int32Array.from(chunks.flatMap(({ doclens }) => doclens)),
    *codes() {
      for (const chunk of chunks) yield packCodes(chunk.codes(), code_bytes);
    },
    *residuals() {
      for (const chunk of chunks) yield chunk.residuals();
    },
    *factors() {
      for (const chunk of chunks) yield normFactors(chunk.codes(), chunk.residuals(), values, codec, dim);
    },
  };
  const { files, ...info } = writeSegment(folder, content, { partitions, code_bytes }, null);
  using file = openHashed(join(folder, centroids instanceof Float32Array ? "centroids.f32" : "centroids.f16"));
  file.write(new Uint8Array(centroids.buffer, centroids.byteOffset, centroids.byteLength));
  const header: PlaidHeader = {
    format: "latebench-plaid",
    dim,
    partitions,
    code_bytes,
    ...info,
    settings: { nbits, partitions, kmeans_niters: 4, points_per_centroid: 256, nearby: 1, seed: 123 },
    sample: { passages: 0, train: 0, heldout: 0 },
    cutoffs: [...cutoffs],
    weights: [...weights],
    average_residual: averageResidual.reduce((sum, value) => sum + value, 0) / averageResidual.length,
    encoder,
    files: { centroids: file.commit(), ...files },
  };
  const origin: ForeignOrigin = {
    format: index.format,
    passages: chunks.map(({ doclens }) => doclens.length),
    average_residual: [...averageResidual],
    ids: index.ids !== null,
    kept: index.kept,
  };
  writeSealedJson(join(folder, FOREIGN_FILE), origin);
  writeSealedJson(join(folder, HEADER), header);
  return header;
}

/** What an index was made from; null where latebench built it. */
export function readOrigin(folder: string): ForeignOrigin | null {
  const file = join(folder, FOREIGN_FILE);
  return isFile(file) ? readSealedJson(file, foreign, "the origin of an index") : null;
}
