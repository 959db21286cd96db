/** Which engine's stages a search has; see {@link VARIANTS}. */
export type Variant = "plaid" | "vanilla" | "next-plaid" | "fast-plaid" | "int8";

/** What a search does, all decided. */
export interface SearchPlan {
  readonly variant: Variant;
  /** Cells that each query row probes. */
  readonly ncells: number;
  /** Passages that the first scores leave. */
  readonly ndocs: number;
  /** Passages whose vectors are scored. */
  readonly full: number;
  /** The `centroid_score_threshold`, and what is left out below it: tokens of a passage (PLAID), or probed cells (next-plaid). */
  readonly threshold: number | null;
}

/** Options of a search as they were given; what is not there depends on `k`. */
export interface SearchOptions {
  readonly variant: Variant;
  readonly ncells?: number;
  readonly centroid_score_threshold?: number;
  readonly ndocs?: number;
}

/** What a variant does, and its defaults. */
export interface VariantRules {
  readonly summary: string;
  /** Scores that choose `ndocs` candidates: of tokens above the threshold, of probed lists' tokens, or of all tokens. */
  readonly first: "kept tokens" | "probed tokens" | "all tokens";
  /** Whether scores of all tokens then choose `full` of them. */
  readonly second: boolean;
  /** What a threshold is for. */
  readonly threshold: "tokens" | "cells" | "nothing";
  readonly arithmetic: "fp32" | "int8";
  defaults(k: number): { readonly ncells: number; readonly threshold: number | null; readonly ndocs: number };
  /** Passages whose vectors are scored. */
  full(ndocs: number, k: number): number;
}

/**
 * The stages of each engine:
 * - `plaid`: PLAID §4.2–4.5 as in Stanford's `candidate_generation.py`, `index_storage.py`, `filter_pids.cpp` and `searcher.py`;
 * - `vanilla`: ColBERTv2 §3.5, before PLAID: the tokens of probed lists are decompressed, the best passages by them scored;
 * - `next-plaid`: as next-plaid 1.6: the threshold drops probed cells, one score by centroids;
 * - `fast-plaid`: as fast-plaid 1.4: no threshold, one score by centroids;
 * - `int8`: latebench's own: one score by centroids from a table in bytes, residuals scored in int8 (or from tables of floats, below
 *   4 bits and where the CPU has no tiles).
 */
export const VARIANTS: Readonly<Record<Variant, VariantRules>> = {
  plaid: {
    summary: "PLAID, as Stanford's code has it",
    first: "kept tokens",
    second: true,
    threshold: "tokens",
    arithmetic: "fp32",
    defaults(k) {
      if (k <= 10) return { ncells: 1, threshold: 0.5, ndocs: 256 };
      if (k <= 100) return { ncells: 2, threshold: 0.45, ndocs: 1024 };
      return { ncells: 4, threshold: 0.4, ndocs: Math.max(4 * k, 4096) };
    },
    full: (ndocs, k) => Math.max(Math.floor(ndocs / 4), k),
  },
  vanilla: {
    summary: "ColBERTv2 before PLAID",
    first: "probed tokens",
    second: false,
    threshold: "nothing",
    arithmetic: "fp32",
    defaults: () => ({ ncells: 2, threshold: null, ndocs: 8192 }),
    full: (ndocs) => ndocs,
  },
  "next-plaid": {
    summary: "next-plaid's stages",
    first: "all tokens",
    second: false,
    threshold: "cells",
    arithmetic: "fp32",
    defaults: () => ({ ncells: 8, threshold: 0.4, ndocs: 4096 }),
    full: (ndocs, k) => Math.max(Math.floor(ndocs / 4), k),
  },
  "fast-plaid": {
    summary: "fast-plaid's stages",
    first: "all tokens",
    second: false,
    threshold: "nothing",
    arithmetic: "fp32",
    defaults: () => ({ ncells: 8, threshold: null, ndocs: 4096 }),
    full: (ndocs, k) => Math.max(Math.floor(ndocs / 4), k),
  },
  int8: {
    summary: "latebench's own stages, in bytes",
    first: "all tokens",
    second: false,
    threshold: "tokens",
    arithmetic: "int8",
    defaults: (k) => ({ ncells: 4, threshold: null, ndocs: Math.max(4 * k, 1024) }),
    full: (ndocs, k) => Math.max(Math.floor(ndocs / 4), k),
  },
};

/**
 * Decides what a search for `k` passages does. Defaults depend on this `k` alone, never on searches before. `ndocs` and `full`
 * are at least what `k` passages need.
 */
export function planSearch({ variant, ncells, centroid_score_threshold, ndocs }: SearchOptions, k: number): SearchPlan {
  const rules = VARIANTS[variant];
  const defaults = rules.defaults(k);
  const wanted = ndocs ?? defaults.ndocs;
  return {
    variant,
    ncells: ncells ?? defaults.ncells,
    ndocs: Math.max(wanted, k),
    full: Math.max(rules.full(wanted, k), k),
    threshold: rules.threshold === "nothing" ? null : centroid_score_threshold ?? defaults.threshold,
  };
}
