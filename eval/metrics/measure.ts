import { badInput } from "../../support/errors.ts";

/** The measures that can be computed. */
export const MEASURE_NAMES = ["RR", "nDCG", "AP", "R", "P", "Success", "Judged"] as const;

/** One measure with its parameters, as ir_measures writes it: `RR(rel=2)@10`. */
export interface Measure {
  readonly name: (typeof MEASURE_NAMES)[number];
  /** Only the first `cutoff` passages count; all of the ranking where there is none. */
  readonly cutoff?: number;
  /** From which grade a passage is relevant (default 1). nDCG uses the grades themselves and has no `rel`. */
  readonly rel?: number;
}

/** Other names in use, in lower case. */
const ALIASES: Readonly<Record<string, Measure["name"]>> = {
  mrr: "RR",
  map: "AP",
  recall: "R",
  precision: "P",
  hit: "Success",
};

/** Measures that make no sense without a cut-off. */
const NEEDS_CUTOFF: readonly Measure["name"][] = ["P", "R", "Success", "Judged"];

/**
 * Parses one measure in ir_measures' notation; `MRR@10` and `MAP` are accepted for `RR@10` and `AP`.
 *
 * @throws {LatebenchError} listing what is known
 */
export function parseMeasure(text: string): Measure {
  const parts = /^([A-Za-z]+)(?:\(rel=(\d+)\))?(?:@(\d+))?$/.exec(text.trim());
  const lower = parts?.[1].toLowerCase() ?? "";
  const name = MEASURE_NAMES.find((known) => known.toLowerCase() === lower) ?? ALIASES[lower];
  const expected = `one of ${MEASURE_NAMES.join(", ")} as in RR(rel=2)@10`;
  if (!parts || !name) throw badInput("measure", JSON.stringify(text), expected);
  const rel = parts[2] === undefined ? undefined : Number(parts[2]);
  const cutoff = parts[3] === undefined ? undefined : Number(parts[3]);
  if (cutoff === 0 || rel === 0) throw badInput("measure", JSON.stringify(text), "numbers from 1");
  if (cutoff === undefined && NEEDS_CUTOFF.includes(name)) {
    throw badInput("measure", JSON.stringify(text), `a cut-off, as in ${name}@10`);
  }
  if (rel !== undefined && (name === "nDCG" || name === "Judged")) {
    throw badInput("measure", JSON.stringify(text), `${name} without rel: it does not depend on it`);
  }
  return { name, ...cutoff !== undefined && { cutoff }, ...rel !== undefined && rel !== 1 && { rel } };
}

/** The one way in which a measure is written. */
export function formatMeasure({ name, rel, cutoff }: Measure): string {
  return `${name}${rel === undefined ? "" : `(rel=${rel})`}${cutoff === undefined ? "" : `@${cutoff}`}`;
}

/** Parses several measures, separated by blanks or commas; repetitions are dropped. */
export function parseMeasures(text: string): Measure[] {
  return uniqueMeasures(text.split(/[\s,]+(?![^(]*\))/).filter((part) => part !== "").map(parseMeasure));
}

/** Drops measures that were there before, in any spelling. */
export function uniqueMeasures(measures: readonly Measure[]): Measure[] {
  return [...new Map(measures.map((measure) => [formatMeasure(measure), measure])).values()];
}
