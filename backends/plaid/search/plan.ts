import type { SetupNeeds } from "../index/open_index.ts";

/** Which engine's stages a search has; see {@link VARIANTS}. */
export type Variant = "plaid" | "vanilla" | "next-plaid" | "fast-plaid" | "warp" | "emvb" | "int8";

/** What a search does, all decided. */
export interface SearchPlan {
  readonly variant: Variant;
  /** Cells that each query row probes. */
  readonly ncells: number;
  /** Passages that the first scores leave. */
  readonly ndocs: number;
  /** Passages whose vectors are scored. */
  readonly full: number;
  /** The `centroid_score_threshold`; see {@link VariantRules.threshold}. */
  readonly threshold: number | null;
  /** WARP: a query row that misses a passage gets the score of the cell at which so many tokens lie in nearer ones; null: `defaultTPrime`. */
  readonly tPrime: number | null;
  /** EMVB: tokens whose centroid scores more with a query row have their residuals added. */
  readonly termThreshold: number;
}

/** Options of a search as they were given; what is not there depends on `k`. */
export interface SearchOptions {
  readonly variant: Variant;
  readonly ncells?: number;
  readonly centroid_score_threshold?: number;
  readonly ndocs?: number;
  readonly t_prime?: number;
  readonly term_threshold?: number;
  /** Bytes of a residual, where the index was built with product quantisation: EMVB's defaults depend on it. */
  readonly pq?: number;
}

/** What a variant does, and its defaults. */
export interface VariantRules {
  readonly summary: string;
  /**
   * Scores that choose `ndocs` candidates: of tokens above the threshold, of probed lists' tokens, of all tokens, or how many query
   * rows have a token above the threshold; null where all candidates are scored.
   */
  readonly first: "kept tokens" | "probed tokens" | "all tokens" | "close rows" | null;
  /** Whether scores of all tokens then choose `full` of them. */
  readonly second: boolean;
  /** What is left out below a threshold: tokens of a passage, probed cells, or a query row's cells but the nearest. */
  readonly threshold: "tokens" | "cells" | "further cells" | "nothing";
  /** What is scored in the end: decompressed vectors, or centroids and residuals of a query row's probed cells, or of close tokens. */
  readonly last: "vectors" | "probed tokens" | "close tokens";
  readonly arithmetic: "fp32" | "int8";
  defaults(k: number, pq?: number): {
    readonly ncells: number;
    readonly threshold: number | null;
    readonly ndocs: number;
    /** Passages whose vectors are scored, if `ndocs` is not given. */
    readonly full?: number;
    readonly termThreshold?: number;
  };
  /** Passages whose vectors are scored. */
  full(ndocs: number, k: number): number;
}

/**
 * The stages of each engine:
 * - `plaid`: PLAID §4.2–4.5 as in Stanford's `candidate_generation.py`, `index_storage.py`, `filter_pids.cpp` and `searcher.py`;
 * - `vanilla`: ColBERTv2 §3.5, before PLAID: the tokens of probed lists are decompressed, the best passages by them scored;
 * - `next-plaid`: as next-plaid 1.6: the threshold drops probed cells, one score by centroids;
 * - `fast-plaid`: as fast-plaid 1.4: no threshold, one score by centroids;
 * - `warp`: WARP (SIGIR 2025): every candidate gets its scores from the cells that each query row probes, never decompressed, never
 *   made unit length, and an estimate where it is in none of them, as in XTR (NeurIPS 2023); as `warp/engine/search` has it;
 * - `emvb`: EMVB (ECIR 2024, §4): candidates with a token close to most query rows, then by centroids, then with the residuals of
 *   close tokens alone; as `DocumentScorer.hpp` has it;
 * - `int8`: latebench's own: one score by centroids from a table in bytes, residuals scored in int8 (or from tables of floats, below
 *   4 bits and where the CPU has no tiles).
 */
