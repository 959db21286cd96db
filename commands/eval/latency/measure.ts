import { REAL_CLOCK } from "../../../eval/latency/clock.ts";
import { differs, LEAST_ROUNDS, medianEstimate, ratioEstimate, type Round } from "../../../eval/latency/intervals.ts";
import { describeTimes, median } from "../../../eval/latency/percentiles.ts";
import { type Rounds, timeRounds } from "../../../eval/latency/rounds.ts";
import type { WarmUp } from "../../../eval/latency/warm_up.ts";
import type { FootprintRecord } from "../../../eval/results/cost_schema.ts";
import {
  type Latency,
  type LatencyRatio,
  type Mode,
  MODES,
  type StartTimes,
} from "../../../eval/results/latency_schema.ts";
import { cachedShare, dropFromCache } from "../../../support/machine/page_cache.ts";
import type { ProcessMemory } from "../../../support/machine/process.ts";
import { startProgress } from "../../../support/progress.ts";
import { measureLoad } from "./load_points.ts";
import { type MeasuringProcess, startMeasuring } from "./measuring_process.ts";
import type { FullOptions } from "./options.ts";
import type { OpenTask, TimedQuery } from "./protocol.ts";

/** A system to time. */
export interface TimedSystem {
  readonly label: string;
  /** What it opens; `queries` are the timed ones. */
  readonly task: Omit<OpenTask, "queries">;
  /** All files that it reads: index and model. */
  readonly files: readonly string[];
}

/** What was found out about one system. */
export interface TimedResult {
  readonly latency: Latency;
  readonly memory: FootprintRecord["process"];
  /** Median time of every query, ms; null for those that time did not suffice for. */
  readonly perQuery: readonly { readonly search: number | null; readonly withEncoding: number | null }[];
}

/** The times of every mode and round of one system. */
type ModeTimes = Rounds["engines"][number]["times"];

/** Warming up takes no longer, as a share of the time of a system. */
const WARM_UP_SHARE = 1 / 6;

/** Other queries that make a warm-up of their own. */
const ENOUGH_OTHERS = 50;

/**
 * Times systems on one topic set: each in a process of its own, first cold, then warm; single stream in rounds that interleave all
 * of them; then each under load.
 *
 * @param others queries of the topic set that are not timed
 */
export async function measureLatency(
  systems: readonly TimedSystem[],
  queries: readonly TimedQuery[],
  others: readonly TimedQuery[],
  topics: { readonly dataset: string; readonly topics: string },
  options: FullOptions & { readonly quiet: boolean },
): Promise<{ readonly results: readonly TimedResult[]; readonly ratios: readonly LatencyRatio[] }> {
  const own = others.length >= ENOUGH_OTHERS;
  const known = own ? [...queries, ...others] : queries;
  const warmUpOrder = own ? others.map((_, i) => queries.length + i) : queries.map((_, i) => i);
  const label = `time ${topics.dataset}/${topics.topics}`;
  const cold: StartTimes[] = []; // before any process has the files mapped
  for (const { task, files } of systems) {
    const cached_share = dropFromCache(files);
    await using process = await startMeasuring({ ...task, queries: known });
    cold.push({ cached_share, ...process.opened.start });
  }
  await using stack = new AsyncDisposableStack();
  const cached: (number | null)[] = [];
  const processes: MeasuringProcess[] = [];
  const warmUps: (WarmUp & { readonly peak: ProcessMemory | null })[] = [];
  for (const { task, files } of systems) {
    cached.push(cachedShare(files));
    const process = stack.use(await startMeasuring({ ...task, queries: known }));
    processes.push(process);
    const mode = process.modes[process.modes.length - 1];
    warmUps.push(await process.warmUp(mode, warmUpOrder, options.maxSeconds * WARM_UP_SHARE));
  }
  const rounds = await roundsWithProgress(label, processes, queries.length, options);
  const times = processes.map(({ modes }, s): ModeTimes => {
    const { times } = rounds.engines[s];
    return modes.includes("with_encoding") ? times : { ...times, with_encoding: times.search }; // nothing to encode
  });
  const results: TimedResult[] = [];
  const order = [...new Set(rounds.queries.flat())];
  for (const [s, process] of processes.entries()) {
    const single = describeSingleStream(rounds, times[s]);
    const meanMs = { search: single.search.mean_ms, with_encoding: single.with_encoding.mean_ms };
    using progress = startProgress(`${label}, ${systems[s].label} under load`, 1, "systems", options);
    const load = options.scenarios.length > 0 ? await measureLoad(process, order, meanMs, options) : [];
    progress.update(1);
    const { memory, start, harnessUs } = process.opened;
    const peak = warmUps[s].peak;
    results.push({
      latency: {
        method: "full",
        process: "own",
        ...single,
        warmup_searches: warmUps[s].searches,
        warmup_settled: warmUps[s].settled,
        warmup_queries: own ? "others" : "the timed ones",
        stopped: rounds.stopped,
        harness_us: harnessUs,
        cold: cold[s],
        warm: { cached_share: cached[s], ...start },
        load,
      },
      memory: memory && peak && { ...memory, peak },
      perQuery: perQueryMedians(rounds, times[s], queries.length),
    });
  }
  return { results, ratios: compareAll(systems, times, topics) };
}

async function roundsWithProgress(
  label: string,
  processes: readonly MeasuringProcess[],
  queries: number,
  { precision, maxSeconds, seed, quiet }: FullOptions & { readonly quiet: boolean },
): Promise<Rounds> {
  using progress = startProgress(`${label}, all systems in turn`, LEAST_ROUNDS, "rounds", { quiet });
  const limits = { precision, maxSeconds: maxSeconds * processes.length, seed };
  return await timeRounds(processes, queries, limits, REAL_CLOCK, (done) => progress.update(done));
}

function describeSingleStream(rounds: Rounds, times: ModeTimes) {
  const queries = new Set(rounds.queries.flat()).size;
  const describe = (own: readonly Round[]) => ({
    ...describeTimes(own.flatMap((round) => Array.from(round)), queries),
    median_ms: medianEstimate(own),
  });
  return {
    queries,
    requests: rounds.queries.reduce((sum, round) => sum + round.length, 0),
    rounds: rounds.queries.length,
    search: describe(times.search),
    with_encoding: describe(times.with_encoding),
  };
}

function perQueryMedians(
  rounds: Rounds,
  times: ModeTimes,
  count: number,
): TimedResult["perQuery"] {
  const medians = (mode: Mode) => {
    const found: number[][] = Array.from({ length: count }, () => []);
    rounds.queries.forEach((round, r) => round.forEach((query, i) => found[query].push(times[mode][r][i])));
    return found.map((values) => values.length > 0 ? median(values) : null);
  };
  const search = medians("search");
  const withEncoding = medians("with_encoding");
  return search.map((ms, query) => ({ search: ms, withEncoding: withEncoding[query] }));
}

function compareAll(
  systems: readonly TimedSystem[],
  times: readonly ModeTimes[],
  topics: { readonly dataset: string; readonly topics: string },
): LatencyRatio[] {
  return systems.flatMap(({ label }, s) =>
    systems.slice(s + 1).flatMap(({ label: other }, i) =>
      MODES.flatMap((mode) => {
        const [own, others] = [s, s + 1 + i].map((at) => times[at][mode]);
        const ratio = ratioEstimate(own, others);
        if (!ratio) return [];
        const names = { ...topics, mode, system: label, other };
        return [{ ...names, ratio, differs: differs(ratio), rounds: own.length }];
      })
    )
  );
}
