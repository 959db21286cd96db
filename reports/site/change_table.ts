import { formatBytes, formatMs, formatScore } from "../format.ts";
import { columnsOf, type Content, figure, type TableColumn, words } from "../table.ts";
import type { Change, History, Verdict } from "./history.ts";

/** One change, as a row. */
export interface ChangeRow {
  readonly verdict: Verdict;
  readonly cells: readonly Content[];
}

/** The columns of such rows. */
export const CHANGE_COLUMNS: readonly TableColumn[] = columnsOf(
  words("runs"),
  words("figure"),
  "before",
  "after",
  "p",
  words("verdict"),
);

/** What changed from each run of a system to the next. */
export function changeRows({ entries }: Pick<History, "entries">): ChangeRow[] {
  return entries.flatMap(({ source, changes }, i) =>
    changes.map((change): ChangeRow => {
      const format = formatOf(change);
      return {
        verdict: change.verdict,
        cells: [
          `${entries[i - 1].source.name} → ${source.name}`,
          change.what,
          figure(change.before, format),
          figure(change.after, format),
          figure(change.p, (p) => p.toFixed(4)),
          change.verdict,
        ],
      };
    })
  );
}

function formatOf({ what }: Change): (value: number) => string {
  return what === "median ms" ? formatMs : what === "index bytes" ? formatBytes : formatScore;
}
