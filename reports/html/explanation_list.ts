import { html } from "hono/html";
import type { Explanation, QueryResult } from "../../eval/results/schema.ts";
import { formatGrade, formatScore } from "../format.ts";
import { type Leaderboard, mainMeasure } from "../leaderboard.ts";
import type { Markup } from "./markup.ts";
import { own } from "../../support/own.ts";

type Passage = Explanation["passages"][number];

/** The queries that systems differ about most: two systems' first passages side by side, with what MaxSim found in them. */
export function explanationList({ cells, columns, explanations, queryTexts }: Leaderboard): Markup {
  const measure = mainMeasure(columns);
  if (measure === null || explanations.length === 0) return html``;
  return html`
    <h3>Where systems differ most</h3>
    <p
      class="notes">The darker a word, the more the query's tokens gain there: each takes its nearest token of the passage (MaxSim, exact vectors). Below each passage, query token → passage token and product.</p>
    ${explanations.map((explanation) => {
      const { query, systems, passages } = explanation;
      const results = systems.map((name) => {
        const cell = cells.find(({ system }) => system === name);
        return { name, result: cell?.queries.find(({ id }) => id === query) };
      });
      return html`
        <div class="explained" data-q="${query}">
          <h4>${queryTexts.get(query) ?? ""} <code>${query}</code></h4>
          <div class="sides">${results.map(({ name, result }) =>
            html`<div><b>${name}</b>, ${measure} ${formatScore(own(result?.measures, measure) ?? 0)}<ol>${
              (result?.top ?? []).map((hit) => hitItem(hit, passages.find(({ id }) => id === hit.id), explanation))
            }</ol></div>`
          )}</div>
        </div>
      `;
    })}
  `;
}

function hitItem(
  { id, score, grade }: QueryResult["top"][number],
  passage: Passage | undefined,
  { query_tokens }: Explanation,
): Markup {
  return html`<li><span class="grade">${formatGrade(grade)}, score ${formatScore(score)}</span> ${
    passage ? highlighted(passage) : ""
  } <code>${id}</code>${passage ? terms(passage, query_tokens) : ""}</li>`;
}

/** The text, each word as dark as what it adds to the score, the most in the passage being darkest. */
function highlighted({ text, matches }: Passage): Markup[] {
  const gains = new Map<number, { readonly end: number; gain: number }>();
  for (const { start, end, product } of matches) {
    if (start === null || end === null || product <= 0) continue;
    const known = gains.get(start);
    if (known) known.gain += product;
    else gains.set(start, { end, gain: product });
  }
  const most = Math.max(...[...gains.values()].map(({ gain }) => gain));
  const parts: Markup[] = [];
  let at = 0;
  for (const [start, { end, gain }] of [...gains].sort(([a], [b]) => a - b)) {
    if (start < at) continue;
    parts.push(
      html`${text.slice(at, start)}<mark style="--m:${Math.round(100 * gain / most)}">${text.slice(start, end)}</mark>`,
    );
    at = end;
  }
  return [...parts, html`${text.slice(at)}`];
}

function terms({ matches }: Passage, tokens: readonly string[]): Markup {
  const sum = matches.reduce((total, { product }) => total + product, 0);
  const list = matches.map(({ token, product }, i) => `${tokens[i]} → ${token} ${product.toFixed(2)}`).join("; ");
  return html`<details class="terms"><summary>MaxSim ${formatScore(sum)}</summary>${list}</details>`;
}
