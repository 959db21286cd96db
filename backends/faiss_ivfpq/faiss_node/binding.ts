import { createRequire } from "node:module";

/** What is used of `faiss-node`. It takes and gives plain arrays. */
export interface FaissIndex {
  train(rows: number[]): void;
  add(rows: number[]): void;
  /** `labels[row * k + i]`; −1 where fewer than `k` were found. Throws for a `k` above `ntotal()`. */
  search(rows: number[], k: number): { readonly labels: number[] };
  ntotal(): number;
  write(path: string): void;
}

export interface FaissBinding {
  readonly Index: {
    fromFactory(dim: number, description: string, metric: number): FaissIndex;
    fromBuffer(bytes: Uint8Array): FaissIndex;
    read(path: string): FaissIndex;
  };
}

/** The most numbers that go into one plain array: V8 keeps more of them (1 GiB) in a form that is far too slow. */
export const MOST_NUMBERS = 1e8;

/**
 * Loads a compiled `faiss-node`. FAISS runs its loops on `threads` OpenMP threads; OpenBLAS, which it calls from them, on one: two
 * libraries that both take all cores are several times slower than one.
 *
 * The binding keeps its classes in static variables, so that a thread which loads it breaks it for the others: each gets a copy of the
 * file, which is another library for the loader. (The published build shares them all the same: two threads must not load it at the
 * same time.)
 *
 * @param threads for the calling thread; null leaves OpenMP's default
 * @throws {Error} where the library does not load
 */
export function loadBinding(path: string, threads: number | null): FaissBinding {
  Deno.env.set("OPENBLAS_NUM_THREADS", "1"); // read when the library is loaded for the first time
  const copy = `${path.replace(/\.node$/, "")}.${crypto.randomUUID()}.node`; // beside it: it looks there for other libraries
  Deno.copyFileSync(path, copy);
  let binding: FaissBinding;
  try {
    binding = createRequire(import.meta.url)(copy);
  } finally {
    Deno.removeSync(copy); // once loaded, it does without
  }
  if (threads !== null) {
    const openmp = Deno.dlopen("libgomp.so.1", { omp_set_num_threads: { parameters: ["i32"], result: "void" } });
    openmp.symbols.omp_set_num_threads(threads);
    openmp.close(); // the binding keeps it loaded
  }
  return binding;
}
