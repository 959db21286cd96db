import { Buffer } from "node:buffer";
import type { Matrix } from "../../../encoders/encoder.ts";
import { readFile } from "../../../support/open_file.ts";
import { serveTasks, type TaskResult } from "../../../support/worker_tasks.ts";
import { type FaissBinding, type FaissIndex, loadBinding } from "./binding.ts";
import { muted } from "./muted.ts";

/** A file to search. */
export interface FaissSlice {
  readonly path: string;
  readonly nprobe: number;
  /** What the file itself says. */
  readonly nprobeInFile: number;
  readonly firstVector: number;
}

/** What the thread that FAISS runs on can be asked for; `load` comes first. */
export type FaissTask =
  | { readonly load: string; readonly threads: number }
  /** An empty index. */
  | { readonly create: { readonly dim: number; readonly partitions: number; readonly m: number } }
  | { readonly train: Float32Array }
  /** fp16 rows. */
  | { readonly add: Float16Array }
  /** Writes the index; FAISS's own nprobe of 1 is replaced. */
  | { readonly write: string; readonly nprobe: number }
  | { readonly open: readonly FaissSlice[]; readonly passageOf: Int32Array; readonly passages: number }
  /** Answers with the bits of passages. */
  | { readonly probe: Matrix; readonly depth: number };

/** In an `IwPQ` file: lists that are searched, a little-endian u64. The binding has no call for it. */
const NPROBE_AT = 45;
const METRIC_L2 = 1;
/** Rows that are handed over at once: plain arrays take 8 bytes a number. */
const ROWS = 1 << 14;

interface OpenFile {
  readonly index: FaissIndex;
  readonly firstVector: number;
}

let faiss: FaissBinding | undefined;
let built: { readonly index: FaissIndex; readonly dim: number } | undefined;
let files:
  | { readonly open: readonly OpenFile[]; readonly passageOf: Int32Array; readonly passages: number }
  | undefined;

serveTasks<FaissTask, Uint32Array | null>((task): TaskResult<Uint32Array | null> => {
  if ("load" in task) {
    faiss = loadBinding(task.load, task.threads);
    return { result: null };
  }
  if (!faiss) throw new Error("the first task of FAISS's worker must be load");
  if ("open" in task) {
    const { open, ...rest } = task;
    const binding = faiss;
    files = { ...rest, open: open.map((slice) => ({ ...slice, index: readIndex(binding, slice) })) };
    return { result: null };
  }
  if ("probe" in task) {
    if (!files) throw new Error("nothing is open");
    const passages = probe(files.open, files.passageOf, files.passages, task.probe, task.depth);
    return { result: passages, transfer: [passages.buffer] };
  }
  if ("create" in task) {
    const { dim, partitions, m } = task.create;
    // "np": no polysemous training, as v1's own IndexIVFPQ has none; it takes minutes
    built = { index: faiss.Index.fromFactory(dim, `IVF${partitions},PQ${m}np`, METRIC_L2), dim };
    return { result: null };
  }
  if (!built) throw new Error("nothing is built");
  const { index } = built;
  if ("train" in task) muted(() => index.train(Array.from(task.train)));
  else if ("add" in task) {
    for (let from = 0; from < task.add.length; from += ROWS * built.dim) {
      index.add(Array.from(task.add.subarray(from, from + ROWS * built.dim)));
    }
  } else writeIndex(index, task.write, task.nprobe);
  return { result: null };
});

function readIndex({ Index }: FaissBinding, { path, nprobe, nprobeInFile }: FaissSlice): FaissIndex {
  if (nprobe === nprobeInFile) return Index.read(path);
  const bytes = Buffer.from(readFile(path).buffer);
  bytes.writeBigUInt64LE(BigInt(nprobe), NPROBE_AT);
  return Index.fromBuffer(bytes);
}

function writeIndex(index: FaissIndex, path: string, nprobe: number): void {
  index.write(path);
  using file = Deno.openSync(path, { write: true });
  file.seekSync(NPROBE_AT, Deno.SeekMode.Start);
  file.writeSync(new Uint8Array(BigUint64Array.of(BigInt(nprobe)).buffer));
  file.syncSync();
}

function probe(
  open: readonly OpenFile[],
  passageOf: Int32Array,
  passages: number,
  { data }: Matrix,
  depth: number,
): Uint32Array<ArrayBuffer> {
  const bits = new Uint32Array(Math.ceil(passages / 32));
  const rows = Array.from(data);
  for (const { index, firstVector } of open) {
    const { labels } = index.search(rows, Math.min(depth, index.ntotal()));
    for (const label of labels) {
      if (label < 0) continue; // too few in the lists; v1 took its last passage for one that was found
      const passage = passageOf[firstVector + label];
      if (passage === undefined) continue; // a number that was damaged since it was checked
      bits[passage >> 5] |= 1 << (passage & 31);
    }
  }
  return bits;
}
