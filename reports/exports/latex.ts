import { type ExportCell, type ExportTable, exportTables } from "./export_table.ts";
import type { Source } from "../sources.ts";

/** LaTeX's own characters, and how text writes them. */
const SPECIAL: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "{": "\\{",
  "}": "\\}",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
  "#": "\\#",
  "$": "\\$",
  "%": "\\%",
  "&": "\\&",
  "_": "\\_",
  "–": "--",
  "×": "$\\times$",
  "±": "$\\pm$",
  "≤": "$\\leq$",
  "…": "\\ldots{}",
};

/** Text as LaTeX sets it. */
export function escapeLatex(text: string): string {
  return text.replace(/[\\{}~^#$%&_–×±≤…]/g, (character) => SPECIAL[character]);
}

/**
 * One `table*` for each topic set: booktabs, siunitx columns, the best value bold and the second underlined, significance as
 * superscripts, the conditions in the caption. Needs pdflatex and three packages, which a comment names.
 */
export function renderLatex(sources: readonly Source[]): string {
  const head = "% \\usepackage{booktabs}\n% \\usepackage{siunitx}\n% \\usepackage[T1]{fontenc}\n";
  return head + exportTables(sources).map(renderTable).join("\n");
}

function renderTable(table: ExportTable): string {
  const { dataset, topics, columns, rows, notes, queries } = table;
  const formats = columns.map((_, c) => columnFormat(rows.map(({ cells }) => cells[c])));
  const label = `${dataset}-${topics}`.replace(/[^A-Za-z0-9-]+/g, "-");
  const head = ["", "system", ...columns].map((title) => `{${escapeLatex(title)}}`).join(
    " & ",
  );
  const body = rows.map(({ letter, system, cells }) => {
    return [letter, `\\texttt{${escapeLatex(system)}}`, ...cells.map(renderCell)].join(" & ") + " \\\\";
  });
  const caption = `${dataset}, ${topics} (${queries} queries). ${notes.join("; ")}.`;
  return `\\begin{table*}
\\centering
\\small
\\caption{${escapeLatex(caption)}}
\\label{tab:${label}}
\\begin{tabular}{@{}ll${formats.join("")}@{}}
\\toprule
${head} \\\\
\\midrule
${body.join("\n")}
\\bottomrule
\\end{tabular}
\\end{table*}
`;
}

/** Room for the longest number, and for the longest superscript after it. */
function columnFormat(cells: readonly ExportCell[]): string {
  const parts = cells.filter(({ value }) => value !== null).map(({ text }) => text.split("."));
  const [whole, decimals] = [0, 1].map((part) => Math.max(0, ...parts.map((digits) => digits[part]?.length ?? 0)));
  const longest = cells.reduce((most, { beats }) => beats.length > most.length ? beats : most, "");
  const after = longest === "" ? "" : `,table-space-text-post={$^{\\mathrm{${longest}}}$}`;
  return `S[table-format=${Math.max(whole, 1)}.${decimals}${after}]`;
}

function renderCell({ value, text, best, second, tied, beats }: ExportCell): string {
  if (value === null) return "{--}";
  const after = beats === "" ? "" : `$^{\\mathrm{${beats}}}$`;
  if (!best && !second && !tied) return after === "" ? text : `${text} {${after}}`;
  const number = best ? `\\textbf{${text}}` : second ? `\\underline{${text}}` : text;
  return `{${tied ? "\\textasciitilde{}" : ""}${number}${after}}`;
}
