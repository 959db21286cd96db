import { usageError } from "../../support/errors.ts";
import type { Parameters, TrecEvalMeasure } from "./measure.ts";

/** A measure with its parameters, and the names under which its values are printed. */
export interface MeasureRequest<View> {
  readonly measure: TrecEvalMeasure<View>;
  readonly parameters: Parameters;
  readonly names: readonly string[];
}

/** What `-m` options ask for. */
export interface Requests<View> {
  readonly measures: readonly MeasureRequest<View>[];
  /** `runid` and `num_q` head the summary. */
  readonly runid: boolean;
  readonly numQ: boolean;
}

/** What `-m` can choose from: measures in the order of printing, and sets of them. */
export interface Catalogue<View> {
  readonly measures: readonly TrecEvalMeasure<View>[];
  readonly sets: Readonly<Record<string, readonly string[]>>;
}

/**
 * Reads `-m` options as trec_eval does: `map`, `P.5,10`, `ndcg.1=3,2=9`, or the name of a set. The order of printing is
 * trec_eval's own, whatever the order of the options. Without options: `official`.
 *
 * @throws {LatebenchError} exit code 1 for an unknown measure or a parameter that cannot be read
 */
export function readRequests<View>(options: readonly string[], { measures, sets }: Catalogue<View>): Requests<View> {
  const wanted = new Map<string, string | null>();
  const request = (name: string, parameters: string | null) => wanted.set(name, parameters ?? wanted.get(name) ?? null);
  for (const option of options.length > 0 ? options : ["official"]) {
    const dot = option.indexOf(".");
    const name = dot < 0 ? option : option.slice(0, dot);
    if (Object.hasOwn(sets, name)) { for (const member of ["runid", "num_q", ...sets[name]]) request(member, null); }
    else request(name, dot < 0 ? null : option.slice(dot + 1));
  }
  const known = ["runid", "num_q", ...measures.map(({ name }) => name)];
  const unknown = [...wanted.keys()].find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw usageError(`-m ${unknown}: no such measure here; known: ${[...Object.keys(sets), ...known].join(", ")}`);
  }
  return {
    runid: wanted.has("runid"),
    numQ: wanted.has("num_q"),
    measures: measures.filter(({ name }) => wanted.has(name)).map((measure) =>
      bind(measure, wanted.get(measure.name)!)
    ),
  };
}

function bind<View>(measure: TrecEvalMeasure<View>, text: string | null): MeasureRequest<View> {
  const { name, parameters: kind, defaults = [] } = measure;
  const none = new Map<string, number>();
  if (text !== null && kind === "none") throw usageError(`-m ${name}.${text}: ${name} takes no parameters`);
  if (kind === "gains" || kind === "pairs") {
    const pairs = new Map((text ?? "").split(",").filter((part) => part !== "").map((part) => readPair(name, part)));
    return { measure, parameters: { numbers: [], pairs }, names: [suffixed(name, text)] };
  }
  const given = text === null ? defaults : text.split(",").map((part) => readNumber(name, part));
  if (kind === "cutoffs" || kind === "fractions") {
    const whole = kind === "cutoffs";
    const numbers = [...new Set(given.map((value) => whole ? Math.trunc(value) : value))].sort((a, b) => a - b);
    if (numbers.length === 0 || (whole && numbers[0] < 1)) {
      throw usageError(`-m ${name}.${text}: cut-offs must be positive`);
    }
    const names = numbers.map((value) => `${name}_${whole ? value : value.toFixed(2)}`);
    return { measure, parameters: { numbers, pairs: none }, names };
  }
  return { measure, parameters: { numbers: given, pairs: none }, names: [suffixed(name, text)] };
}

function suffixed(name: string, text: string | null): string {
  return text === null ? name : `${name}_${text}`;
}

function readNumber(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) {
    throw usageError(`-m ${name}: ${text} is no number of at most ${Number.MAX_SAFE_INTEGER}`);
  }
  return value;
}

function readPair(name: string, text: string): [string, number] {
  const equals = text.indexOf("=");
  if (equals < 0) throw usageError(`-m ${name}: ${text} is no name=number`);
  return [text.slice(0, equals), readNumber(name, text.slice(equals + 1))];
}