export const VARIANTS: Readonly<Record<Variant, VariantRules>> = {
  plaid: {
    summary: "PLAID, as Stanford's code has it",
    first: "kept tokens",
    second: true,
    threshold: "tokens",
    last: "vectors",
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
    last: "vectors",
    arithmetic: "fp32",
    defaults: () => ({ ncells: 2, threshold: null, ndocs: 8192 }),
    full: (ndocs) => ndocs,
  },
  "next-plaid": {
    summary: "next-plaid's stages",
    first: "all tokens",
    second: false,
    threshold: "cells",
    last: "vectors",
    arithmetic: "fp32",
    defaults: () => ({ ncells: 8, threshold: 0.4, ndocs: 4096 }),
    full: (ndocs, k) => Math.max(Math.floor(ndocs / 4), k),
  },
  "fast-plaid": {
    summary: "fast-plaid's stages",
    first: "all tokens",
    second: false,
    threshold: "nothing",
    last: "vectors",
    arithmetic: "fp32",
    defaults: () => ({ ncells: 8, threshold: null, ndocs: 4096 }),
    full: (ndocs, k) => Math.max(Math.floor(ndocs / 4), k),
  },
  warp: {
    summary: "WARP: cells' scores without decompressing, XTR's estimates for what is missing",
    first: null,
    second: false,
    threshold: "nothing",
    last: "probed tokens",
    arithmetic: "fp32",
    defaults: () => ({ ncells: 32, threshold: null, ndocs: Infinity }),
    full: () => Infinity,
  },
  emvb: {
    summary: "EMVB: bit vectors of close query rows, residuals of close tokens",
    first: "close rows",
    second: true,
    threshold: "further cells",
    last: "close tokens",
    arithmetic: "fp32",
    defaults(k, pq = 16) {
      if (pq >= 32) { // the other set of its scripts: finer residuals, fewer cells for a short list
        if (k <= 10) return { ncells: 1, threshold: 0.4, ndocs: 500, full: 128, termThreshold: 0.5 };
        if (k <= 100) return { ncells: 3, threshold: 0.4, ndocs: 2000, full: 256, termThreshold: 0.4 };
        return { ncells: 4, threshold: 0.4, ndocs: Math.max(4 * k, 5000), full: Math.max(1024, k), termThreshold: 0.4 };
      }
      if (k <= 10) return { ncells: 2, threshold: 0.4, ndocs: 500, full: 128, termThreshold: 0.4 };
      if (k <= 100) return { ncells: 2, threshold: 0.4, ndocs: 1000, full: 512, termThreshold: 0.4 };
      return { ncells: 4, threshold: 0.4, ndocs: Math.max(4 * k, 4000), full: Math.max(1024, k), termThreshold: 0.5 };
    },
    full: (ndocs, k) => Math.max(Math.floor(ndocs / 4), k),
  },
  int8: {
    summary: "latebench's own stages, in bytes",
    first: "all tokens",
    second: false,
    threshold: "tokens",
    last: "vectors",
    arithmetic: "int8",
    defaults: (k) => ({ ncells: 4, threshold: null, ndocs: Math.max(4 * k, 1024) }),
    full: (ndocs, k) => Math.max(Math.floor(ndocs / 4), k),
  },
};

/** What a variant needs of an index besides its files. */
export function neededFor(variant: Variant): SetupNeeds {
  const { arithmetic, last } = VARIANTS[variant];
  return { int8: arithmetic === "int8", cellTokens: last === "probed tokens" };
}

/**
 * Decides what a search for `k` passages does. Defaults depend on this `k` alone, never on searches before. `ndocs` and `full`
 * are at least what `k` passages need.
 */
export function planSearch(options: SearchOptions, k: number): SearchPlan {
  const { variant, ncells, centroid_score_threshold, ndocs, t_prime, term_threshold, pq } = options;
  const rules = VARIANTS[variant];
  const defaults = rules.defaults(k, pq);
  const wanted = ndocs ?? defaults.ndocs;
  const full = ndocs === undefined ? defaults.full : undefined;
  return {
    variant,
    ncells: ncells ?? defaults.ncells,
    ndocs: Math.max(wanted, k),
    full: Math.max(full ?? rules.full(wanted, k), k),
    threshold: rules.threshold === "nothing" ? null : centroid_score_threshold ?? defaults.threshold,
    tPrime: t_prime ?? null,
    termThreshold: term_threshold ?? defaults.termThreshold ?? -Infinity,
  };
}
