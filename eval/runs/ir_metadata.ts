import { stringify } from "yaml";
import type { Cell, DatasetRecord, Results } from "../results/schema.ts";

/** What this suite is called in metadata. */
const TOOLKIT = "latebench";

/**
 * The ir_metadata of a run file (schema 0.1, Breuer et al., SIGIR 2022; `resources` as tirex-tracker adds them): a YAML document
 * that stands beside the run, since strict readers of runs stumble over comments inside.
 */
export function irMetadata(cell: Cell, { environment, encoder, command, datasets }: Results): string {
  const { latency, build } = cell;
  const dataset = datasets.find(({ name }) => name === cell.dataset);
  return stringify({
    "schema-version": 0.1,
    tag: cell.system,
    platform: {
      hardware: {
        cpu: {
          model: environment.cpu,
          "number of cores": environment.cores,
          flags: environment.cpu_flags,
        },
        ram: `${environment.memory_bytes} bytes`,
      },
      "operating system": { kernel: environment.os },
      software: {
        libraries: Object.entries(environment.versions).map(([name, version]) => `${name} ${version}`),
        "retrieval toolkit": [`${TOOLKIT} ${environment.latebench}`],
      },
    },
    implementation: { lang: ["TypeScript"], commit: environment.commit, command: `deno task ${command.join(" ")}` },
    method: {
      automatic: true,
      retrieval: [{ name: cell.backend, method: cell.system, depth: cell.depth, options: cell.options }],
      ...encoder && { encoder: { name: encoder.config.name, hash: encoder.hash } },
    },
    data: describeData(cell, dataset),
    resources: {
      threads: environment.threads,
      ...latency && { "runtime per query": `${latency.with_encoding.mean_ms} ms` },
      ...build && { "build time": `${build.seconds} s` },
    },
  });
}

function describeData(cell: Cell, dataset: DatasetRecord | undefined) {
  const topics = dataset?.topics.find(({ name }) => name === cell.topics);
  return {
    "test collection": {
      name: cell.dataset,
      topics: cell.topics,
      "collection hash": dataset?.collection_hash,
      "judgements hash": topics?.qrels_hash,
    },
  };
}
