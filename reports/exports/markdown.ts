import type { ExportCell, ExportTable, Lead } from "./export_table.ts";

/** GitHub's tables: the best value bold, the second underlined, significance as superscripts, the conditions below. */
export function renderMarkdown(tables: readonly ExportTable[]): string {
  return tables.map(renderTable).join("\n");
}

function renderTable({ title, lead, columns, groups, notes }: ExportTable): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const body = groups.map(({ heading, rows }) =>
    [
      ...heading === null ? [] : [line([`*${heading}*`, ...lead.slice(1).map(() => ""), ...columns.map(() => "")])],
      ...rows.map(({ lead, cells }) => line([...lead.map(renderLead), ...cells.map(renderCell)])),
    ].join("\n")
  ).join("\n");
  return `### ${title}

${line([...lead, ...columns])}
${line([...lead.map(() => "---"), ...columns.map(() => "---:")])}
${body}

${notes.map((note) => `- ${note}`).join("\n")}
`;
}

function renderLead(lead: Lead): string {
  if (typeof lead !== "string") return `[${lead.cite}]`;
  return lead.length > 1 ? `\`${lead}\`` : lead;
}

function renderCell({ text, best, second, tied, beats }: ExportCell): string {
  const number = best ? `**${text}**` : second ? `<u>${text}</u>` : text;
  return `${tied ? "~" : ""}${number}${beats === "" ? "" : `<sup>${beats}</sup>`}`;
}
