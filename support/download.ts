import { badInput, explainIoError, isDiskFull, quote } from "./errors.ts";
import { hashFile } from "./hash.ts";
import { type Answer, ask, type Patience, TransferError, withAttempts } from "./http.ts";
import { openPartial, type PartialFile } from "./partial_file.ts";
import { type Progress, startProgress } from "./progress.ts";

/** What a downloaded file must be. */
export interface ExpectedFile {
  /** Bytes, where known: not one more is taken. */
  readonly size?: number;
  /** Bytes at the most, where the size is not known (default {@link MOST_BYTES}). */
  readonly most?: number;
  /** A hash of the content; `git-sha1` is the id of a git blob. */
  readonly checksum?: { readonly kind: "sha256" | "md5" | "git-sha1"; readonly value: string };
}

/** The largest file of unknown size: 16 GiB. */
export const MOST_BYTES = 2 ** 34;

/**
 * Downloads `url` to `path`. What `path.partial` holds already is not loaded again where the server continues it and a checksum will
 * tell whether the parts fit; the file gets its name only when size and checksum are right. Of several processes that download the
 * same file, one does and the others wait for it.
 *
 * @throws {LatebenchError} naming the address, for refused requests, connections that break or stall for good, answers that are not
 *   the file (too long, an HTML page, another checksum), and redirects that lead elsewhere
 */
export async function download(
  url: string,
  path: string,
  expected: ExpectedFile,
  quiet: boolean,
  patience: Patience = {},
): Promise<void> {
  try {
    using partial = await openPartial(path);
    if (partial === null) return;
    try {
      if (!expected.checksum && partial.size !== expected.size) partial.restart();
      await withAttempts(url, patience, () => appendRest(url, partial, expected, quiet, patience.idle));
      verify(url, partial, expected);
      Deno.renameSync(partial.path, path); // still locked: those who wait find the whole file
    } catch (error) {
      if (partial.size === 0 || isDiskFull(error)) partial.remove();
      throw error;
    }
  } catch (error) {
    throw explainIoError(error, path);
  }
}

/** Loads what is missing. */
async function appendRest(
  url: string,
  partial: PartialFile,
  expected: ExpectedFile,
  quiet: boolean,
  idle: number | undefined,
): Promise<void> {
  if (partial.size > 0 && partial.size === expected.size) return;
  if (expected.size !== undefined && partial.size > expected.size) partial.restart();
  const have = partial.size;
  await using answer = await ask(url, have > 0 ? { range: `bytes=${have}-` } : {}, idle);
  if (answer.status === 416) { // what is there is not the beginning of this file
    partial.restart();
    throw new TransferError("the part that was there did not fit");
  }
  const total = totalOf(url, answer, partial, expected);
  if (answer.status !== 206) partial.restart();
  const most = total ?? expected.most ?? MOST_BYTES;
  using progress: Progress = startProgress(
    `download ${url.split("/").pop()}`,
    total ?? 0,
    "bytes",
    { quiet },
    partial.size,
  );
  for await (const piece of answer.bytes()) {
    if (partial.size + piece.length > most) {
      partial.remove();
      throw badInput(url, `more than ${most} bytes`, total === undefined ? "no larger file" : `${total} bytes`);
    }
    partial.append(piece);
    progress.update(partial.size);
  }
  partial.sync();
  if (total !== undefined && partial.size < total) {
    throw new TransferError(`the connection ended after ${partial.size} bytes`);
  }
}

/**
 * The size of the whole file, by what is expected and what the server says; undefined where neither tells.
 *
 * @throws {LatebenchError} where they differ, or the answer is no file
 */
function totalOf(url: string, answer: Answer, partial: PartialFile, expected: ExpectedFile): number | undefined {
  const { headers, status } = answer;
  const length = headers.has("content-length") ? Number(headers.get("content-length")) : undefined;
  const said = status === 206 ? continued(headers, partial, length) : length;
  const size = said ?? expected.size;
  if (/^text\/html\b/i.test(headers.get("content-type") ?? "") && (said === undefined || said !== expected.size)) {
    throw badInput(url, "an HTML page (of an error, or to log in)", "the file");
  }
  const encoding = headers.get("content-encoding") ?? "identity";
  if (encoding !== "identity" && !expected.checksum) {
    throw badInput(url, `content-encoding ${quote(encoding)}`, "the file as it is");
  }
  if (expected.size !== undefined && size !== expected.size) {
    throw badInput(url, `${size} bytes`, `${expected.size} bytes`);
  }
  const most = expected.most ?? MOST_BYTES;
  if (expected.size === undefined && size !== undefined && size > most) {
    throw badInput(url, `${size} bytes`, `at most ${most} bytes`);
  }
  return size;
}

/**
 * The whole size that a `Content-Range` tells, where it continues exactly what is there.
 *
 * @throws {TransferError} where it does not; what was there is given up then
 */
function continued(headers: Headers, partial: PartialFile, length: number | undefined): number | undefined {
  const range = headers.get("content-range");
  const [, from, to, of] = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(range ?? "") ?? [];
  const [first, last, total] = [Number(from), Number(to), of === "*" ? undefined : Number(of)];
  const fits = first === partial.size && first <= last && (total === undefined || last < total) &&
    (length === undefined || length === last - first + 1);
  if (fits) return total;
  const asked = partial.size;
  partial.restart();
  throw new TransferError(`found Content-Range ${quote(range ?? "none")}, expected one from byte ${asked}`);
}

/** Compares what came with what was expected; it is not kept where it differs. */
function verify(url: string, partial: PartialFile, { size, checksum }: ExpectedFile): void {
  const found = partial.size;
  if (size !== undefined && found !== size) {
    partial.remove();
    throw badInput(url, `${found} bytes`, `${size} bytes`);
  }
  if (!checksum) return;
  const value = checksum.kind === "git-sha1"
    ? hashFile(partial.path, "sha1", `blob ${found}\0`)
    : hashFile(partial.path, checksum.kind);
  if (value === checksum.value) return;
  partial.remove();
  throw badInput(url, `${checksum.kind} ${value}`, `${checksum.kind} ${checksum.value}`);
}
