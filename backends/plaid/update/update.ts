import { join } from "node:path";
import type { Passage } from "../../../datasets/dataset.ts";
import type { Embeddings } from "../../../encoders/embeddings/read.ts";
import { startKMeansPool } from "../../../kernels/k_means/pool.ts";
import { regionsFor } from "../../../kernels/k_means/train.ts";
import { writeSealedJson } from "../../../support/sealed_json.ts";
import { badInput } from "../../../support/errors.ts";
import { changeParts, dropLaterParts, keepLive, livePassages } from "../../living/parts.ts";
import type { UpdatedIndex } from "../../backend.ts";
import { checkEncoder } from "../../vectors/open_vectors.ts";
import type { Verification } from "../../vectors/verify.ts";
import type { BuildOptions } from "../build/build_index.ts";
import { codebookOf } from "../build/codebook.ts";
import { encodeRows } from "../build/encode.ts";
import { writeSegment } from "../build/segment.ts";
import { HEADER, type PlaidHeader, readPlaidHeader, SEGMENT_HEADER, type SegmentHeader } from "../index/format.ts";
import { readMetadata, writeMetadata } from "../../passage_metadata.ts";
import { listSegments, type SegmentFiles, type StoredSegment } from "../index/segments.ts";
import { joinContents, liveContent } from "./content.ts";
import { driftWarnings, measureDrift } from "./drift.ts";

/** Passages that are new to an index. */
export interface AddedPassages {
  readonly embeddings: Embeddings;
  passages(): Iterable<Passage>;
}

type Residuals = SegmentHeader["added"];

/** Rows up to √centroids times this are compared with all centroids: to find regions for them would take longer. */
const FEW = 16;

/**
 * Changes an index in place (`living/parts.ts`): new passages are encoded with the centroids and buckets that are there. Segments that are
 * merged are copied, not encoded again.
 *
 * @param folder not seen by others while it is changed; files are replaced, never written into
 * @throws {LatebenchError} for an id to remove that is not there, one to add that is, and for vectors of another encoder
 */
export async function updatePlaid(
  folder: string,
  added: AddedPassages | null,
  removed: readonly string[],
  options: BuildOptions,
): Promise<UpdatedIndex> {
  const header = readPlaidHeader(folder);
  const segments = listSegments(folder, header, options);
  const change = { removed, added: added?.embeddings.ids ?? [] };
  const now = await changeParts<SegmentFiles>(
    folder,
    segments,
    change,
    (own, merged) => writeAdded(folder, own, header, merged, added!, options),
  );
  return describe(header, now);
}

function describe(
  header: PlaidHeader,
  segments: readonly Pick<StoredSegment, "info" | "added" | "passages" | "deleted">[],
): UpdatedIndex {
  return {
    passages: segments.reduce((sum, one) => sum + livePassages(one), 0),
    warnings: driftWarnings(measureDrift(header, segments)),
  };
}

/**
 * Writes an index anew without what is gone, as one set of files. Centroids, buckets, codes and norms stay: rankings are the same.
 */
export function compactPlaid(folder: string, verification: Verification = {}): UpdatedIndex {
  const header = readPlaidHeader(folder);
  const segments = listSegments(folder, header, verification);
  if (segments.length === 1 && !segments[0].deleted) return describe(header, segments);
  const metadata = liveMetadata(segments);
  const { files, ...info } = writeSegment(
    folder,
    joinContents(segments.map((one) => liveContent(one, header))),
    header,
    header.norms,
  );
  const added = joinResiduals(segments.map((one) => one.added));
  const { centroids, codebooks } = header.files;
  const own: PlaidHeader = {
    ...header,
    ...info,
    ...added ? { added } : {},
    files: { centroids, codebooks, ...files },
  };
  writeSealedJson(join(folder, HEADER), own);
  writeMetadata(folder, metadata);
  dropLaterParts(folder, segments);
  return describe(own, [{ info: own, added, passages: own.passages, deleted: null }]);
}

/** Encodes passages that come with the codebook that is there, and writes them after what is left of some segments. */
async function writeAdded(
  folder: string,
  own: string,
  header: PlaidHeader,
  merged: readonly StoredSegment[],
  { embeddings, passages }: AddedPassages,
  { kernel, threads, quiet }: BuildOptions,
): Promise<SegmentFiles> {
  const { encoder, encoder_hash, tokens } = embeddings.header;
  checkEncoder(folder, header.encoder, encoder_hash);
  if (encoder.dim !== header.dim) throw badInput(folder, `${encoder.dim} dimensions`, `${header.dim}`);
  const pool = await startKMeansPool(kernel, threads);
  try {
    const codebook = codebookOf(folder, header, kernel);
    const { centroids } = codebook;
    const few = tokens <= FEW * Math.sqrt(header.partitions);
    const regions = () => regionsFor(pool, centroids, header.dim, { ...header.settings, ...few ? { nearby: 1 } : {} });
    let sum = 0;
    const onChunk = (rows: Uint16Array, nearest: Int32Array) => sum += sumResiduals(rows, nearest, centroids);
    const encoded = await encodeRows(pool, embeddings, own, codebook, regions, { quiet, onChunk });
    const residuals: Residuals = { tokens, average_residual: tokens === 0 ? 0 : sum / tokens / header.dim };
    const content = joinContents([...merged.map((one) => liveContent(one, header)), encoded]);
    const info: SegmentHeader = {
      format: "latebench-plaid-segment",
      ...writeSegment(own, content, header, header.norms), // bytes mean the same in all segments: merging copies them
      added: joinResiduals([...merged.map((one) => one.added), residuals])!,
    };
    writeMetadata(own, joinMetadata(liveMetadata(merged), passages()));
    writeSealedJson(join(own, SEGMENT_HEADER), info);
    encoded.remove();
    return { info, added: info.added, passages: info.passages, ids: () => content.ids };
  } finally {
    pool.close();
  }
}

/** Σ |row − centroid| over rows and dimensions. */
function sumResiduals(rows: Uint16Array, nearest: Int32Array, centroids: Float32Array): number {
  const values = new Float16Array(rows.buffer, rows.byteOffset, rows.length);
  const dim = nearest.length === 0 ? 0 : rows.length / nearest.length;
  let sum = 0;
  nearest.forEach((centroid, row) => {
    for (let d = 0; d < dim; d++) sum += Math.abs(values[row * dim + d] - centroids[centroid * dim + d]);
  });
  return sum;
}

function joinResiduals(parts: readonly (Residuals | undefined)[]): Residuals | undefined {
  const known = parts.filter((part) => part !== undefined);
  if (known.length === 0) return undefined;
  const tokens = known.reduce((sum, part) => sum + part.tokens, 0);
  const sum = known.reduce((sum, part) => sum + part.tokens * part.average_residual, 0);
  return { tokens, average_residual: tokens === 0 ? 0 : sum / tokens };
}

/** What collections said of passages that are there, in their order. */
function liveMetadata(segments: readonly StoredSegment[]): Pick<Passage, "metadata">[] {
  return segments.flatMap((segment) => {
    return keepLive(segment, readMetadata(segment.folder, segment.passages)).map((metadata) => ({ metadata }));
  });
}

function* joinMetadata(before: Iterable<Pick<Passage, "metadata">>, after: Iterable<Pick<Passage, "metadata">>) {
  yield* before;
  yield* after;
}
