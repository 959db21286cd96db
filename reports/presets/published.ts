import plaid from "../published/plaid-table.json" with { type: "json" };
import figure1 from "../published/sigir20-figure1.json" with { type: "json" };
import figure4 from "../published/sigir20-figure4.json" with { type: "json" };
import figure5 from "../published/sigir20-figure5.json" with { type: "json" };
import figure6 from "../published/sigir20-figure6.json" with { type: "json" };
import table1 from "../published/sigir20-table1.json" with { type: "json" };
import table2 from "../published/sigir20-table2.json" with { type: "json" };
import table3 from "../published/sigir20-table3.json" with { type: "json" };
import table4 from "../published/sigir20-table4.json" with { type: "json" };

/** Figures of a paper, in base units; null where the paper prints none. */
export interface Published {
  readonly title: string;
  /** Key of the paper in `exports/bibtex.ts`. */
  readonly source: string;
  /** Table or figure, section and pages. */
  readonly place: string;
  readonly conditions: string;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly method: string; readonly values: readonly (number | null)[] }[];
}

/** Where published figures are from, and under which conditions they hold. */
export function citationOf({ source, place, conditions }: Published): string {
  return `Published: ${source}, ${place}. ${conditions}.`;
}

/** What papers print, by the name of the preset that shows it. */
export const PUBLISHED: Readonly<Record<string, Published>> = {
  "sigir20-table1": table1,
  "sigir20-table2": table2,
  "sigir20-table3": table3,
  "sigir20-table4": table4,
  "sigir20-figure1": figure1,
  "sigir20-figure4": figure4,
  "sigir20-figure5": figure5,
  "sigir20-figure6": figure6,
  "plaid-table": plaid,
};
