import Table from "cli-table3";
import { chooseKernel } from "../kernels/choose.ts";
import { createKernel, type Kernel, KERNELS } from "../kernels/kernel.ts";
import { type KernelCase, kernelCases } from "./kernel_cases.ts";
import type { BenchOptions } from "./python.ts";

/** Passages for each build: the reference is some hundred times slower. */
const PASSAGES = { native: 2000, wasm: 2000, reference: 20 } as const;
/** FMAs of the peak loop: 64 × this. */
const ROUNDS = 200_000;
const COPIED = 1 << 26;

/**
 * Every loop in every build, on one thread, beside the machine's limits in the same build: a loop of fused multiply–adds that touches no
 * memory, and copying. Best of `rounds`: what others do on the machine only ever adds.
 */
export async function benchKernels({ store, rounds }: BenchOptions): Promise<void> {
  const table = new Table({
    head: ["loop", "", ...KERNELS.flatMap((name) => [name, "of limit"])],
    colAligns: ["left", "left", ...KERNELS.flatMap(() => ["right", "right"] as const)],
    style: { head: [], border: [], compact: true },
  });
  const rows = new Map<string, string[]>();
  const add = (name: string, unit: string, ...cells: string[]) => {
    rows.set(name, [...rows.get(name) ?? [name, unit], ...cells]);
  };
  for (const name of KERNELS) {
    const { choice } = await chooseKernel(name, store);
    const kernel = createKernel(choice);
    const limits = measureLimits(kernel, rounds);
    add("fused multiply–adds", "GFLOP/s", limits ? limits.flops.toFixed(1) : "–", "");
    add("copying", "GB/s", limits ? limits.bytes.toFixed(1) : "–", "");
    for (const one of kernelCases(kernel, PASSAGES[name])) {
      const speed = one.work / 1e6 / best(one, rounds);
      const limit = limits && (one.unit === "GFLOP/s" ? limits.flops : one.unit === "GB/s" ? limits.bytes : null);
      add(
        one.name,
        one.unit,
        speed.toFixed(speed < 10 ? 2 : 1),
        limit ? `${((100 * speed) / limit).toFixed(0)} %` : "",
      );
    }
    kernel.close();
  }
  table.push(...rows.values());
  console.log(`loops on one thread, best of ${rounds}; 32-row queries, 128 columns`);
  console.log(table.toString());
}

function measureLimits({ limits, allocate }: Kernel, rounds: number): { flops: number; bytes: number } | null {
  if (!limits) return null;
  const from = allocate(COPIED).fill(1);
  const to = allocate(COPIED).fill(2);
  const fma = best({ run: () => limits.fma(ROUNDS) }, rounds);
  const copy = best({ run: () => limits.copy(to, from) }, rounds);
  return { flops: (2 * 64 * ROUNDS * limits.lanes) / fma / 1e6, bytes: (2 * COPIED) / copy / 1e6 };
}

/** Shortest time, ms; runs at least three times more beforehand, until the engine has compiled the code. */
function best({ run }: Pick<KernelCase, "run">, rounds: number): number {
  for (let i = 0; i < 3; i++) run();
  let shortest = Infinity;
  for (let i = 0; i < rounds; i++) {
    const started = performance.now();
    run();
    shortest = Math.min(shortest, performance.now() - started);
  }
  return shortest;
}
