import {
  averagePrecision,
  bpref,
  inferredAp,
  interpolatedPrecision,
  precision,
  recall,
  reciprocalRank,
  relativePrecision,
  rPrecision,
  setAveragePrecision,
  setF,
  smoothedAveragePrecision,
  success,
  unjudgedShare,
} from "../metrics/formulas/binary.ts";
import {
  binaryGainOverMissed,
  discountedGain,
  type Gain,
  gainOverMissed,
  gradeAsGain,
  idealGains,
  ndcg,
  ndcgAtLevels,
  ndcgAtRelevant,
  rankBiasedPrecision,
  rankBiasedResidual,
} from "../metrics/formulas/gains.ts";
import {
  type MeasureContext,
  MIN_GEOMETRIC,
  type ParameterKind,
  type Parameters,
  type TrecEvalMeasure,
} from "./measure.ts";
import { countFound, countRelevant, type JudgedRanking, NOT_POOLED, UNJUDGED } from "../metrics/judged_ranking.ts";

const CUTOFFS = [5, 10, 15, 20, 30, 100, 200, 500, 1000];
const TENTHS = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];
const MULTIPLES = [0.2, 0.4, 0.6, 0.8, 1, 1.2, 1.4, 1.6, 1.8, 2];

type Measure = TrecEvalMeasure<JudgedRanking>;
type Values = Measure["values"];
type Single = (ranking: JudgedRanking, context: MeasureContext, parameters: Parameters) => number;

function single(name: string, value: Single, parameters: ParameterKind = "none"): Measure {
  return { name, parameters, over: "mean", values: (r, p, c) => [value(r, c, p)] };
}

function counted(name: string, value: Single): Measure {
  return { ...single(name, value), over: "sum" };
}

function geometric(name: string, value: Single): Measure {
  return { ...single(name, (r, c, p) => Math.log(Math.max(value(r, c, p), MIN_GEOMETRIC))), over: "geometric" };
}

function atCutoffs(
  name: string,
  defaults: readonly number[],
  value: (ranking: JudgedRanking, rel: number, cutoff: number) => number,
): Measure {
  const values: Values = (r, { numbers }, { rel }) => numbers.map((cutoff) => value(r, rel, cutoff));
  return { name, parameters: "cutoffs", defaults, over: "mean", values };
}

function interpolated(ranking: JudgedRanking, points: readonly number[], { rel, version }: MeasureContext): number[] {
  // 10.0 rounds to the nearest; 9 rounds up from a tenth.
  const round = version === 10 ? roundAway : (found: number) => Math.trunc(found + 0.9);
  return interpolatedPrecision(ranking, rel, points, round);
}

/** C's `lround` for values from 0. */
function roundAway(value: number): number {
  return Math.floor(value + 0.5);
}

/** Gains that are the grades, but for those that the parameters change (`ndcg.1=3,2=9`). */
function gainsOf({ pairs }: Parameters): Gain {
  return (grade) => pairs.get(String(grade)) ?? gradeAsGain(grade);
}

function setPrecision(ranking: JudgedRanking, rel: number): number {
  return precision(ranking, rel, ranking.grades.length);
}

function setRelativePrecision(ranking: JudgedRanking, rel: number): number {
  return relativePrecision(ranking, rel, ranking.grades.length);
}

/** a × found + b × other retrieved + c × relevant missed + d × other missed. */
function utility(ranking: JudgedRanking, { rel, collectionSize }: MeasureContext, { numbers }: Parameters): number {
  const [a, b, c, d] = numbers;
  const found = countFound(ranking, rel);
  const relevant = countRelevant(ranking, rel);
  const retrieved = ranking.grades.length;
  const rest = collectionSize + found - retrieved - relevant;
  return a * found + b * (retrieved - found) + c * (relevant - found) + d * rest;
}

/** RBP over gains that are brought to 0…1 where the grades go beyond. */
function rbp(ranking: JudgedRanking, parameters: Parameters): number {
  const gain = gainsOf(parameters);
  const all = ranking.levels.map((_, grade) => gain(grade));
  const low = Math.min(0, ...all);
  const high = Math.max(1, ...all);
  const scaled: Gain = (grade) => grade < 0 ? gain(grade) : (gain(grade) - low) / (high - low);
  return rankBiasedPrecision(ranking, parameters.pairs.get("p") ?? 0.9, scaled);
}

/** One character a grade. */
function relevanceString(grades: readonly number[]): string {
  return grades.map((grade) => {
    if (grade === NOT_POOLED) return "-";
    if (grade === UNJUDGED) return ".";
    return grade > 9 ? ">" : String(grade);
  }).join("");
}

