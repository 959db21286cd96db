import { type ExitCode, LatebenchError } from "./errors.ts";
import { visibleText } from "./visible_text.ts";

/** What the user is told of an error. */
export interface Failure {
  /** One line. */
  readonly message: string;
  readonly exitCode: ExitCode;
  /** Whether the message alone may not tell what to do, so that a trace helps. */
  readonly unexpected: boolean;
}

/** Characters of a message at most: it may quote what was read. What is cut out is its middle: what was expected stands at its end. */
const LONGEST = 1000;

/** What the engine says where memory, or its longest string or array, does not suffice. */
const TOO_LARGE =
  /allocation failed|out of memory|invalid (typed )?array (buffer )?length|cannot create a string longer|invalid string length|too large|could not allocate/i;

/**
 * Any error as one line for the user. Those of {@link LatebenchError} say what they say; the system's (a folder that is missing, a
 * port that is taken) and the engine's (nesting, memory) are put in words; all others are defects, and are named with their kind.
 */
export function explainFailure(error: unknown): Failure {
  const cause = causeOf(error);
  if (cause instanceof LatebenchError) {
    return { message: oneLine(cause.message), exitCode: cause.exitCode, unexpected: false };
  }
  return { message: oneLine(describe(cause)), exitCode: 2, unexpected: true };
}

/** Whether the reader of standard output has gone away, as `head` does: nobody is left to be told. */
export function isClosedPipe(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe || (error as { code?: unknown } | null)?.code === "EPIPE";
}

/** What failed first: closing things afterwards may fail too, and hides it. */
function causeOf(error: unknown): unknown {
  let cause = error;
  for (let depth = 0; depth < 8; depth++) {
    if (cause instanceof AggregateError && cause.errors.length > 0) cause = cause.errors[0];
    else if (cause instanceof Error && cause.name === "SuppressedError" && "suppressed" in cause) {
      cause = cause.suppressed;
    } else break;
  }
  return cause;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return `unexpected error: ${String(error)}`;
  const text = error.message.split("\n", 1)[0];
  if (/maximum call stack/i.test(text)) return `something is nested too deep to be read or computed (${text})`;
  if (TOO_LARGE.test(text)) return `something is too large for this machine's memory (${text})`;
  if (isSystemError(error)) return text;
  // An error of a worker comes with its kind in the text.
  return `unexpected error: ${/^\w*Error\b/.test(text) ? text : `${error.name}: ${text}`}`;
}

/** Whether the operating system, or Deno's permissions, said no. */
function isSystemError(error: Error): boolean {
  const { code } = error as { code?: unknown };
  return Object.values(Deno.errors).some((kind) => error instanceof kind) ||
    (typeof code === "string" && /^E[A-Z0-9]+$/.test(code)) || /\(os error \d+\)/.test(error.message);
}

function oneLine(text: string): string {
  const shown = visibleText(text);
  return shown.length > LONGEST ? `${shown.slice(0, LONGEST / 2)}…${shown.slice(1 - LONGEST / 2)}` : shown;
}
