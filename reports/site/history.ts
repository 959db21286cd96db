import { diskBytesOf, medianOf } from "../../eval/results/figures.ts";
import type { Cell } from "../../eval/results/schema.ts";
import { AGREEMENT } from "../../eval/comparison/agreement.ts";
import { LEVEL } from "../../eval/comparison/significantly_better.ts";
import { describe, pairedTTest } from "../../eval/significance/t_test.ts";
import { type Entry, topicsKey } from "../leaderboard.ts";
import { encoderOf, machineOf, type Source } from "../sources.ts";
import { own } from "../../support/own.ts";

/** How a figure moved from one run to the next. */
export type Verdict = "better" | "worse" | "same" | "not comparable";

/** A figure of a system in two runs, one after the other. */
export interface Change {
  readonly what: string;
  readonly before: number;
  readonly after: number;
  readonly verdict: Verdict;
  /** Of the paired t-test; null for times and bytes, and where no query moved. */
  readonly p: number | null;
}

/** A run of a system, and what changed since the one before. */
export interface HistoryEntry extends Entry {
  readonly changes: readonly Change[];
}

/** The runs of one system with one encoder on one topic set, oldest first. */
export interface History {
  readonly system: string;
  readonly encoder: string | null;
  readonly dataset: string;
  readonly topics: string;
  readonly entries: readonly HistoryEntry[];
}

/** All systems' histories, in the order in which they first ran. */
export function historiesOf(sources: readonly Source[]): History[] {
  const ordered = [...sources].sort((a, b) => compareText(startedOf(a), startedOf(b)) || compareText(a.name, b.name));
  const entries = ordered.flatMap((source) => source.results.cells.map((cell): Entry => ({ cell, source })));
  const groups = Map.groupBy(
    entries,
    (entry) => JSON.stringify([topicsKey(entry), entry.cell.system, modelOf(entry)]),
  );
  return [...groups.values()].map((group) => ({
    system: group[0].cell.system,
    encoder: modelOf(group[0]),
    dataset: group[0].cell.dataset,
    topics: group[0].cell.topics,
    entries: group.map((entry, i) => ({ ...entry, changes: i === 0 ? [] : changesOf(group[i - 1], entry) })),
  }));
}

/** The newest run of each system alone, in the files that they are of. */
export function newestCells(histories: readonly History[]): Source[] {
  const newest = new Map<Source, Cell[]>();
  for (const { entries } of histories) {
    const { cell, source } = entries[entries.length - 1];
    newest.set(source, [...newest.get(source) ?? [], cell]);
  }
  return [...newest].map(([{ name, results }, cells]) => ({ name, results: { ...results, cells } }));
}

function changesOf(before: Entry, after: Entry): Change[] {
  const measures = after.cell.official_measures.filter((measure) => own(before.cell.mean, measure) !== undefined);
  const changes = measures.map((measure) => measureChange(measure, before.cell, after.cell));
  const [was, is] = [before, after].map(({ cell: { latency } }) => latency && medianOf(latency.with_encoding));
  if (was !== null && is !== null && was > 0) {
    const same = machineOf(before.source.results.environment) === machineOf(after.source.results.environment);
    changes.push({
      what: "median ms",
      before: was,
      after: is,
      verdict: same ? verdictOf(was - is, Math.abs(is / was - 1) > AGREEMENT) : "not comparable",
      p: null,
    });
  }
  const [bytesBefore, bytesAfter] = [before, after].map(({ cell }) => diskBytesOf(cell));
  if (bytesBefore !== null && bytesAfter !== null) {
    const verdict = verdictOf(bytesBefore - bytesAfter, bytesBefore !== bytesAfter);
    changes.push({ what: "index bytes", before: bytesBefore, after: bytesAfter, verdict, p: null });
  }
  return changes;
}

function measureChange(measure: string, before: Cell, after: Cell): Change {
  const known = new Map(before.queries.map(({ id, measures }) => [id, own(measures, measure) ?? 0]));
  const sample = describe(
    after.queries.map(({ id, measures }) => (own(measures, measure) ?? 0) - (known.get(id) ?? 0)),
  );
  const p = sample.deviation > 0 ? pairedTTest(sample).p : null;
  return {
    what: measure,
    before: before.mean[measure],
    after: after.mean[measure],
    verdict: verdictOf(sample.mean, p === null ? sample.mean !== 0 : p < LEVEL),
    p,
  };
}

/** @param gain above 0: better */
function verdictOf(gain: number, counts: boolean): Verdict {
  return !counts ? "same" : gain > 0 ? "better" : "worse";
}

function modelOf({ cell, source }: Entry): string | null {
  return cell.kernel === null ? null : encoderOf(source);
}

function startedOf({ results }: Source): string {
  return results.environment.started;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
