import type { Encoder, Matrix } from "../encoders/encoder.ts";
import { encodeForSearch } from "../encoders/query.ts";
import { tokenSpans } from "../encoders/token_spans.ts";
import type { Cell, Explanation } from "./results/schema.ts";

/** Queries of a topic set that are explained. */
const EXPLAINED = 12;

/** A query that two systems differ about, and what they have at the top. */
export interface Difference {
  readonly query: string;
  /** The better one first. */
  readonly systems: readonly [string, string];
  readonly passages: readonly string[];
}

/** The queries of a topic set about which any two systems differ most by the first official measure. */
export function largestDifferences(cells: readonly Cell[]): Difference[] {
  const measure = cells[0]?.official_measures[0];
  if (measure === undefined) return [];
  return cells[0].queries.map((_, q) => {
    const values = cells.map(({ queries }) => queries[q].measures[measure] ?? 0);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return { q, spread: high - low, pair: [values.indexOf(high), values.indexOf(low)] as const };
  }).filter(({ spread }) => spread > 0)
    .sort((a, b) => b.spread - a.spread || a.q - b.q)
    .slice(0, EXPLAINED)
    .map(({ q, pair: [better, worse] }) => ({
      query: cells[0].queries[q].id,
      systems: [cells[better].system, cells[worse].system],
      passages: [...new Set([better, worse].flatMap((c) => cells[c].queries[q].top.map(({ id }) => id)))],
    }));
}

/**
 * Takes MaxSim apart: for each token of a query the token of a passage whose vector is nearest to its own (SIGIR'20 §3.3). The
 * vectors are made anew, without any index's losses.
 *
 * @param texts of the queries and of the passages, by id
 */
export async function explainDifferences(
  differences: readonly Difference[],
  texts: { readonly queries: Readonly<Record<string, string>>; readonly passages: ReadonlyMap<string, string> },
  encoder: Encoder,
): Promise<Explanation[]> {
  const ids = [...new Set(differences.flatMap(({ passages }) => passages))].filter((id) => texts.passages.has(id));
  const { rows, lengths, dim } = await encoder.encodePassages(ids.map((id) => texts.passages.get(id)!));
  const starts = new Map<string, number>();
  let start = 0;
  ids.forEach((id, i) => {
    starts.set(id, start);
    start += lengths[i];
  });
  const explained: Explanation[] = [];
  for (const { query, systems, passages } of differences) {
    const text = texts.queries[query] ?? "";
    const { matrix } = await encodeForSearch(encoder, text);
    const known = passages.filter((id) => starts.has(id));
    explained.push({
      query,
      systems: [...systems],
      query_tokens: matrix.rows === 0 ? [] : [...encoder.tokens(text, "query")],
      passages: known.map((id) => {
        const at = starts.get(id)! * dim;
        const vectors = rows.subarray(at, at + lengths[ids.indexOf(id)] * dim);
        return { id, ...explainPassage(matrix, vectors, texts.passages.get(id)!, encoder) };
      }),
    });
  }
  return explained;
}

function explainPassage(
  { data, rows, dim }: Matrix,
  vectors: Float16Array,
  text: string,
  encoder: Encoder,
): Pick<Explanation["passages"][number], "text" | "matches"> {
  const tokens = encoder.tokens(text, "passage");
  const spans = tokenSpans(text, tokens);
  const read = Math.max(0, ...spans.map((span) => span?.end ?? 0));
  const matches = Array.from({ length: rows }, (_, row) => {
    let [best, product] = [0, -Infinity];
    for (let t = 0; t * dim < vectors.length; t++) {
      let sum = 0;
      for (let c = 0; c < dim; c++) sum += data[row * dim + c] * vectors[t * dim + c];
      if (sum > product) [best, product] = [t, sum];
    }
    const span = spans[best] ?? null;
    return {
      token: tokens[best] ?? `row ${best}`,
      start: span?.start ?? null,
      end: span?.end ?? null,
      product: round(product),
    };
  });
  const more = /[\p{L}\p{N}]/u.test(text.slice(read)); // punctuation has no vectors
  return { text: more ? `${text.slice(0, read)}…` : text, matches };
}

/** Four decimals: what a reader can use, and the same on every machine. */
function round(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
