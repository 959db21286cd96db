import { type Exhibit, groupsOf } from "../presets/exhibit.ts";
import type { ExportCell, ExportRow, ExportTable } from "./export_table.ts";

/** A preset's table as papers print it: published rows cite, measured ones point to a note with data and machine. */
export function exhibitTable(exhibit: Exhibit): ExportTable {
  const { name, title, columns, published, notes } = exhibit;
  const places = [...new Set(exhibit.measured.map(({ where }) => where))];
  return {
    name,
    title,
    lead: ["method", "source"],
    columns: columns.map(({ title }) => title),
    groups: groupsOf(exhibit).map((group) => ({
      heading: group.published ? "published" : "measured",
      rows: group.rows.map(({ name, source, cells }): ExportRow => ({
        lead: [name, group.published ? { cite: source } : `(${places.indexOf(source) + 1})`],
        cells: cells.map((cell): ExportCell => ({
          value: cell?.value ?? null,
          text: cell?.text ?? "–",
          best: false,
          second: false,
          tied: false,
          beats: "",
        })),
      })),
    })),
    notes: [
      ...published ? [`published: ${published.place}; ${published.conditions}`] : [],
      ...places.map((place, i) => `(${i + 1}): ${place}`),
      ...notes.map((note) => note.replace(/\.$/, "")),
    ],
  };
}
