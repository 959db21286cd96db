import { badInput } from "../../support/errors.ts";
import { type Definition, DEFINITIONS, type MeasureName, type ParameterName } from "./definitions.ts";
import { own } from "../../support/own.ts";

/** One measure with its parameters, as ir_measures writes it: `RR(rel=2)@10`, `nDCG(gains='exp')@10`, `RBP(p=0.8)`. */
export interface Measure {
  readonly name: MeasureName;
  /** Only the first `cutoff` passages count; all of the ranking where there is none. For IPrec: the recall level. */
  readonly cutoff?: number;
  /** From which grade a passage is relevant (default 1). */
  readonly rel?: number;
  /** Persistence of RBP (default 0.8) and Compat (0.95). */
  readonly p?: number;
  /** Gains of nDCG: 2^grade − 1, or one for each of some grades; default: the grades. */
  readonly gains?: "exp" | ReadonlyMap<number, number>;
  /** Weight of recall in SetF (default 1). */
  readonly beta?: number;
  /** Highest grade of the scale, for ERR (default 4, as gdeval has it). */
  readonly max_rel?: number;
  /** Passages without a judgement are taken out first. */
  readonly judged_only?: boolean;
  /** Whether Compat is divided by its best possible value (default true). */
  readonly normalize?: boolean;
}

/** Of a measure, and of a list of them. */
const MOST_CHARACTERS = 10_000;

/** Other names in use, in lower case. */
const ALIASES: Readonly<Record<string, MeasureName>> = {
  mrr: "RR",
  map: "AP",
  recall: "R",
  precision: "P",
  hit: "Success",
};

/**
 * Parses one measure in ir_measures' notation; `MRR@10` and `MAP` are accepted for `RR@10` and `AP`, and ir_measures'
 * `dcg='exp-log2'` for `gains='exp'`.
 *
 * @throws {LatebenchError} listing what is known
 */
export function parseMeasure(text: string): Measure {
  refuseEndless(text);
  const parts = /^([A-Za-z]+)(?:\((.*)\))?(?:@([0-9.]+))?$/.exec(text.trim());
  const lower = parts?.[1].toLowerCase() ?? "";
  const names = Object.keys(DEFINITIONS) as MeasureName[];
  const name = names.find((known) => known.toLowerCase() === lower) ?? own(ALIASES, lower);
  const wrong = (expected: string) => badInput("measure", JSON.stringify(text), expected);
  if (!parts || !name) throw wrong(`one of ${names.join(", ")} as in RR(rel=2)@10`);
  const definition: Definition = DEFINITIONS[name];
  const measure: Measure = {
    name,
    ...readCutoff(parts[3], definition, name, wrong),
    ...readParameters(parts[2], definition, name, wrong),
  };
  return measure;
}

/** More passages than any ranking has. */
const MOST_CUTOFF = 2 ** 31 - 1;

type Wrong = (expected: string) => Error;

function readCutoff(text: string | undefined, { cutoff: kind }: Definition, name: string, wrong: Wrong) {
  if (text === undefined) {
    if (kind === "needed") throw wrong(`a cut-off, as in ${name}@10`);
    if (kind === "recall") throw wrong(`a recall level, as in ${name}@0.5`);
    return {};
  }
  if (kind === "none") throw wrong(`${name} without a cut-off`);
  const cutoff = Number(text);
  const fits = kind === "recall"
    ? cutoff >= 0 && cutoff <= 1
    : Number.isInteger(cutoff) && cutoff >= 1 && cutoff <= MOST_CUTOFF;
  if (!fits) throw wrong(kind === "recall" ? "a recall level from 0 to 1" : `a cut-off from 1 to ${MOST_CUTOFF}`);
  return { cutoff };
}

type Parameters = { -readonly [K in ParameterName]?: Measure[K] };

/** How the value of each parameter is read; undefined where it cannot be. Defaults are left out, so that names are unique. */
const READERS: { readonly [K in ParameterName]: (value: string) => Measure[K] } = {
  rel: (value) => /^[1-9]\d{0,15}$/.test(value) ? Number(value) : undefined,
  p: (value) => Number(value) > 0 && Number(value) < 1 ? Number(value) : undefined,
  beta: (value) => Number(value) > 0 && Number(value) <= 1e6 ? Number(value) : undefined,
  max_rel: (value) => /^[1-9]\d{0,3}$/.test(value) && Number(value) <= 1000 ? Number(value) : undefined,
  judged_only: readBoolean,
  normalize: readBoolean,
  gains: readGains,
};

