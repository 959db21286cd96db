import type { Source } from "../sources.ts";
import { type ExportCell, type ExportTable, exportTables } from "./export_table.ts";

/** GitHub's tables: the best value bold, the second underlined, significance as superscripts, the conditions below. */
export function renderMarkdown(sources: readonly Source[]): string {
  return exportTables(sources).map(renderTable).join("\n");
}

function renderTable({ dataset, topics, columns, rows, notes }: ExportTable): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return `### ${dataset} / ${topics}

${line(["", "system", ...columns])}
${line(["---", "---", ...columns.map(() => "---:")])}
${rows.map(({ letter, system, cells }) => line([letter, `\`${system}\``, ...cells.map(renderCell)])).join("\n")}

${notes.map((note) => `- ${note}`).join("\n")}
`;
}

function renderCell({ text, best, second, tied, beats }: ExportCell): string {
  const number = best ? `**${text}**` : second ? `<u>${text}</u>` : text;
  return `${tied ? "~" : ""}${number}${beats === "" ? "" : `<sup>${beats}</sup>`}`;
}
