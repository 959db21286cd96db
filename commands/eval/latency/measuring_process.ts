import type { TimedEngine } from "../../../eval/latency/rounds.ts";
import { type Mode, MODES } from "../../../eval/results/latency_schema.ts";
import type { WarmUp } from "../../../eval/latency/warm_up.ts";
import { memoryOf, type ProcessMemory } from "../../../support/machine/process.ts";
import { type ProcessWorker, startProcess } from "../../../support/process_worker.ts";
import type { LatencyAnswer, LatencyTask, LoadAnswer, LoadTask, Opened, OpenTask } from "./protocol.ts";

/** One system in a process of its own. */
export interface MeasuringProcess extends TimedEngine, AsyncDisposable {
  readonly opened: Opened;
  /** Warms up; also tells the most memory that was seen meanwhile. */
  warmUp(
    mode: Mode,
    order: readonly number[],
    seconds: number,
  ): Promise<WarmUp & { readonly peak: ProcessMemory | null }>;
  load(task: LoadTask): Promise<LoadAnswer>;
}

/** Time between two looks at the memory, ms. */
const LOOK_EVERY = 50;

/** Starts a process and opens a system in it. */
export async function startMeasuring(task: OpenTask): Promise<MeasuringProcess> {
  const worker = startProcess<LatencyTask, LatencyAnswer>(new URL("./worker.ts", import.meta.url));
  try {
    const opened = await worker.ask({ open: task }) as Opened;
    return {
      opened,
      modes: task.encoder === null ? ["search"] : MODES,
      time: async (order, mode) => await worker.ask({ time: { mode, order } }) as number[],
      warmUp: async (mode, order, seconds) => {
        const { answer, peak } = await watchMemory(worker, worker.ask({ warmUp: { mode, order, seconds } }));
        return { ...answer as WarmUp, peak };
      },
      load: async (load) => await worker.ask({ load }) as LoadAnswer,
      [Symbol.asyncDispose]: () => worker[Symbol.asyncDispose](),
    };
  } catch (error) {
    await worker[Symbol.asyncDispose]();
    throw error;
  }
}

async function watchMemory<R>(
  { pid }: ProcessWorker<unknown, unknown>,
  job: Promise<R>,
): Promise<{ answer: R; peak: ProcessMemory | null }> {
  let peak = memoryOf(pid);
  const timer = setInterval(() => {
    const now = memoryOf(pid);
    if (now && peak && now.pss_bytes > peak.pss_bytes) peak = now;
  }, LOOK_EVERY);
  try {
    return { answer: await job, peak };
  } finally {
    clearInterval(timer);
  }
}
