import { type TopK, topK } from "../../kernels/top_k.ts";
import { analyze } from "./analyzer.ts";
import type { InvertedIndex } from "./inverted_index.ts";
import { byteToLength } from "./lucene_norms.ts";

/** BM25's two parameters. */
export interface Bm25Options {
  /** Saturation of the term frequency. */
  readonly k1: number;
  /** How much passage length counts. */
  readonly b: number;
}

/** What a search did. */
export interface Bm25Result extends TopK {
  readonly postings: number;
  readonly bytes: number;
}

/** Searches one inverted index, one query at a time. */
export interface Bm25Searcher {
  search(text: string, k: number): Bm25Result;
  /** Scores the given passages (0 for one without a query term). */
  score(text: string, numbers: Int32Array): Bm25Result;
}

/**
 * BM25 with Lucene's formula and arithmetic (`BM25Similarity`, Lucene 8 and later: without the factor k1 + 1):
 * `idf · (1 − 1 / (1 + tf / (k1 · (1 − b + b · length / average))))` with `idf = ln(1 + (N − n + ½) / (n + ½))`, weights in
 * float32, a term that occurs c times in the query weighs c times, scores summed in float64 and rounded to float32.
 */
export function bm25Searcher(index: InvertedIndex, { k1, b }: Bm25Options): Bm25Searcher {
  const average = Math.fround(index.totalTerms / Math.max(index.nonEmpty, 1));
  const inverseNorm = Float32Array.from({ length: 256 }, (_, byte) => {
    return 1 / (k1 * (1 - b + b * byteToLength(byte) / average));
  });
  const scores = new Float64Array(index.norms.length);
  const touched = new Int32Array(index.norms.length);

  /** Adds up the scores of all passages with a query term; returns how many passages, postings and bytes there were. */
  const accumulate = (text: string) => {
    const counts = new Map<string, number>();
    for (const term of analyze(text)) counts.set(term, (counts.get(term) ?? 0) + 1);
    const work = { touched: 0, postings: 0, bytes: 0 };
    for (const [term, count] of counts) {
      const entry = index.terms.get(term);
      if (!entry) continue;
      const { documentFrequency: n, start } = entry;
      const weight = Math.fround(count * Math.fround(Math.log(1 + (index.nonEmpty - n + 0.5) / (n + 0.5))));
      const { postings, norms } = index;
      let at = start;
      let passage = 0;
      for (let i = 0; i < n; i++) {
        let byte = postings[at++];
        let delta = byte & 127;
        for (let shift = 7; byte > 127; shift += 7) delta |= ((byte = postings[at++]) & 127) << shift;
        byte = postings[at++];
        let frequency = byte & 127;
        for (let shift = 7; byte > 127; shift += 7) frequency |= ((byte = postings[at++]) & 127) << shift;
        passage += delta;
        if (scores[passage] === 0) touched[work.touched++] = passage;
        const saturation = Math.fround(1 + Math.fround(frequency * inverseNorm[norms[passage]]));
        scores[passage] += Math.fround(weight - Math.fround(weight / saturation));
      }
      work.postings += n;
      work.bytes += at - start;
    }
    return work;
  };

  const clear = (count: number) => {
    for (let i = 0; i < count; i++) scores[touched[i]] = 0;
  };

  return {
    search(text, k) {
      const work = accumulate(text);
      const numbers = touched.slice(0, work.touched);
      const best = topK(Float32Array.from(numbers, (number) => scores[number]), k, numbers);
      clear(work.touched);
      return { ...best, postings: work.postings, bytes: work.bytes };
    },
    score(text, numbers) {
      const work = accumulate(text);
      const best = topK(Float32Array.from(numbers, (number) => scores[number]), numbers.length, numbers);
      clear(work.touched);
      return { ...best, postings: work.postings, bytes: work.bytes };
    },
  };
}
