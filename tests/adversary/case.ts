/** What a command line is to come to: `refused` is exit code 1, 2 or 4. */
export type Expectation = "refused" | "accepted" | "either";

/** Parts of the program that are attacked, as the table of outcomes lists them. */
export const AREAS = [
  "command lines",
  "specs",
  "input files",
  "mutated inputs",
  "data sets",
  "configurations",
  "results",
  "models",
  "folders",
  "index folders",
] as const;

export type Area = (typeof AREAS)[number];

/** One attack: a command line, run in a folder of its own. */
export interface Case {
  readonly area: Area;
  /** What is odd about it; with the area and the arguments it says all. */
  readonly name: string;
  /** Command and arguments. `../honest` and `../odd` are what `world.ts` makes; all else is relative to the case's folder. */
  readonly args: readonly string[];
  readonly expect: Expectation;
  /** Puts files into the case's folder. */
  readonly prepare?: (folder: string) => void;
  /** Paths, relative to the case's folder, that the command may make or change; files called `precious…` it may not even then. */
  readonly outputs?: readonly string[];
}

/** What a command line came to. */
export interface Attempt {
  readonly code: number;
  /** The beginning of each. */
  readonly stdout: string;
  readonly stderr: string;
  /** What was thrown past the program; a defect whatever it says. */
  readonly thrown: string | null;
  /** Paths that it had no business with, each with what became of it. */
  readonly touched: readonly string[];
}

/**
 * What is wrong with an attempt; null where nothing is.
 *
 * A refusal is one line `latebench: …` on standard error, except that `doctor --index`, `data verify` and gates tell what they find
 * on standard output.
 */
export function failureOf({ expect, args }: Case, attempt: Attempt): string | null {
  const { code, stderr, thrown, touched } = attempt;
  if (thrown !== null) return "trace";
  if (/^\s+at .+:\d+:\d+\)?$|Uncaught/m.test(stderr)) return "trace";
  if (stderr.includes("latebench: unexpected error")) return "unexpected";
  if (![0, 1, 2, 3, 4].includes(code)) return "exit code";
  if (touched.length > 0) return "touched";
  // deno-lint-ignore no-control-regex -- they are what is looked for
  if (/[\x00-\x08\x0b-\x1f\x7f-\x9f]/.test(stderr)) return "control characters";
  const refused = code === 1 || code === 2 || code === 4;
  const lines = stderr.split("\n").filter((line) => line.startsWith("latebench: "));
  const tellsOnStdout = args[0] === "doctor" || (args[0] === "data" && args[1] === "verify") ||
    args.includes("lint-run");
  // An evaluation goes on where a system fails, and says which did.
  const failed = /^failed: /m.test(stderr);
  if (refused && lines.length !== 1 && !(lines.length === 0 && (tellsOnStdout || failed))) return "not one line";
  if (lines.some((line) => line.length > 4000)) return "endless line";
  if (expect === "refused" && !refused) return "accepted";
  if (expect === "accepted" && code !== 0) return "not accepted";
  return null;
}
