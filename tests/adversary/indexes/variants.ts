import { join } from "node:path";
import { main } from "../../../main.ts";

/** An honest index that is mutated. */
export interface Variant {
  /** Name of its folder. */
  readonly name: string;
  readonly spec: string;
  /** Additions and deletions after it was built, so that it has segments and bits of deleted passages. */
  readonly updated?: boolean;
  /** Written for another engine from the index of another variant. */
  readonly foreign?: "colbert" | "fast-plaid" | "next-plaid";
}

/** Every backend, with every kind of file that an index of it can have. */
export const VARIANTS: readonly Variant[] = [
  { name: "bm25", spec: "bm25" },
  { name: "exhaustive", spec: "exhaustive" },
  { name: "exhaustive-plain", spec: "exhaustive:guide=none" },
  { name: "exhaustive-updated", spec: "exhaustive", updated: true },
  { name: "rerank", spec: "rerank:first=bm25" },
  { name: "rerank-neighbours", spec: "rerank:depth=10,neighbours=4" },
  { name: "rerank-text", spec: "rerank:first=bm25,vectors=text,depth=2" },
  { name: "plaid", spec: "plaid:partitions=32" },
  { name: "plaid-updated", spec: "plaid:partitions=32,variant=int8", updated: true },
  { name: "plaid-4", spec: "plaid:partitions=32,nbits=4,variant=int8" },
  { name: "plaid-vanilla", spec: "plaid:partitions=32,nbits=1,variant=vanilla" },
  { name: "plaid-warp", spec: "plaid:partitions=32,nbits=4,variant=warp" },
  { name: "plaid-emvb", spec: "plaid:partitions=32,pq=16,variant=emvb" },
  { name: "plaid-pq", spec: "plaid:partitions=32,pq=16" },
  { name: "plaid-step", spec: "plaid:partitions=32,step=3" },
  { name: "plaid-step-int8", spec: "plaid:partitions=32,step=5,variant=int8", updated: true },
  { name: "faiss", spec: "faiss-ivfpq:engine=builtin,m=4,partitions=16" },
  { name: "faiss-slices", spec: "faiss-ivfpq:engine=builtin,m=4,partitions=16,slices=2" },
  { name: "muvera", spec: "muvera:k_sim=3,d_proj=4,r_reps=4,d_final=64,depth=40" },
  { name: "muvera-whole", spec: "muvera:k_sim=2,d_proj=2,r_reps=2,d_final=0,depth=60" },
  { name: "fusion", spec: "fusion:second=exhaustive" },
  { name: "fusion-plaid", spec: "fusion:method=relative,weight=0.7,second=[plaid:partitions=32]" },
];

const WORDS = "tea coffee water river mountain light engine bridge music winter garden stone".split(" ");

/** A small collection in which words repeat, as TSV. */
export function smallCollection(passages: number, first = 0): string {
  return Array.from({ length: passages }, (_, n) => {
    const i = first + n;
    const word = (step: number) => WORDS[(i * step) % WORDS.length];
    return `p${i}\t${word(1)} and ${word(5)} of the ${word(7)} number ${i}\n`;
  }).join("");
}

/** What every search of the attempts asks. */
export const QUERY_TEXTS = ["tea by the river", "number of the winter bridge"] as const;

/**
 * Builds one variant with the commands of the program.
 *
 * @param root holds `c.tsv` and `more.tsv`; gets the folder `variant.name`
 * @throws {Error} where a command fails
 */
export async function buildVariant(root: string, variant: Variant, store: string): Promise<void> {
  const index = join(root, variant.name);
  const common = ["--store", store, "--quiet", "--threads", "1"];
  await succeed(["index", "--collection", join(root, "c.tsv"), "--backend", variant.spec, "--index", index, ...common]);
  if (!variant.updated) return;
  await succeed(["index", "add", "--index", index, "--collection", join(root, "more.tsv"), ...common]);
  await succeed(["index", "delete", "--index", index, "p3", "p41", ...common]);
}

async function succeed(args: readonly string[]): Promise<void> {
  const code = await main(args);
  if (code !== 0) throw new Error(`latebench ${args.join(" ")}: exit code ${code}`);
}
