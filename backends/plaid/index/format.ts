import { join } from "node:path";
import { z } from "zod";
import { badInput, explainIoError } from "../../../support/errors.ts";
import { readSealedJson } from "../../../support/sealed_json.ts";
import { checkHeader, checkSegment } from "./check_header.ts";
import { MOST_RICE } from "./steps.ts";

export { bytesFor, residualBytes } from "./sizes.ts";

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

/** Passages are numbered in int32, and several segments are padded to 32. */
export const MOST_PASSAGES = 2 ** 31 - 2 ** 16;
/** Bytes of a header: there are hundreds of numbers in it at most. */
const MOST_HEADER = 2 ** 20;
const count = z.int().min(0);
/** What bytes of norms mean. An honest one is 1 / ‖v‖; scores times this are still finite. */
const norm = z.number().min(-1e25).max(1e25);

/** What is known of the files that hold passages: an index has one set of them, and one more for each segment added since. */
const segmentShape = {
  passages: count.max(MOST_PASSAGES),
  tokens: count,
  length_bytes: z.union([z.literal(2), z.literal(4)]),
  norms: z.strictObject({ least: norm, step: norm }),
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

const residuals = z.strictObject({ tokens: count, average_residual: z.number() });

const headerSchema = z.strictObject({
  format: z.literal("latebench-plaid"),
  dim: z.int().min(1).max(2 ** 16),
  partitions: z.int().min(1).max(2 ** 31 - 1),
  code_bytes: z.int().min(1).max(4),
  ...segmentShape,
  settings: buildSettings,
  sample: z.strictObject({ passages: count, train: count.describe("rows"), heldout: count.describe("rows") }),
  cutoffs: z.array(z.number()).describe("of buckets"),
  weights: z.array(z.number()).describe("of buckets"),
  steps: z.strictObject({ width: z.number(), rice: z.int().min(0).max(MOST_RICE) }).optional(),
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
 * @throws {LatebenchError} where it is missing or broken, and where sizes of files do not follow from it
 */
export function readPlaidHeader(folder: string): PlaidHeader {
  const file = join(folder, HEADER);
  checkLength(file);
  const header = readSealedJson(file, headerSchema, "the header of a PLAID index");
  checkHeader(file, header);
  return header;
}

/**
 * Reads the header of passages that were added.
 *
 * @param header of their index
 * @throws {LatebenchError} where it is missing or broken, and where sizes of files do not follow from both
 */
export function readSegmentHeader(folder: string, header: PlaidHeader): SegmentHeader {
  const file = join(folder, SEGMENT_HEADER);
  checkLength(file);
  const segment = readSealedJson(file, segmentSchema, "the header of a PLAID index's segment");
  checkSegment(file, segment, header);
  return segment;
}

/** @throws {LatebenchError} for what is no file, and for more than a header can hold */
function checkLength(file: string): void {
  try {
    const { isFile, size } = Deno.statSync(file);
    if (!isFile) throw badInput(file, "no file", "a header");
    if (size > MOST_HEADER) throw badInput(file, `${size} bytes`, `a header of at most ${MOST_HEADER}`);
  } catch (error) {
    throw explainIoError(error, file);
  }
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
