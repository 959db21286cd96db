/** The options that a preset decides about. */
export interface PresetOptions {
  readonly partitions: number | "auto";
  readonly sample: number;
  readonly m: number | "auto";
  readonly nprobe: number;
  readonly faiss_depth: number;
  readonly depth: number;
}

/** The settings that papers and ColBERT v1's code and README use. */
export const PRESETS = ["v1", "sigir20", "v1-readme"] as const;

/** The defaults of `colbert/utils/parser.py` and `colbert/index_faiss.py`. */
const V1: PresetOptions = { partitions: "auto", sample: 0.05, m: "auto", nprobe: 10, faiss_depth: 1024, depth: 1000 };

const VALUES: Readonly<Record<typeof PRESETS[number], PresetOptions>> = {
  v1: V1,
  /** SIGIR'20, §4.3: P = 2000 partitions, p = 10 of them, k' = 1000 vectors for each query row, s = 16 sub-vectors. */
  sigir20: { ...V1, partitions: 2000, m: 16, faiss_depth: 1000 },
  /** The commands of v1's README. */
  "v1-readme": { ...V1, partitions: 32_768, nprobe: 32 },
};

/** Options with what their preset says where they say nothing. */
export function withPreset<O extends Partial<PresetOptions> & { readonly preset: typeof PRESETS[number] }>(
  options: O,
): Omit<O, keyof PresetOptions> & PresetOptions {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  return { ...VALUES[options.preset], ...given } as Omit<O, keyof PresetOptions> & PresetOptions;
}
