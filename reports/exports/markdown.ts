import { visibleText } from "../../support/visible_text.ts";
import { type ExportCell, type ExportTable, isLetter, type Lead } from "./export_table.ts";

/** GitHub's tables: the best value bold, the second underlined, significance as superscripts, the conditions below. */
export function renderMarkdown(tables: readonly ExportTable[]): string {
  return tables.map(renderTable).join("\n");
}

/** Characters that would begin markup, a formula, an entity, a link or a cell; underscores do at the edge of a word only. */
const SPECIAL =
  /[\\`*[\]|~$]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|<(?=[\p{L}/!?])|&(?=[#\p{L}])|^[#+\-=>](?=\s|[#\-=>]|$)/gu;

/** Text as Markdown shows it, on one line, with no link, image or HTML in it. */
export function escapeMarkdown(text: string): string {
  const escaped = visibleText(text).replace(SPECIAL, (character) => `\\${character}`);
  return escaped.replace(/^(\d+)([.)])(?=\s)/, "$1\\$2").replace(/:(?=\/\/)|(?<=\bwww)\./gi, "\\$&");
}

/** Text as code; where bars or backticks would end it, as HTML whose punctuation is written in numbers. */
function codeSpan(text: string): string {
  const shown = visibleText(text);
  if (!/[`|]/.test(shown)) return `\`${shown}\``;
  return `<code>${shown.replace(/[!-\/:-@[-`{-~]/g, (character) => `&#${character.charCodeAt(0)};`)}</code>`;
}

function renderTable({ title, lead, columns, groups, notes }: ExportTable): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const body = groups.map(({ heading, rows }) =>
    [
      ...heading === null
        ? []
        : [line([`*${escapeMarkdown(heading)}*`, ...lead.slice(1).map(() => ""), ...columns.map(() => "")])],
      ...rows.map(({ lead, cells }) => line([...lead.map(renderLead), ...cells.map(renderCell)])),
    ].join("\n")
  ).join("\n");
  return `### ${escapeMarkdown(title)}

${line([...lead, ...columns].map(escapeMarkdown))}
${line([...lead.map(() => "---"), ...columns.map(() => "---:")])}
${body}

${notes.map((note) => `- ${escapeMarkdown(note)}`).join("\n")}
`;
}

function renderLead(lead: Lead): string {
  if (typeof lead !== "string") return `[${escapeMarkdown(lead.cite)}]`;
  return isLetter(lead) ? lead : codeSpan(lead);
}

function renderCell({ text, best, second, tied, beats }: ExportCell): string {
  const number = best ? `**${text}**` : second ? `<u>${text}</u>` : text;
  return `${tied ? "~" : ""}${number}${beats === "" ? "" : `<sup>${beats}</sup>`}`;
}
