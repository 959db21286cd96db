import type { ParsedSpec } from "../../backends/spec.ts";
import { noteBlank } from "../../datasets/check_collection.ts";
import type { Dataset } from "../../datasets/dataset.ts";
import type { LatencyMethod } from "../../eval/latency/method.ts";
import type { LatencyRatio } from "../../eval/results/latency_schema.ts";
import { type Cell, type Failure, type Results, RESULTS_VERSION } from "../../eval/results/schema.ts";
import { checkIds, loadTopics } from "../../eval/topics.ts";
import { createKernel, type KernelChoice } from "../../kernels/kernel.ts";
import { openArtefacts } from "./artefacts.ts";
import { checkNames } from "./check_names.ts";
import { describeBriefly, describeDataset } from "./describe_dataset.ts";
import { watchEnvironment } from "./environment.ts";
import { failureOf } from "./failure.ts";
import type { FullOptions } from "./latency/options.ts";
import { startRunBoard } from "./live/run_board.ts";
import { measureDataset } from "./measure_dataset.ts";
import { openSetup, type SetupOptions } from "./setup.ts";
import { explainMissed, type Missed } from "./why_missed.ts";

/** Settings of a run; see `deno task eval --help`. */
export interface EvaluateOptions extends SetupOptions {
  readonly k: number;
  readonly latency: LatencyMethod;
  readonly out: string;
  readonly resume: boolean;
  readonly force: boolean;
  readonly command: readonly string[];
  /** How `--latency full` measures. */
  readonly full: FullOptions;
  /** A system that cannot be measured does not stop the others; the results name it. */
  readonly keepGoing: boolean;
}

/** A data set, and the systems to measure on it. */
export interface PlannedDataset {
  readonly dataset: Dataset;
  readonly systems: readonly ParsedSpec[];
}

/** Measures systems on every topic set of their data sets. */
export async function evaluate(planned: readonly PlannedDataset[], options: EvaluateOptions): Promise<Results> {
  checkNames(planned.map(({ dataset }) => dataset));
  const environment = await watchEnvironment(options.threads);
  const failures: Failure[] = [];
  const loaded = planned.flatMap(({ dataset, systems }) => {
    try {
      const topics = dataset.topics.map((topics) => loadTopics(dataset, topics));
      const { blank } = checkIds(dataset, topics);
      if (!options.quiet) noteBlank(dataset.name, blank);
      return [{ dataset, systems, topics }];
    } catch (error) {
      failures.push(...systems.map(({ label }) => failureOf(dataset, label, error, options)));
      return [];
    }
  });
  await using setup = await openSetup(planned.flatMap(({ systems }) => systems), options);
  const { encoder, context } = setup;
  const records: Results["datasets"] = [];
  const cells: Cell[] = [];
  const ratios: LatencyRatio[] = [];
  const resultsOf = (records: Results["datasets"], cells: readonly Cell[]): Results => ({
    format: "latebench-results",
    version: RESULTS_VERSION,
    command: [...options.command],
    environment: environment.finish({
      ...encoder ? { encoder: encoder.runtime } : {},
      kernel: kernelVersion(context.kernel),
    }),
    encoder: encoder && {
      hash: encoder.hash,
      config: encoder.config,
      model_bytes: encoder.modelBytes,
      runtime: encoder.runtime,
    },
    datasets: records,
    cells: [...cells],
    latency_ratios: ratios,
    indexing: [],
    failures,
  });
  const names = loaded.flatMap(({ dataset, systems }) =>
    systems.map(({ label }) => ({ dataset: dataset.name, system: label }))
  );
  let brief: Results["datasets"] = [];
  using board = await startRunBoard(names, {
    ...options,
    partial: (found) => resultsOf([...records, ...brief], [...cells, ...found]),
  });
  for (const { dataset, systems, topics } of loaded) {
    using artefacts = openArtefacts(dataset, encoder, context, options);
    brief = [describeBriefly(dataset, topics)];
    const measured = await measureDataset({ dataset, topics, artefacts, encoder, context }, systems, options, board);
    cells.push(...measured.cells);
    ratios.push(...measured.ratios);
    failures.push(...measured.failures);
    records.push(await describeDataset(dataset, topics, measured.cells, artefacts.embeddingsHeader(), encoder));
    brief = [];
  }
  return resultsOf(records, cells);
}

/** Tells for every system why it does not find a passage, in the data sets that have the query. */
export async function explainMissing(
  datasets: readonly Dataset[],
  systems: readonly ParsedSpec[],
  options: Pick<EvaluateOptions, keyof SetupOptions | "k" | "force">,
  missed: Missed,
): Promise<string[]> {
  await using setup = await openSetup(systems, options);
  const { encoder, context } = setup;
  const known = datasets.filter(({ topics }) =>
    topics.some((set) => set.queries().some(({ id }) => id === missed.qid))
  );
  const told: string[] = [];
  for (const dataset of known.length > 0 ? known : datasets) {
    using artefacts = openArtefacts(dataset, encoder, context, options);
    for (const spec of systems) {
      const { folder } = await artefacts.build(spec);
      await using index = await spec.backend.open(folder, spec.options, context);
      told.push(await explainMissed(dataset, spec, index, encoder, options.k, missed));
    }
  }
  return told;
}

function kernelVersion(choice: KernelChoice): string {
  const { name, instructions, close } = createKernel(choice);
  close();
  return `${name}, ${instructions}`;
}
