import type { BackendQuery, Index } from "../../../backends/backend.ts";
import { parseSpec } from "../../../backends/spec.ts";
import { BACKENDS } from "../../../backends/registry.ts";
import type { Encoder, Matrix } from "../../../encoders/encoder.ts";
import { encodeForSearch } from "../../../encoders/query.ts";
import { REAL_CLOCK } from "../../../eval/latency/clock.ts";
import {
  multiStream,
  offline,
  poissonArrivals,
  requestsAt,
  type Send,
  server,
  singleStream,
} from "../../../eval/latency/load.ts";
import type { Mode } from "../../../eval/results/latency_schema.ts";
import { warmUp } from "../../../eval/latency/warm_up.ts";
import { packageEnergy } from "../../../support/machine/energy.ts";
import { memoryOf } from "../../../support/machine/process.ts";
import { serveProcess } from "../../../support/process_worker.ts";
import { openSetup } from "../setup.ts";
import type { LatencyAnswer, LatencyTask, LoadAnswer, LoadTask, Opened, OpenTask } from "./protocol.ts";

/** Requests that do nothing, by which the harness times itself. */
const IDLE_REQUESTS = 20_000;

/** A system, ready to be asked. */
interface System {
  readonly send: Readonly<Record<Mode, Send>>;
  /** Encodes queries that are to be searched without being encoded then. */
  prepare(order: readonly number[], mode: Mode): Promise<void>;
}

let system: System | undefined;

await serveProcess<LatencyTask, LatencyAnswer>(async (task) => {
  if ("open" in task) {
    const opened = await open(task.open);
    system = opened.system;
    return opened.answer;
  }
  if (!system) throw new Error("the first task of a measuring process must be open");
  const { mode, order } = "load" in task ? task.load : "time" in task ? task.time : task.warmUp;
  await system.prepare(order, mode);
  collectGarbage();
  const send = system.send[mode];
  if ("warmUp" in task) return await warmUp(send, order, task.warmUp.seconds, REAL_CLOCK);
  if ("time" in task) return (await singleStream(send, order, REAL_CLOCK)).times;
  return await underLoad(send, task.load);
});

async function open(task: OpenTask): Promise<{ system: System; answer: Opened }> {
  const { queries, k } = task;
  const spec = parseSpec(task.spec, BACKENDS);
  const empty = memoryOf(Deno.pid);
  const setup = await openSetup([spec], { ...task, encoder: task.encoder ?? "builtin", quiet: true });
  const { encoder } = setup;
  const withEncoder = memoryOf(Deno.pid);
  const context = { ...setup.context, tracing: false };
  const started = performance.now();
  const index = await spec.backend.open(task.folder, spec.options, context);
  const opened = performance.now();
  const built = makeSystem(index, encoder, queries, k);
  await built.send.with_encoding(0);
  const first = performance.now() - opened;
  const loaded = memoryOf(Deno.pid);
  const nothing = () => Promise.resolve();
  const { elapsed } = await singleStream(nothing, new Uint8Array(IDLE_REQUESTS), REAL_CLOCK);
  return {
    system: built,
    answer: {
      start: { encoder_ms: setup.encoderMs, open_ms: opened - started, first_query_ms: first },
      memory: empty && withEncoder && loaded && { empty, encoder: encoder && withEncoder, loaded },
      harnessUs: 1000 * elapsed / IDLE_REQUESTS,
    },
  };
}

function makeSystem(index: Index, encoder: Encoder | null, queries: OpenTask["queries"], k: number): System {
  const prepared: (BackendQuery | undefined)[] = [];
  const encode = async (query: number): Promise<Matrix | undefined> => {
    return encoder ? (await encodeForSearch(encoder, queries[query].text)).matrix : undefined;
  };
  return {
    send: {
      search: (query) => index.search(prepared[query]!, k),
      with_encoding: async (query) => index.search({ ...queries[query], matrix: await encode(query) }, k),
    },
    async prepare(order, mode) {
      if (mode === "with_encoding") return;
      for (const query of order) prepared[query] ??= { ...queries[query], matrix: await encode(query) };
    },
  };
}

async function underLoad(
  send: Send,
  { scenario, order, concurrency, rate, seconds, maxSeconds, seed }: LoadTask,
): Promise<LoadAnswer> {
  const before = packageEnergy();
  const run = () => {
    if (scenario === "offline") return offline(send, order, REAL_CLOCK);
    if (scenario === "multi-stream") return multiStream(send, repeat(order), concurrency!, seconds, REAL_CLOCK);
    const arrivals = poissonArrivals(rate!, requestsAt(rate!, seconds, maxSeconds), seed);
    return server(send, order, arrivals, REAL_CLOCK);
  };
  const { times, elapsed, ...rest } = await run();
  const after = packageEnergy();
  return {
    times,
    elapsed,
    lateness: null,
    dropped: null,
    realised: null,
    ...rest,
    joules: before === null || after === null || after < before ? null : after - before,
  };
}

function* repeat(order: readonly number[]): Generator<number> {
  for (;;) yield* order;
}

/** So that no block pays for what the one before allocated (`--expose-gc`). */
function collectGarbage(): void {
  (globalThis as { gc?: () => void }).gc?.();
}
