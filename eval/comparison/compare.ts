import { badInput } from "../../support/errors.ts";
import { tieWidth } from "../metrics/tie_range.ts";
import type { Cell } from "../results/schema.ts";
import { bootstrapInterval } from "../significance/bootstrap.ts";
import { holm } from "../significance/holm.ts";
import { randomisationTest } from "../significance/randomisation.ts";
import { describe, effectSize, equivalenceTest, pairedTTest, scoreDifference } from "../significance/t_test.ts";
import { own } from "../../support/own.ts";

/** A system under the name that tables give it. */
export interface Contender {
  readonly name: string;
  readonly cell: Cell;
}

/** How one system differs from the baseline in one measure, over the same queries. */
export interface Difference {
  readonly system: string;
  readonly measure: string;
  readonly mean: number;
  readonly baseline_mean: number;
  readonly difference: number;
  /** How far the difference can move by other orders of tied passages: the widths of both systems' ranges together. */
  readonly tie_width: number;
  /** 95 % percentile bootstrap interval of the mean difference. */
  readonly interval: readonly [number, number];
  /** Paired randomisation test, two-sided. */
  readonly p: number;
  readonly exact: boolean;
  /** Holm's correction of `p` over all rows of the comparison. */
  readonly p_holm: number;
  /** Student's paired t-test, two-sided; null where all queries differ by the same, or there is one query. */
  readonly p_t: number | null;
  /** TOST: a small value says that the difference lies within ±margin; null where `p_t` is. */
  readonly p_equivalence: number | null;
  /** Cohen's d of the paired differences; null where they do not vary. */
  readonly effect_size: number | null;
  readonly wins: number;
  readonly ties: number;
  readonly losses: number;
  /** The queries that moved most, up to ten, largest change first. */
  readonly moved: readonly { readonly query: string; readonly difference: number }[];
}

/** All systems of one topic set against one of them. */
export interface Comparison {
  readonly baseline: string;
  readonly queries: number;
  /** Tests in the family that Holm's correction covers: systems × measures. */
  readonly family: number;
  readonly margin: number;
  readonly differences: readonly Difference[];
}

const MOVED = 10;

/**
 * Compares systems with a baseline, query by query.
 *
 * @param measures those to compare
 * @param margin the largest difference that counts as none, for the equivalence test
 * @throws {LatebenchError} where a system has other queries than the baseline, or lacks a measure
 */
export function compareSystems(
  contenders: readonly Contender[],
  baseline: Contender,
  measures: readonly string[],
  margin: number,
): Comparison {
  const others = contenders.filter((contender) => contender !== baseline);
  const rows = others.flatMap((contender) =>
    measures.map((measure) => compareOne(contender, baseline, measure, margin))
  );
  const adjusted = holm(rows.map(({ p }) => p));
  return {
    baseline: baseline.name,
    queries: baseline.cell.queries.length,
    family: rows.length,
    margin,
    differences: rows.map((row, i) => ({ ...row, p_holm: adjusted[i] })),
  };
}

function compareOne(
  { name, cell }: Contender,
  baseline: Contender,
  measure: string,
  margin: number,
): Omit<Difference, "p_holm"> {
  const before = new Map(baseline.cell.queries.map(({ id, measures }) => [id, own(measures, measure)]));
  const changes = cell.queries.map(({ id, measures }) => {
    const [value, reference] = [own(measures, measure), before.get(id)];
    if (value === undefined || reference === undefined) {
      throw badInput(
        name,
        `no ${measure} of query ${id} there and in ${baseline.name}`,
        "the same queries and measures",
      );
    }
    return { query: id, difference: scoreDifference(value, reference) };
  });
  if (changes.length !== before.size) {
    throw badInput(name, `${changes.length} queries`, `the ${before.size} queries of ${baseline.name}`);
  }
  const differences = changes.map(({ difference }) => difference);
  const sample = describe(differences);
  const differs = sample.deviation > 0;
  const { p, exact } = randomisationTest(differences);
  return {
    system: name,
    measure,
    mean: cell.mean[measure],
    baseline_mean: baseline.cell.mean[measure],
    difference: sample.mean,
    tie_width: tieWidth(own(cell.ties, measure)) + tieWidth(own(baseline.cell.ties, measure)),
    interval: bootstrapInterval(differences),
    p,
    exact,
    p_t: differs ? pairedTTest(sample).p : null,
    p_equivalence: differs ? equivalenceTest(sample, margin).p : null,
    effect_size: effectSize(sample),
    wins: differences.filter((value) => value > 0).length,
    ties: differences.filter((value) => value === 0).length,
    losses: differences.filter((value) => value < 0).length,
    moved: changes.filter(({ difference }) => difference !== 0)
      .sort((a, b) => Math.abs(b.difference) - Math.abs(a.difference)).slice(0, MOVED),
  };
}
