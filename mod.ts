/**
 * latebench's public face: data sets, encoders, backends, measures and reports for use from other programs.
 *
 * @example
 * ```ts
 * import { evaluateRun, parseMeasures } from "./mod.ts";
 *
 * const run = new Map([["q1", [{ id: "d2", score: 2 }, { id: "d1", score: 1 }]]]);
 * const qrels = new Map([["q1", new Map([["d1", 1]])]]);
 * const { mean } = evaluateRun(run, qrels, parseMeasures("RR@10"), "run");
 * if (mean["RR@10"] !== 0.5) throw new Error("d1 is at rank 2");
 * ```
 *
 * @module
 */
export type { Dataset, Metadata, Passage, Qrels, Query, RankedPassage, Run, TopicSet } from "./datasets/dataset.ts";
export { openDataset } from "./datasets/open.ts";
export type { EncodedPassages, EncodedQuery, Encoder, Matrix } from "./encoders/encoder.ts";
export type { EncoderConfig } from "./encoders/config.ts";
export { loadEncoder, type LoadOptions } from "./encoders/load.ts";
export type {
  Backend,
  BackendContext,
  BackendQuery,
  BuildSource,
  Capabilities,
  Footprint,
  FootprintFile,
  Index,
  IndexChange,
  PassageFilter,
  PassageTrace,
  SearchResult,
  Stage,
  TracedStage,
  UpdatedIndex,
} from "./backends/backend.ts";
export { v1IndexBytes, type V1Vectors } from "./backends/faiss_ivfpq/v1/footprint.ts";
export { findFaissFiles, indexFaiss, type IndexFaissOptions } from "./backends/faiss_ivfpq/v1/index_faiss.ts";
export { readV1Index, type V1Index, type V1Part } from "./backends/faiss_ivfpq/v1/index_folder.ts";
export { importV1Index } from "./backends/faiss_ivfpq/v1/import_folder.ts";
export { type V1WriteOptions, writeV1Index } from "./backends/faiss_ivfpq/v1/write_folder.ts";
export { type IvfpqSearcher, openIvfpqSearcher, type Proposed } from "./backends/faiss_ivfpq/searcher.ts";
export { chooseEngine, ENGINES } from "./backends/faiss_ivfpq/choose_engine.ts";
export { openSnapshot, type Snapshot } from "./backends/living/snapshot.ts";
export { compactIndex, type LivingSetup, rebuildIndex, type Update, updateIndex } from "./backends/living/update.ts";
export { exportPlaid } from "./backends/plaid/foreign/export_index.ts";
export { FOREIGN_FORMATS, type ForeignFormat, type ForeignIndex } from "./backends/plaid/foreign/foreign_index.ts";
export { importPlaid } from "./backends/plaid/foreign/import_index.ts";
export { openForeign } from "./backends/plaid/foreign/open.ts";
export { BACKENDS } from "./backends/registry.ts";
export { type ParsedSpec, parseSpec } from "./backends/spec.ts";
export type { Kernel, KernelChoice, KernelName } from "./kernels/kernel.ts";
export { chooseKernel, type ChosenKernel } from "./kernels/choose.ts";
export { evaluateRun, type Evaluation } from "./eval/metrics/evaluate.ts";
export { formatMeasure, type Measure, parseMeasure, parseMeasures } from "./eval/metrics/measure.ts";
export type { RankOrder } from "./eval/metrics/order.ts";
export { readResults } from "./eval/results/read.ts";
export type { Cell, DatasetRecord, QueryResult, Results } from "./eval/results/schema.ts";
export type { Distribution, Latency, LatencyRatio, LoadPoint } from "./eval/results/latency_schema.ts";
export { multiStream, offline, poissonArrivals, server, singleStream } from "./eval/latency/load.ts";
export { describeTimes } from "./eval/latency/percentiles.ts";
export { renderReport } from "./reports/html/report.ts";
