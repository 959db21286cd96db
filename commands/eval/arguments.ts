import { withRepairedText } from "../../datasets/mojibake.ts";
import { openDataset } from "../../datasets/open.ts";
import type { Dataset } from "../../datasets/dataset.ts";
import { sampleDataset } from "../../datasets/sample.ts";
import { VERIFY } from "../../backends/vectors/verify.ts";
import { KERNELS } from "../../kernels/kernel.ts";
import { usageError } from "../../support/errors.ts";
import { oneOf, parseCommandLine, positiveNumber } from "../command.ts";
import type { EvaluateOptions } from "./evaluate.ts";
import { LATENCY_OPTIONS, parseFullOptions } from "./latency/parse_options.ts";

/** Everything that `eval` takes on the command line. */
export function parseEvalArguments(args: readonly string[]) {
  return parseCommandLine(args, {
    allowPositionals: true,
    options: {
      config: { type: "string" },
      only: { type: "string" },
      "dry-run": { type: "boolean", default: false },
      dataset: { type: "string", multiple: true },
      collection: { type: "string" },
      queries: { type: "string" },
      qrels: { type: "string" },
      sample: { type: "string" },
      seed: { type: "string", default: "1" },
      "repair-text": { type: "boolean", default: false },
      "ignore-identical-ids": { type: "boolean", default: false },
      "data-dir": { type: "string" },
      backend: { type: "string", multiple: true },
      encoder: { type: "string", default: "builtin" },
      k: { type: "string", default: "1000" },
      ...LATENCY_OPTIONS,
      kernel: { type: "string", default: "auto" },
      threads: { type: "string", default: String(navigator.hardwareConcurrency) },
      out: { type: "string" },
      store: { type: "string", default: ".latebench" },
      verify: { type: "string", default: "once" },
      "why-missed": { type: "string" },
      resume: { type: "boolean", default: false },
      force: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      quiet: { type: "boolean", default: false },
    },
  });
}

/** What was given. */
export type EvalValues = ReturnType<typeof parseEvalArguments>["values"];

/**
 * Reads the options of a run.
 *
 * @throws {LatebenchError} exit code 1
 */
export function readOptions(
  values: EvalValues,
  args: readonly string[],
): Omit<EvaluateOptions, "out" | "keepGoing"> {
  if (values.resume && values.force) throw usageError("--resume and --force exclude each other");
  const threads = positiveNumber("threads", values.threads);
  return {
    encoder: values.encoder,
    k: positiveNumber("k", values.k),
    latency: oneOf("latency", values.latency, ["off", "quick", "full"]),
    full: parseFullOptions(values, threads, positiveNumber("seed", values.seed)),
    kernel: oneOf("kernel", values.kernel, ["auto", ...KERNELS]),
    threads,
    verify: oneOf("verify", values.verify, VERIFY),
    store: values.store,
    resume: values.resume,
    force: values.force,
    quiet: values.quiet,
    command: ["eval", ...args],
  };
}

/** Opens a data set as `--data-dir` says. */
export function openGiven(spec: string, values: EvalValues): Dataset {
  return openDataset(spec, values["data-dir"]);
}

/** A data set as `--sample`, `--seed`, `--repair-text` and `--ignore-identical-ids` want it. */
export function prepareDataset(given: Dataset, values: EvalValues): Dataset {
  const dataset = values["ignore-identical-ids"]
    ? { ...given, topics: given.topics.map((topics) => ({ ...topics, ignoreIdenticalIds: true })) }
    : given;
  const repaired = values["repair-text"] ? withRepairedText(dataset) : dataset;
  if (values.sample === undefined) return repaired;
  return sampleDataset(repaired, positiveNumber("sample", values.sample), positiveNumber("seed", values.seed));
}
