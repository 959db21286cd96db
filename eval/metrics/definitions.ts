import {
  averagePrecision,
  bpref,
  inferredAp,
  interpolatedPrecision,
  pairAccuracy,
  precision,
  recall,
  reciprocalRank,
  rPrecision,
  setAveragePrecision,
  setF,
  success,
} from "./formulas/binary.ts";
import { compatibility } from "./formulas/compatibility.ts";
import {
  expectedReciprocalRank,
  exponentialGain,
  type Gain,
  gradeAsGain,
  ndcg,
  rankBiasedPrecision,
} from "./formulas/gains.ts";
import { countFound, countRelevant, type JudgedRanking } from "./judged_ranking.ts";
import type { Measure } from "./measure.ts";

/** A parameter that a measure may have in brackets. */
export type ParameterName = "rel" | "p" | "gains" | "beta" | "max_rel" | "judged_only" | "normalize";

/** What there is to know about a measure. */
export interface Definition {
  /** Whether `@k` must, may or cannot stand behind it; `recall`: it stands for a recall level from 0 to 1. */
  readonly cutoff: "needed" | "optional" | "none" | "recall";
  readonly parameters: readonly ParameterName[];
  /** How queries are put together. */
  readonly over: "mean" | "sum";
  /** The value for one query. */
  score(ranking: JudgedRanking, measure: Measure): number;
}

/** ERR's highest grade where `max_rel` is not given, as gdeval has it. */
export const DEFAULT_MAX_REL = 4;

const BINARY: readonly ParameterName[] = ["rel", "judged_only"];

function binary(
  cutoff: Definition["cutoff"],
  score: (ranking: JudgedRanking, rel: number, cutoff: number) => number,
): Definition {
  return {
    cutoff,
    parameters: BINARY,
    over: "mean",
    score: (ranking, { rel = 1, cutoff = Infinity }) => score(ranking, rel, cutoff),
  };
}

/** The gains that a measure gives to grades. */
export function gainOf({ gains }: Measure): Gain {
  if (gains === undefined) return gradeAsGain;
  if (gains === "exp") return exponentialGain;
  return (grade) => gains.get(grade) ?? gradeAsGain(grade);
}

/** All measures under the names that ir_measures gives them, with trec_eval's definitions where it has the measure. */
export const DEFINITIONS = {
  RR: binary("optional", reciprocalRank),
  nDCG: {
    cutoff: "optional",
    parameters: ["gains", "judged_only"],
    over: "mean",
    score: (ranking, measure) => ndcg(ranking, gainOf(measure), measure.cutoff),
  },
  AP: binary("optional", averagePrecision),
  R: binary("needed", recall),
  P: binary("needed", precision),
  Success: binary("needed", success),
  Judged: {
    cutoff: "needed",
    parameters: [],
    over: "mean",
    score: ({ grades }, { cutoff = 0 }) => {
      // A negative judgement is one too; only trec_eval's unj counts it as none.
      return grades.slice(0, cutoff).filter((grade) => grade !== -1).length / cutoff;
    },
  },
  Rprec: binary("none", (ranking, rel) => rPrecision(ranking, rel)),
  Bpref: { ...binary("none", bpref), parameters: ["rel"] },
  infAP: { ...binary("none", inferredAp), parameters: ["rel"] },
  IPrec: binary("recall", (ranking, rel, level) => {
    return interpolatedPrecision(ranking, rel, [level], (found) => Math.trunc(found + 0.9))[0];
  }),
  RBP: {
    cutoff: "optional",
    parameters: ["p", "rel", "judged_only"],
    over: "mean",
    score: (ranking, { p = 0.8, rel = 1, cutoff }) => {
      return rankBiasedPrecision(ranking, p, (grade) => grade >= rel ? 1 : 0, cutoff);
    },
  },
  ERR: {
    cutoff: "optional",
    parameters: ["max_rel"],
    over: "mean",
    score: (ranking, { max_rel = DEFAULT_MAX_REL, cutoff }) => expectedReciprocalRank(ranking, max_rel, cutoff),
  },
  Accuracy: { ...binary("optional", pairAccuracy), parameters: ["rel"] },
  Compat: {
    cutoff: "none",
    parameters: ["p", "normalize"],
    over: "mean",
    score: (ranking, { p = 0.95, normalize = true }) => compatibility(ranking, p, normalize),
  },
  SetP: binary("none", (ranking, rel) => precision(ranking, rel, ranking.grades.length)),
  SetR: binary("none", (ranking, rel) => recall(ranking, rel)),
  SetF: {
    cutoff: "none",
    parameters: ["beta", "rel", "judged_only"],
    over: "mean",
    score: (ranking, { beta = 1, rel = 1 }) => setF(ranking, rel, beta),
  },
  SetAP: binary("none", setAveragePrecision),
  NumRet: {
    cutoff: "none",
    parameters: ["rel"],
    over: "sum",
    score: (ranking, { rel }) => rel === undefined ? ranking.grades.length : countFound(ranking, rel),
  },
  NumRel: {
    cutoff: "none",
    parameters: ["rel"],
    over: "sum",
    score: (ranking, { rel = 1 }) => countRelevant(ranking, rel),
  },
  NumQ: { cutoff: "none", parameters: [], over: "sum", score: () => 1 },
} as const satisfies Readonly<Record<string, Definition>>;

/** Names of measures, as ir_measures writes them. */
export type MeasureName = keyof typeof DEFINITIONS;

/** The definition of a measure. */
export function definitionOf(measure: Measure): Definition {
  return DEFINITIONS[measure.name];
}
