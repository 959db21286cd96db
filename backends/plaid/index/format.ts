import { join } from "node:path";
import { z } from "zod";
import { badInput } from "../../../support/errors.ts";
import { readJson } from "../../../support/json.ts";

/**
 * A PLAID index on disk (`docs/formats.md`). Everything is little endian and is read through memory maps:
 *
 * - `plaid.json`: this header, with the codec's buckets and the checksum of every file;
 * - `centroids.f16`: fp16 `[partitions, dim]`, unit length; or `centroids.f32`, float32, where another engine trained them so;
 * - `codes.bin`: for each token its centroid, in `code_bytes` bytes, passage after passage;
 * - `residuals.bin`: for each token `dim · nbits / 8` bytes, or `pq` bytes, or with `step` for each passage a list (`steps.ts`), whose bytes
 *   stand in `residual_sizes.bin`, uint32;
 * - `codebooks.f32`: with `pq`, float32 `[pq, 256, dim / pq]`: what each byte of a residual means;
 * - `norms.bin`: for each token a byte: 1 / ‖centroid + residual‖ is `norms.least + byte · norms.step`;
 * - `lengths.bin`: tokens of each passage, uint16 or uint32;
 * - `lists.bin`: for each centroid the passages that have a token there (`gaps.ts`), `list_sizes.bin` their bytes, uint32;
 * - `ids.json`: the passages' ids.
 *
 * Passages that were added later lie in folders of their own (`living/parts.ts`) with the same files but centroids and codebooks, and a header,
 * `segment.json`.
 */
export const HEADER = "plaid.json";
export const SEGMENT_HEADER = "segment.json";

/** Files that all passages share, by what they hold. */
export const SHARED_FILES = { centroids: "centroids.f16", codebooks: "codebooks.f32" } as const;

/** The files of passages, by what they hold. */
export const FILES = {
  codes: "codes.bin",
  residuals: "residuals.bin",
  residualSizes: "residual_sizes.bin",
  norms: "norms.bin",
  lengths: "lengths.bin",
  lists: "lists.bin",
  listSizes: "list_sizes.bin",
  ids: "ids.json",
} as const;

const file = z.strictObject({ bytes: z.int().min(0), sha256: z.string() });

/** What is known of the files that hold passages: an index has one set of them, and one more for each segment added since. */
const segmentShape = {
  passages: z.int(),
  tokens: z.int(),
  length_bytes: z.union([z.literal(2), z.literal(4)]),
  norms: z.strictObject({ least: z.number(), step: z.number() }),
};
const segmentFiles = {
  codes: file,
  residuals: file,
  residualSizes: file.optional(),
  norms: file,
  lengths: file,
  lists: file,
  listSizes: file,
  ids: file,
};

/** How an index is built. */
export const buildSettings = z.strictObject({
  nbits: z.int().optional().describe("bits a dimension of a residual, in buckets"),
  pq: z.int().optional().describe("bytes of a residual, by product quantisation"),
  step: z.number().optional().describe("width of a residual's steps, in mean |residual|s"),
  partitions: z.union([z.literal("auto"), z.int()]).describe("number of centroids that was asked for"),
  kmeans_niters: z.int(),
  points_per_centroid: z.int().describe("rows that train k-means, at most, times the number of centroids"),
  nearby: z.union([z.literal("auto"), z.number()]).describe("share of the centroids that a row is compared with"),
  seed: z.int(),
});

const residuals = z.strictObject({ tokens: z.int(), average_residual: z.number() });

const headerSchema = z.strictObject({
  format: z.literal("latebench-plaid"),
  dim: z.int(),
  partitions: z.int(),
  code_bytes: z.int().min(1).max(4),
  ...segmentShape,
  settings: buildSettings,
  sample: z.strictObject({ passages: z.int(), train: z.int().describe("rows"), heldout: z.int().describe("rows") }),
  cutoffs: z.array(z.number()).describe("of buckets"),
  weights: z.array(z.number()).describe("of buckets"),
  steps: z.strictObject({ width: z.number(), rice: z.int() }).optional(),
  average_residual: z.number(),
  encoder: z.strictObject({ name: z.string(), hash: z.string() }),
  added: residuals.optional().describe("rows that were added since the centroids were trained, and are in these files"),
  files: z.strictObject({ centroids: file, codebooks: file.optional(), ...segmentFiles }),
});

const segmentSchema = z.strictObject({
  format: z.literal("latebench-plaid-segment"),
  ...segmentShape,
  added: residuals,
  files: z.strictObject(segmentFiles),
});

/** What stands in `plaid.json`. */
export type PlaidHeader = z.infer<typeof headerSchema>;
/** How an index is built. */
export type BuildSettings = z.infer<typeof buildSettings>;
/** What stands in the `segment.json` of passages that were added. */
export type SegmentHeader = z.infer<typeof segmentSchema>;
/** What every set of passage files says of itself. */
export type SegmentInfo = Pick<SegmentHeader, keyof typeof segmentShape | "files">;

/**
 * Reads the header of an index.
 *
 * @throws {LatebenchError} where it is missing or broken
 */
export function readPlaidHeader(folder: string): PlaidHeader {
  return readJson(join(folder, HEADER), headerSchema, "the header of a PLAID index");
}

/**
 * Reads the header of passages that were added.
 *
 * @throws {LatebenchError} where it is missing or broken
 */
export function readSegmentHeader(folder: string): SegmentHeader {
  return readJson(join(folder, SEGMENT_HEADER), segmentSchema, "the header of a PLAID index's segment");
}

/** Bytes that hold a number below `count`. */
export function bytesFor(count: number): 1 | 2 | 3 | 4 {
  if (count <= 2 ** 8) return 1;
  if (count <= 2 ** 16) return 2;
  return count <= 2 ** 24 ? 3 : 4;
}

/** Bytes of each token's residual; null where they differ. */
export function residualBytes(dim: number, { nbits, pq }: Pick<BuildSettings, "nbits" | "pq">): number | null {
  if (nbits !== undefined) return dim * nbits / 8;
  return pq ?? null;
}

/**
 * Bits a dimension of an index whose residuals are in buckets.
 *
 * @throws {LatebenchError} for one with other residuals
 */
export function bucketBits(folder: string, { settings: { nbits, pq } }: Pick<PlaidHeader, "settings">): number {
  if (nbits !== undefined) return nbits;
  throw badInput(
    folder,
    `residuals ${pq === undefined ? "in steps" : "by product quantisation"}`,
    "residuals in buckets (nbits)",
  );
}