/** What a parameter is where it is not given; undefined where that is something else than any value. */
function defaultOf(key: ParameterName, name: MeasureName): Measure[ParameterName] {
  switch (key) {
    case "rel":
      return name === "NumRet" ? undefined : 1;
    case "p":
      return name === "Compat" ? 0.95 : 0.8;
    case "beta":
      return 1;
    case "max_rel":
      return 4;
    case "judged_only":
      return false;
    case "normalize":
      return true;
    case "gains":
      return undefined;
  }
}

function readBoolean(value: string): boolean | undefined {
  return /^(true|false)$/i.test(value) ? value.toLowerCase() === "true" : undefined;
}

/** Gains are bounded, so that their sums stay finite. */
const MOST_GAIN = 2 ** 1000;

function readGains(value: string): "exp" | Map<number, number> | undefined {
  if (value === "exp") return "exp";
  const pairs = /^\{(.*)\}$/.exec(value)?.[1].split(",").map((pair) => pair.split(":").map(Number));
  if (!pairs || pairs.some((pair) => pair.length !== 2 || pair.some((n) => !(Math.abs(n) <= MOST_GAIN)))) {
    return undefined;
  }
  // A gain that is the grade says nothing new.
  const changed = pairs.flatMap(([grade, gain]): [number, number][] => grade === gain ? [] : [[grade, gain]]);
  return new Map(changed.sort((a, b) => a[0] - b[0]));
}

function readParameters(text: string | undefined, definition: Definition, name: MeasureName, wrong: Wrong) {
  const parameters: Parameters = {};
  const seen = new Set<string>();
  for (const part of text === undefined ? [] : text.split(/,(?![^{]*\})/)) {
    const [key, ...rest] = part.trim().split("=");
    const value = rest.join("=").trim().replace(/^(['"])(.*)\1$/, "$2");
    const meant = key === "dcg" ? "gains" : key;
    if (seen.has(meant)) throw wrong(`${meant} once`);
    seen.add(meant);
    if (key === "dcg" && definition.parameters.includes("gains") && /^(exp-)?log2$/.test(value)) {
      if (value === "exp-log2") parameters.gains = "exp";
      continue;
    }
    const known = definition.parameters.find((parameter) => parameter === key);
    if (!known) {
      throw wrong(`${name} with ${definition.parameters.join(", ") || "no parameters"}, not ${JSON.stringify(key)}`);
    }
    if (!readParameter(parameters, known, value, name)) {
      throw wrong(`a value that ${known} can have, not ${JSON.stringify(value)}`);
    }
  }
  return parameters;
}

/** Reads one value into `parameters`; false where it cannot be read. */
function readParameter<K extends ParameterName>(into: Parameters, key: K, value: string, name: MeasureName): boolean {
  const read: Measure[K] = READERS[key](value);
  if (read === undefined) return false;
  const isDefault = read === defaultOf(key, name) || (read instanceof Map && read.size === 0);
  if (!isDefault) into[key] = read;
  return true;
}

/** The order in which parameters are written. */
const WRITTEN: readonly ParameterName[] = ["p", "beta", "gains", "max_rel", "rel", "judged_only", "normalize"];

/** The one way in which a measure is written; equal measures have equal names, so that it serves as a key. */
export function formatMeasure(measure: Measure): string {
  const parameters = WRITTEN.flatMap((key) =>
    measure[key] === undefined ? [] : [`${key}=${formatValue(measure[key])}`]
  );
  const cutoff = measure.cutoff === undefined ? "" : `@${measure.cutoff}`;
  return `${measure.name}${parameters.length > 0 ? `(${parameters.join(",")})` : ""}${cutoff}`;
}

function formatValue(value: NonNullable<Measure[ParameterName]>): string {
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "object") return `{${[...value].map(([grade, gain]) => `${grade}:${gain}`).join(",")}}`;
  return typeof value === "string" ? `'${value}'` : String(value);
}

/** Parses several measures, separated by blanks or commas; repetitions are dropped. */
export function parseMeasures(text: string): Measure[] {
  return uniqueMeasures(splitMeasures(text).map(parseMeasure));
}

/**
 * Takes a list of measures apart: commas and blanks within brackets do not count.
 *
 * @throws {LatebenchError} for a list without end
 */
export function splitMeasures(text: string): string[] {
  refuseEndless(text);
  return text.split(/[\s,]+(?![^(]*\))/).filter((part) => part !== "");
}

/** The patterns that read measures look ahead, which takes time that grows with the square of the length. */
function refuseEndless(text: string): void {
  if (text.length <= MOST_CHARACTERS) return;
  throw badInput("measures", `${text.length} characters`, `at most ${MOST_CHARACTERS}`);
}

/** Drops measures that were there before, in any spelling. */
export function uniqueMeasures(measures: readonly Measure[]): Measure[] {
  return [...new Map(measures.map((measure) => [formatMeasure(measure), measure])).values()];
}
