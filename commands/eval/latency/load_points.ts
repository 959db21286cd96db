import { describeTimes } from "../../../eval/latency/percentiles.ts";
import type { LoadPoint, Mode } from "../../../eval/results/latency_schema.ts";
import type { MeasuringProcess } from "./measuring_process.ts";
import type { FullOptions } from "./options.ts";
import type { LoadTask } from "./protocol.ts";

/** Offered load where no rates are given, as shares of the throughput of offline. */
const SHARES = [0.25, 0.5, 0.75, 0.9];

/**
 * Puts one system under load: offline first, whose throughput tells what server can offer.
 *
 * @param order all queries by number, shuffled
 * @param meanMs mean time of a query, one at a time
 */
export async function measureLoad(
  system: MeasuringProcess,
  order: readonly number[],
  meanMs: Readonly<Record<Mode, number>>,
  { scenarios, concurrencies, rates, maxSeconds, seed }: FullOptions,
): Promise<LoadPoint[]> {
  const seconds = maxSeconds / 20;
  const points: LoadPoint[] = [];
  for (const mode of system.modes) {
    const ask = async (task: Pick<LoadTask, "scenario"> & Partial<LoadTask>) => {
      const whole = { mode, order, concurrency: null, rate: null, seconds, maxSeconds, seed, ...task };
      points.push(await measurePoint(system, whole));
      return points[points.length - 1];
    };
    let most = 1000 / meanMs[mode];
    if (scenarios.includes("offline")) {
      const many = Math.min(order.length, Math.max(1, Math.ceil(seconds * most)));
      most = (await ask({ scenario: "offline", order: order.slice(0, many) })).throughput_qps;
    }
    for (const concurrency of scenarios.includes("multi-stream") ? concurrencies : []) {
      await ask({ scenario: "multi-stream", concurrency });
    }
    if (!scenarios.includes("server")) continue;
    for (const rate of rates.length > 0 ? rates : SHARES.map((share) => share * most)) {
      await ask({ scenario: "server", rate });
    }
  }
  return points;
}

async function measurePoint(system: MeasuringProcess, task: LoadTask): Promise<LoadPoint> {
  const { times, elapsed, lateness, dropped, realised, joules } = await system.load(task);
  const queries = Math.min(times.length, task.order.length);
  return {
    scenario: task.scenario,
    with_encoding: task.mode === "with_encoding",
    concurrency: task.concurrency,
    offered_qps: task.rate,
    realised_qps: realised,
    requests: times.length,
    queries,
    seconds: elapsed / 1000,
    throughput_qps: times.length / (elapsed / 1000),
    response: task.scenario === "offline" || times.length === 0 ? null : describeTimes(times, queries),
    lateness_ms: lateness,
    dropped,
    joules_per_query: joules === null ? null : joules / Math.max(times.length, 1),
  };
}
