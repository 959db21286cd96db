import type { Matrix } from "../../../encoders/encoder.ts";
import { entriesOf } from "../../../kernels/loops.ts";
import { createKernel, type Kernel, withSharedMemory } from "../../../kernels/kernel.ts";
import { openWorkerPool } from "../../../support/worker_pool.ts";
import { type EngineContext, probeMacs, type Prober, type SliceSet } from "../engine.ts";
import { withHalfSquares } from "./half_squares.ts";
import type { Probed, ProbeSetup } from "./probe.ts";
import type { ProbeTask } from "./probe_worker.ts";

/** Opens an index: mapped files, and threads that share the rows of a query among them. */
export async function openBuiltin(set: SliceSet, nprobe: number, context: EngineContext): Promise<Prober> {
  const { access, passageOf, passages } = set;
  const kernel = withSharedMemory(context.kernel);
  const own = createKernel(kernel);
  const setups = set.slices.map(({ file, index, firstVector }): ProbeSetup => {
    const shared = { ...index, centroids: share(own, index.centroids) };
    const entries = share(own, entriesOf(index.codebooks, index.m, index.ksub, index.codebooks.slice()));
    const coarse = share(own, withHalfSquares(index.centroids, index.dim));
    return { kernel, access, file, index: shared, firstVector, coarse, entries, passageOf, passages };
  });
  own.close();
  const url = new URL("./probe_worker.ts", import.meta.url);
  const pool = await openWorkerPool<ProbeTask, readonly Probed[]>(url, context.threads, { open: setups });
  return {
    async candidates(query, depth) {
      const parts = splitRows(query, context.threads);
      const found = await Promise.all(parts.map((part) => pool.run({ probe: part, nprobe, depth })));
      const bits = new Uint32Array(Math.ceil(passages / 32));
      let bytes = 0;
      found.forEach((slices) =>
        slices.forEach(({ passages, codes }, slice) => {
          for (let word = 0; word < bits.length; word++) bits[word] |= passages[word];
          bytes += codes * setups[slice].index.m;
        })
      );
      return { passages: bits, macs: probeMacs(set, query.rows, nprobe), bytes };
    },
    memoryBytes: setups.reduce((sum, { file, index, coarse, entries }) => {
      return sum + (file.shared?.length ?? 0) + index.centroids.byteLength + index.codebooks.byteLength +
        coarse.byteLength + entries.byteLength;
    }, 0),
    [Symbol.dispose]: () => pool.close(),
  };
}

/** Rows of a query in about equal parts, one for each thread. */
function splitRows({ data, rows, dim }: Matrix, threads: number): Matrix[] {
  const each = Math.ceil(rows / threads);
  return Array.from({ length: Math.ceil(rows / each) }, (_, part) => {
    const own = data.slice(part * each * dim, (part + 1) * each * dim);
    return { data: own, rows: own.length / dim, dim };
  });
}

/** The same floats where all threads and the kernel reach them without copying. */
function share(kernel: Kernel, values: Float32Array): Float32Array<SharedArrayBuffer> {
  const bytes = kernel.allocate(values.byteLength);
  const shared = new Float32Array(bytes.buffer, bytes.byteOffset, values.length);
  shared.set(values);
  return shared;
}
