import { type ExportCell, type ExportTable, isLetter, type Lead } from "./export_table.ts";
import { visibleText } from "../../support/visible_text.ts";

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

/** Text as LaTeX sets it, on one line: a line end would end a paragraph, and a control character the run. */
export function escapeLatex(text: string): string {
  return visibleText(text).replace(/[\\{}~^#$%&_–×±≤…]/g, (character) => SPECIAL[character]);
}

/**
 * A `table*` each: booktabs, siunitx columns, the best value bold and the second underlined, significance as superscripts, the
 * conditions in the caption. Needs pdflatex and three packages, which a comment names; figures of papers cite these
 * (`report --format bibtex` has the entries).
 */
export function renderLatex(tables: readonly ExportTable[]): string {
  const head = "% \\usepackage{booktabs}\n% \\usepackage{siunitx}\n% \\usepackage[T1]{fontenc}\n";
  return head + tables.map(renderTable).join("\n");
}

function renderTable(table: ExportTable): string {
  const { name, title, lead, columns, groups, notes } = table;
  const rows = groups.flatMap(({ rows }) => rows);
  const formats = columns.map((_, c) => columnFormat(rows.map(({ cells }) => cells[c])));
  const label = name.replace(/[^A-Za-z0-9-]+/g, "-");
  const head = [...lead, ...columns].map((title) => `{${escapeLatex(title)}}`).join(
    " & ",
  );
  const width = lead.length + columns.length;
  const body = groups.map(({ heading, rows }) =>
    [
      ...heading === null ? [] : [`\\multicolumn{${width}}{@{}l}{\\emph{${escapeLatex(heading)}}} \\\\`],
      ...rows.map(({ lead, cells }) => [...lead.map(renderLead), ...cells.map(renderCell)].join(" & ") + " \\\\"),
    ].join("\n")
  ).join("\n\\midrule\n");
  const caption = `${title}. ${notes.join("; ")}.`;
  return `\\begin{table*}
\\centering
\\small
\\caption{${escapeLatex(caption)}}
\\label{tab:${label}}
\\begin{tabular}{@{}${"l".repeat(lead.length)}${formats.join("")}@{}}
\\toprule
${head} \\\\
\\midrule
${body}
\\bottomrule
\\end{tabular}
\\end{table*}
`;
}

function renderLead(lead: Lead): string {
  if (typeof lead !== "string") return `\\cite{${lead.cite}}`;
  return isLetter(lead) ? lead : `\\texttt{${escapeLatex(lead)}}`;
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
