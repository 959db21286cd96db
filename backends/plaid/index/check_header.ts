import { badInput } from "../../../support/errors.ts";
import { NBITS } from "./codec.ts";
import type { PlaidHeader, SegmentInfo } from "./format.ts";
import { LIST_PADDING } from "./gaps.ts";
import { bytesFor, residualBytes } from "./sizes.ts";

/*
 * An index may come from somebody else, with checksums that fit whatever the files hold. Loops in C believe the sizes that a header gives
 * them, so everything here is compared before a file is mapped; `check_content.ts` looks at what the files hold.
 */

/** Largest magnitude of centroids and of whatever is added to them: fp16's. Sums of products stay finite. */
export const LARGEST_VALUE = 65504;

/**
 * Checks what an index's header says of its centroids and residuals, and that files are as large as follows from it.
 *
 * @throws {LatebenchError} for the first contradiction
 */
export function checkHeader(file: string, header: PlaidHeader): void {
  const { dim, partitions, code_bytes, settings: { nbits, pq, step }, cutoffs, weights, steps, files } = header;
  const expect = expectIn(file);
  const width = residualBytes(dim, header.settings);
  const coded = [nbits, pq, step].filter((given) => given !== undefined).length;
  expect(coded === 1, `${coded} of nbits, pq and step`, "one of them");
  expect(nbits === undefined || NBITS.some((bits) => bits === nbits), `nbits ${nbits}`, "1, 2, 4 or 8");
  expect(pq === undefined || pq >= 1, `pq ${pq}`, "1 or more");
  expect(pq === undefined || dim % pq === 0, `pq ${pq}`, `parts of ${dim} dimensions of the same size`);
  expect(width === null || Number.isInteger(width), `${nbits} bits of ${dim} dimensions`, "whole bytes");
  expect(code_bytes === bytesFor(partitions), `code_bytes ${code_bytes}`, `${bytesFor(partitions)}`);
  const buckets = nbits === undefined ? 0 : 2 ** nbits;
  expect(weights.length === buckets, `${weights.length} weights`, `${buckets}`);
  expect(cutoffs.length === Math.max(0, buckets - 1), `${cutoffs.length} cutoffs`, `${Math.max(0, buckets - 1)}`);
  const large = [...weights, ...cutoffs, steps?.width ?? 0].find((value) => !(Math.abs(value) <= LARGEST_VALUE));
  expect(large === undefined, `${large} in a residual`, `at most ${LARGEST_VALUE}`);
  expect((steps !== undefined) === (step !== undefined), `steps ${steps ? "" : "not "}given`, "those of step, or none");
  expect((files.codebooks !== undefined) === (pq !== undefined), "other codebooks", "those of pq, or none");
  const numbers = partitions * dim;
  const sizes = [2 * numbers, 4 * numbers];
  expect(sizes.includes(files.centroids.bytes), `${files.centroids.bytes} bytes of centroids`, sizes.join(" or "));
  const books = 4 * 256 * dim;
  expect(
    !files.codebooks || files.codebooks.bytes === books,
    `${files.codebooks?.bytes} bytes of codebooks`,
    `${books}`,
  );
  checkSegment(file, header, header);
}

/**
 * Checks that the files of some passages are as large as follows from the header of the index.
 *
 * @throws {LatebenchError} for the first that is not
 */
export function checkSegment(
  file: string,
  { passages, tokens, length_bytes, files }: SegmentInfo,
  { dim, partitions, code_bytes, settings }: Pick<PlaidHeader, "dim" | "partitions" | "code_bytes" | "settings">,
): void {
  const expect = expectIn(file);
  const width = residualBytes(dim, settings);
  expect((files.residualSizes !== undefined) === (width === null), "other residual sizes", "those of step, or none");
  const expected: readonly (readonly [keyof SegmentInfo["files"], number])[] = [
    ["codes", tokens * code_bytes],
    ["norms", tokens],
    ["lengths", passages * length_bytes],
    ["listSizes", 4 * partitions],
    ...width === null ? [["residualSizes", 4 * passages] as const] : [["residuals", tokens * width] as const],
  ];
  for (const [name, bytes] of expected) {
    expect(files[name]!.bytes === bytes, `${files[name]!.bytes} bytes of ${name}`, `${bytes}`);
  }
  const padded: readonly (keyof SegmentInfo["files"])[] = width === null ? ["lists", "residuals"] : ["lists"];
  for (const name of padded) {
    expect(files[name]!.bytes >= LIST_PADDING, `${files[name]!.bytes} bytes of ${name}`, `${LIST_PADDING} or more`);
  }
  // `["",""]`: three bytes an id at least, so that none of the numbers above is larger than what is there.
  expect(files.ids.bytes >= 3 * passages, `${files.ids.bytes} bytes of ids`, `those of ${passages} passages`);
}

function expectIn(file: string) {
  return (holds: boolean, found: string, expected: string) => {
    if (!holds) throw badInput(file, found, expected);
  };
}
