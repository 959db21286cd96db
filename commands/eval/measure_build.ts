import type { BuildRecord } from "../../eval/results/cost_schema.ts";
import { peakMemory, processorTime, resetPeakMemory } from "../../support/machine/process.ts";

/**
 * Builds an index and tells what that took.
 *
 * @param tokens vectors of the collection; null for an index without
 */
export async function measureBuild(
  build: () => Promise<void>,
  tokens: number | null,
  threads: number,
): Promise<BuildRecord> {
  const fresh = resetPeakMemory();
  const [started, used] = [performance.now(), processorTime(Deno.pid)];
  await build();
  const seconds = (performance.now() - started) / 1000;
  const now = processorTime(Deno.pid);
  return {
    seconds,
    processor_seconds: now === null || used === null ? null : now - used,
    peak_memory_bytes: fresh ? peakMemory() : null,
    threads,
    tokens_per_second: tokens === null ? null : tokens / seconds,
  };
}
