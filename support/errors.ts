/**
 * What the program's exit codes mean:
 * 0 done, 1 wrong usage, 2 bad input, 3 a regression gate failed, 4 an asked-for backend is not available here.
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

/** `value` as it is quoted in messages: JSON, cut to 80 characters. */
export function quote(value: string): string {
  return JSON.stringify(value.length > 80 ? value.slice(0, 79) + "…" : value);
}

/**
 * The same failure as one line for the user, where it is the machine's or the input's doing:
 * a full disk, a missing file, a missing permission. Other errors pass unchanged.
 */
export function explainIoError(error: unknown, path: string): unknown {
  if (error instanceof LatebenchError) return error;
  const code = (error as { code?: string } | null)?.code;
  const text = error instanceof Error ? error.message : String(error);
  if (code === "ENOSPC" || /no space left|os error 28/i.test(text)) {
    return new LatebenchError(`${path}: disk full, nothing was kept of this file`, 2, { cause: error });
  }
  if (error instanceof Deno.errors.NotFound || code === "ENOENT") {
    return badInput(path, "no such file or folder", "one that exists");
  }
  if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable || code === "EACCES") {
    return new LatebenchError(`${path}: permission denied`, 2, { cause: error });
  }
  if (error instanceof Deno.errors.IsADirectory || code === "EISDIR") return badInput(path, "a folder", "a file");
  return error;
}

function formatPlace(place: InputPlace): string {
  if (place.line !== undefined) return `${place.file}:${place.line}`;
  return place.byte === undefined ? place.file : `${place.file}: byte ${place.byte}`;
}
