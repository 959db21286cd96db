import { dirname } from "node:path";
import { badInput, explainIoError, LatebenchError } from "./errors.ts";
import { hashFile } from "./hash.ts";
import { startProgress } from "./progress.ts";

/** What a downloaded file must be. */
export interface ExpectedFile {
  /** Bytes, where known. */
  readonly size?: number;
  /** A hash of the content; `git-sha1` is the id of a git blob. */
  readonly checksum?: { readonly kind: "sha256" | "md5" | "git-sha1"; readonly value: string };
}

/** When a download is given up. */
export interface Patience {
  /** How often a broken connection is tried in all. */
  readonly attempts: number;
  /** How long a server may take until it answers, ms. */
  readonly patience?: number;
}

/**
 * Downloads `url` to `path`. What is there already of `path.partial` is not loaded again where the server answers range requests;
 * the file gets its name only when size and checksum are right.
 *
 * @throws {LatebenchError} naming the address, for refused requests, connections that break for good, and wrong checksums
 */
export async function download(
  url: string,
  path: string,
  expected: ExpectedFile,
  quiet: boolean,
  { attempts, patience }: Patience = { attempts: 5 },
): Promise<void> {
  const partial = `${path}.partial`;
  try {
    Deno.mkdirSync(dirname(path), { recursive: true });
    for (let attempt = 1;; attempt++) {
      const problem = await appendFrom(url, partial, expected, quiet, patience);
      if (problem === undefined) break;
      if (attempt === attempts) {
        throw new LatebenchError(`${url}: ${problem}${attempts > 1 ? ` (${attempts} attempts)` : ""}`, 2);
      }
    }
    verify(url, partial, expected);
    Deno.renameSync(partial, path);
  } catch (error) {
    throw explainIoError(error, path);
  }
}

/** Loads what is missing of `partial`. Returns what went wrong where another attempt may help. */
async function appendFrom(
  url: string,
  partial: string,
  expected: ExpectedFile,
  quiet: boolean,
  patience: number | undefined,
): Promise<string | undefined> {
  const have = sizeOf(partial);
  if (have > 0 && have === expected.size) return undefined;
  let response: Response;
  const late = new AbortController();
  const timer = patience === undefined ? undefined : setTimeout(() => late.abort(new Error("no answer")), patience);
  try {
    const headers: HeadersInit = have > 0 ? { range: `bytes=${have}-` } : {};
    response = await fetch(url, { headers, signal: late.signal });
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    return `no connection (${(error as Error).message})`;
  } finally {
    clearTimeout(timer);
  }
  if (response.status === 416) { // what is there is not the beginning of this file
    await response.body?.cancel();
    Deno.removeSync(partial);
    return "the part that was there did not fit";
  }
  if (!response.ok || !response.body) {
    await response.body?.cancel();
    if (response.status >= 500) return `HTTP status ${response.status}`;
    throw badInput(url, `HTTP status ${response.status}`, "the file");
  }
  const resumed = response.status === 206;
  const start = resumed ? have : 0;
  const total = start + Number(response.headers.get("content-length") ?? 0);
  using file = Deno.openSync(partial, { write: true, create: true, append: resumed, truncate: !resumed });
  const progress = startProgress(`download ${url.split("/").pop()}`, total, "bytes", { quiet }, start);
  let done = start;
  try {
    for await (const piece of response.body) {
      for (let at = 0; at < piece.length;) at += file.writeSync(piece.subarray(at));
      progress.update(done += piece.length);
    }
  } catch (error) {
    const explained = explainIoError(error, partial);
    if (explained !== error) throw explained;
    return `the connection broke after ${done} bytes`;
  } finally {
    progress.stop();
  }
  file.syncSync();
  return expected.size !== undefined && done < expected.size ? `the connection ended after ${done} bytes` : undefined;
}

function verify(url: string, partial: string, { size, checksum }: ExpectedFile): void {
  const found = sizeOf(partial);
  if (size !== undefined && found !== size) {
    Deno.removeSync(partial);
    throw badInput(url, `${found} bytes`, `${size} bytes`);
  }
  if (!checksum) return;
  const value = checksum.kind === "git-sha1"
    ? hashFile(partial, "sha1", `blob ${found}\0`)
    : hashFile(partial, checksum.kind);
  if (value === checksum.value) return;
  Deno.removeSync(partial);
  throw badInput(url, `${checksum.kind} ${value}`, `${checksum.kind} ${checksum.value}`);
}

function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch {
    return 0;
  }
}
