import { visibleText } from "./visible_text.ts";

/**
 * What the program's exit codes mean:
 * 0 done, 1 wrong usage, 2 bad input, or something that the machine or the program could not do with it, 3 a regression gate failed,
 * 4 an asked-for backend is not available here.
 */
export type ExitCode = 0 | 1 | 2 | 3 | 4;

/** An error whose message is one line meant for the user; anything else that is thrown is a defect of latebench. */
export class LatebenchError extends Error {
  override readonly name = "LatebenchError";
  constructor(message: string, readonly exitCode: ExitCode, options?: ErrorOptions) {
    super(message, options);
  }
}

/** Where in the user's input something was found. Lines and bytes count from 1 and 0. */
export interface InputPlace {
  readonly file: string;
  readonly line?: number;
  readonly byte?: number;
}

/** Bad input (exit code 2): names the place, what was found there and what was expected. */
export function badInput(place: InputPlace | string, found: string, expected: string): LatebenchError {
  const where = typeof place === "string" ? place : formatPlace(place);
  return new LatebenchError(`${where}: found ${found}, expected ${expected}`, 2);
}

/** Wrong usage of the command line (exit code 1). */
export function usageError(message: string): LatebenchError {
  return new LatebenchError(message, 1);
}

/** Something asked for that this machine cannot do (exit code 4). */
export function notAvailable(message: string, cause?: unknown): LatebenchError {
  return new LatebenchError(message, 4, { cause });
}

/** `value` as it is quoted in messages: JSON, cut to 80 characters, without what could steer a terminal. */
export function quote(value: string): string {
  return visibleText(JSON.stringify(value.length > 80 ? value.slice(0, 79) + "…" : value));
}

/** Failures of the machine by their code: what is said of the path. */
const IO_ERRORS: Readonly<Record<string, string>> = {
  ENOSPC: "disk full, nothing was kept of this file",
  EDQUOT: "the disk quota is used up, nothing was kept of this file",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  EFBIG: "the file grows larger than the file system or its limit (ulimit -f) allows",
  EMFILE: "too many open files, more are needed (ulimit -n)",
  ENFILE: "too many open files on this machine",
  ENAMETOOLONG: "found a name that is too long, expected one of at most 255 bytes",
  ENOTDIR: "found a file where a folder should be, expected a path of folders",
  EEXIST: "found something else of this name, expected nothing or a folder",
  ENOTEMPTY: "found a folder that is not empty, expected an empty one or nothing",
  ELOOP: "found links that lead in circles, expected a file or folder",
  EXDEV: "found a place on another file system, expected one on the same",
  EBUSY: "it is in use (a mount point?)",
  EIO: "the disk or file system fails (input/output error)",
  ETXTBSY: "it is a program that runs",
  ENXIO: "found a pipe or device that nobody serves, expected a file",
};

/**
 * The same failure as one line for the user, where it is the machine's or the input's doing: a full disk, a missing file, a
 * missing permission, a file system that refuses. Other errors pass unchanged.
 */
export function explainIoError(error: unknown, path: string): unknown {
  if (error instanceof LatebenchError) return error;
  const code = codeOf(error);
  if (error instanceof Deno.errors.NotFound || hasCode(error, "ENOENT")) {
    return badInput(path, "no such file or folder", "one that exists");
  }
  if (error instanceof Deno.errors.IsADirectory || hasCode(error, "EISDIR")) {
    return badInput(path, "a folder", "a file");
  }
  if (code !== undefined) return new LatebenchError(`${path}: ${IO_ERRORS[code]}`, 2, { cause: error });
  if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) {
    return new LatebenchError(`${path}: permission denied`, 2, { cause: error });
  }
  return error;
}

/** Whether an error says that nothing can be written there, by this user or by anybody. */
export function isUnwritable(error: unknown): boolean {
  return ["EROFS", "EACCES", "EPERM"].some((code) => codeOf(error) === code || codeOf(causeOf(error)) === code);
}

/** Whether an error, or the one that it explains, says that nothing more fits on the disk. */
export function isDiskFull(error: unknown): boolean {
  const code = codeOf(error) ?? codeOf(causeOf(error));
  return code === "ENOSPC" || code === "EDQUOT";
}

function causeOf(error: unknown): unknown {
  return (error as { cause?: unknown } | null)?.cause;
}

function hasCode(error: unknown, code: string): boolean {
  return (error as { code?: unknown } | null)?.code === code;
}

/** The code of a failure of the machine, where it is one of those that are explained. */
function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === "string") return Object.hasOwn(IO_ERRORS, code) ? code : undefined;
  const text = error instanceof Error ? error.message : "";
  return /no space left|os error 28\b/i.test(text) ? "ENOSPC" : undefined;
}

function formatPlace(place: InputPlace): string {
  if (place.line !== undefined) return `${place.file}:${place.line}`;
  return place.byte === undefined ? place.file : `${place.file}: byte ${place.byte}`;
}
