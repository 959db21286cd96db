import type { Encoder, Matrix } from "../encoders/encoder.ts";
import { encodeForSearch } from "../encoders/query.ts";
import { tokenSpans } from "../encoders/token_spans.ts";
import { queriesBySpread } from "./comparison/spread.ts";
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
  return queriesBySpread(cells, measure).filter(({ spread }) => spread > 0).slice(0, EXPLAINED).map(
    ({ id, values }) => {
      const pair = [Math.max(...values), Math.min(...values)].map((value) => cells[values.indexOf(value)]);
      const tops = pair.flatMap(({ queries }) => queries.find((query) => query.id === id)?.top ?? []);
      return {
        query: id,
        systems: [pair[0].system, pair[1].system],
        passages: [...new Set(tops.map((hit) => hit.id))],
      };
    },
  );
}

/**
 * Takes MaxSim apart: for each token of a query the token of a passage whose vector is nearest to its own (SIGIR'20 §3.3). The
 * vectors are made anew, without any index's losses.
 *
 * @param texts of the queries and of the passages, by id
 */
export async function explainDifferences(
  differences: readonly Difference[],
  texts: { readonly queries: ReadonlyMap<string, string>; readonly passages: ReadonlyMap<string, string> },
  encoder: Encoder,
): Promise<Explanation[]> {
  const ids = [...new Set(differences.flatMap(({ passages }) => passages))].filter((id) => texts.passages.has(id));
  const { rows, lengths, dim } = await encoder.encodePassages(ids.map((id) => texts.passages.get(id)!));
  const vectors = new Map<string, Float16Array>();
  let at = 0;
  ids.forEach((id, i) => {
    const end = at + lengths[i] * dim;
    vectors.set(id, rows.subarray(at, end));
    at = end;
  });
  const explained: Explanation[] = [];
  for (const { query, systems, passages } of differences) {
    const text = texts.queries.get(query) ?? "";
    const { matrix } = await encodeForSearch(encoder, text);
    const known = passages.filter((id) => vectors.has(id));
    explained.push({
      query,
      systems: [...systems],
      query_tokens: matrix.rows === 0 ? [] : [...encoder.tokens(text, "query")],
      passages: known.map((id) => {
        return { id, ...explainPassage(matrix, vectors.get(id)!, texts.passages.get(id)!, encoder) };
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
