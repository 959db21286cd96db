import { dirname, join } from "node:path";
import { readRun } from "../datasets/formats/runs/read.ts";
import { approximate } from "../eval/comparison/approximation.ts";
import { timesAgree } from "../eval/comparison/agreement.ts";
import { compareSystems, type Contender } from "../eval/comparison/compare.ts";
import { splitMeasures } from "../eval/metrics/measure.ts";
import { readResults, resultsFile } from "../eval/results/read.ts";
import { renderComparison, type TopicComparison } from "../reports/comparison.ts";
import { machineOf } from "../reports/sources.ts";
import { writeAtomic } from "../support/atomic_write.ts";
import { refuseInput } from "../support/owned_folder.ts";
import { badInput, usageError } from "../support/errors.ts";
import { isFile } from "../support/paths.ts";
import { type Command, parseCommandLine, positiveDecimal } from "./command.ts";
import { visibleJson } from "../support/visible_text.ts";

/** A system of one results file. */
interface Entry extends Contender {
  /** Files of the same key have the same passages, queries and judgements. */
  readonly key: string;
  readonly runFile: string | null;
  readonly run: string;
  /** Machine and threads: times of different ones are not compared. */
  readonly machine: string;
}

/** `deno task compare`: says which differences between systems are real. */
export const compareCommand: Command = {
  name: "compare",
  summary: "compare the systems of results files: significance, effect, and how much an approximation loses",
  usage: `RESULT… [options]

  RESULT            results.json, or a folder that holds one; systems of several files are compared where they have the
                    same passages and judgements
  --baseline NAME   the system that all others are compared with (default: the first)
  -m MEASURES       (default: the official ones of each topic set)
  --margin X        largest difference that counts as none, for the equivalence test (default 0.01)
  --reference NAME  the system whose rankings an approximation should give (default: exhaustive, where it is there)
  --out FILE        also write the comparison as JSON
  --json            print JSON instead of tables`,
  run(args) {
    const { values, positionals } = parseCommandLine(args, {
      options: {
        baseline: { type: "string" },
        measures: { type: "string", short: "m" },
        margin: { type: "string", default: "0.01" },
        reference: { type: "string", default: "exhaustive" },
        out: { type: "string" },
        json: { type: "boolean", default: false },
      },
      allowPositionals: true,
    });
    if (positionals.length === 0) throw usageError("compare: name at least one results file");
    const margin = positiveDecimal("margin", values.margin, 1e6);
    if (values.out !== undefined) refuseInput("--out", values.out, positionals.map(resultsFile));
    const groups = Map.groupBy(readEntries(positionals), ({ key }) => key);
    const comparisons = [...groups.values()].filter((entries) => entries.length > 1).map((entries) =>
      compareTopics(
        entries,
        values.baseline,
        values.measures === undefined ? undefined : splitMeasures(values.measures),
        margin,
        values.reference,
      )
    );
    if (comparisons.length === 0) {
      throw badInput(positionals.join(", "), "no two systems on one topic set", "at least one pair");
    }
    const json = visibleJson(comparisons, 1);
    if (values.out !== undefined) writeAtomic(values.out, `${json}\n`);
    console.log(values.json ? json : renderComparison(comparisons));
    return Promise.resolve(0);
  },
};

function readEntries(given: readonly string[]): Entry[] {
  return given.flatMap((path) => {
    const file = resultsFile(path);
    const results = readResults(file);
    // One system may be in several files, run with other settings: the folder tells them apart.
    const prefix = given.length === 1 ? "" : `${dirname(file)}:`;
    return results.cells.map((cell): Entry => {
      const dataset = results.datasets.find(({ name }) => name === cell.dataset);
      const topics = dataset?.topics.find(({ name }) => name === cell.topics);
      const key = JSON.stringify([dataset?.collection_hash, topics?.qrels_hash]);
      const runFile = cell.run_files && join(dirname(file), cell.run_files.trec);
      const machine = machineOf(results.environment);
      return { name: prefix + cell.system, cell, key, runFile, run: dirname(file), machine };
    });
  });
}

function compareTopics(
  entries: readonly Entry[],
  baselineName: string | undefined,
  measures: readonly string[] | undefined,
  margin: number,
  referenceName: string,
): TopicComparison {
  const named = (wanted: string) => entries.find(({ name }) => name === wanted || name.endsWith(`:${wanted}`));
  const baseline = baselineName === undefined ? entries[0] : named(baselineName);
  if (!baseline) {
    throw usageError(
      `--baseline ${baselineName}: no such system; known: ${entries.map(({ name }) => name).join(", ")}`,
    );
  }
  const { dataset, topics, official_measures } = baseline.cell;
  const comparison = compareSystems(entries, baseline, measures ?? official_measures, margin);
  const reference = named(referenceName);
  const withRuns = entries.filter((entry) => entry !== reference && entry.runFile !== null && isFile(entry.runFile));
  const referenceRun = reference?.runFile && isFile(reference.runFile) ? readRun(reference.runFile) : null;
  const approximations = reference && referenceRun
    ? withRuns.map(({ name, runFile }) => {
      return { system: name, ...approximate(readRun(runFile!), reference.name, referenceRun) };
    })
    : [];
  const machines = [...Map.groupBy(entries, ({ machine }) => machine).values()];
  return { dataset, topics, ...comparison, approximations, agreements: machines.flatMap(timesAgree) };
}