const MEASURES_BOTH: readonly Measure[] = [
  counted("num_ret", ({ grades }) => grades.length),
  counted("num_rel", (r, { rel }) => countRelevant(r, rel)),
  counted("num_rel_ret", (r, { rel }) => countFound(r, rel)),
  single("map", (r, { rel }) => averagePrecision(r, rel)),
  geometric("gm_map", (r, { rel }) => averagePrecision(r, rel)),
  single("Rprec", (r, { rel }) => rPrecision(r, rel)),
  single("bpref", (r, { rel }) => bpref(r, rel)),
  single("recip_rank", (r, { rel }) => reciprocalRank(r, rel)),
  {
    name: "iprec_at_recall",
    parameters: "fractions",
    defaults: TENTHS,
    over: "mean",
    values: (r, { numbers }, context) => interpolated(r, numbers, context),
  },
  atCutoffs("P", CUTOFFS, precision),
  {
    name: "relstring",
    parameters: "numbers",
    defaults: [10],
    over: "none",
    values: () => [0],
    text: ({ grades }, { numbers }) => relevanceString(grades.slice(0, Math.max(0, numbers[0]))),
  },
  atCutoffs("recall", CUTOFFS, recall),
  single("infAP", (r, { rel }) => inferredAp(r, rel)),
  geometric("gm_bpref", (r, { rel }) => bpref(r, rel)),
  {
    name: "Rprec_mult",
    parameters: "fractions",
    defaults: MULTIPLES,
    over: "mean",
    values: (r, { numbers }, { rel }) => numbers.map((multiple) => rPrecision(r, rel, multiple)),
  },
  { ...single("utility", utility, "numbers"), defaults: [1, -1, 0, 0] },
  {
    ...single("11pt_avg", (r, context, { numbers }) => {
      // trec_eval adds from the highest recall down.
      const sum = interpolated(r, numbers, context).reduceRight((total, value) => total + value, 0);
      return sum / numbers.length;
    }, "numbers"),
    defaults: TENTHS,
  },
  single("binG", (r, { rel }) => binaryGainOverMissed(r, rel)),
  single("G", (r, _, p) => gainOverMissed(r, gainsOf(p)), "gains"),
  single("dcg", (r, _, p) => discountedGain(r.grades.map(gainsOf(p))), "gains"),
  single("ideal_dcg", (r, _, p) => discountedGain(idealGains(r, gainsOf(p))), "gains"),
  single("ndcg", (r, _, p) => ndcg(r, gainsOf(p)), "gains"),
  single("ndcg_rel", (r, _, p) => ndcgAtRelevant(r, gainsOf(p)), "gains"),
  single("Rndcg", (r, _, p) => ndcgAtLevels(r, gainsOf(p)), "gains"),
  atCutoffs("ndcg_cut", CUTOFFS, (r, _, cutoff) => ndcg(r, gradeAsGain, cutoff)),
  atCutoffs("map_cut", CUTOFFS, averagePrecision),
  atCutoffs("relative_P", CUTOFFS, relativePrecision),
  atCutoffs("success", [1, 5, 10], success),
  single("set_P", (r, { rel }) => setPrecision(r, rel)),
  single("set_relative_P", (r, { rel }) => setRelativePrecision(r, rel)),
  single("set_recall", (r, { rel }) => recall(r, rel)),
  single("set_map", (r, { rel }) => setAveragePrecision(r, rel)),
  { ...single("set_F", (r, { rel }, { numbers }) => setF(r, rel, numbers[0]), "numbers"), defaults: [1] },
  counted("num_nonrel_judged_ret", ({ grades }, { rel }) => grades.filter((g) => g >= 0 && g < rel).length),
  single("yaap", (r, { rel }) => smoothedAveragePrecision(r, rel)),
];

const MEASURES_10: readonly Measure[] = [
  single("rbp", (r, _, p) => rbp(r, p), "pairs"),
  single("rbp_resid", (r) => rankBiasedResidual(r, 0.9)),
  atCutoffs("unj", [5, 10, 20], (r, _, cutoff) => unjudgedShare(r, cutoff)),
];

/** Measures over plain qrels, in the order in which trec_eval prints them. */
export function rankingMeasures(version: 9 | 10): readonly Measure[] {
  return version === 9 ? MEASURES_BOTH : [...MEASURES_BOTH, ...MEASURES_10];
}

/** Names of the sets of these measures that `-m` takes. */
export function rankingSets(version: 9 | 10): Readonly<Record<string, readonly string[]>> {
  const counts = ["num_ret", "num_rel", "num_rel_ret"];
  const extra = ["dcg", "ideal_dcg", "yaap"];
  return {
    official: [...counts, "map", "gm_map", "Rprec", "bpref", "recip_rank", "iprec_at_recall", "P"],
    set: [...counts, "utility", "set_P", "set_recall", "set_relative_P", "set_map", "set_F"],
    all_trec: rankingMeasures(version).map(({ name }) => name).filter((name) => !extra.includes(name)),
  };
}
