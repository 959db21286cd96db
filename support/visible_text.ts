/**
 * What would steer a terminal, or show text in another order than it has: control characters (C0, DEL, C1), line and paragraph
 * separators, marks and overrides of the direction, halves of surrogate pairs.
 */
const HIDDEN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Text from a file as a terminal may show it: on one line, with control characters written as JSON writes them (`\u001b`, `\n`).
 *
 * @example
 * ```ts
 * visibleText("\u001b[2Jgone\n"); // "\\u001b[2Jgone\\n"
 * ```
 */
export function visibleText(text: string): string {
  return text.replace(HIDDEN, (character) => SHORT.get(character) ?? escaped(character));
}

/** The same for text that was put together of several lines and columns: line ends and tabs stay. */
export function visibleLines(text: string): string {
  return text.replace(
    HIDDEN,
    (character) => character === "\n" || character === "\t" ? character : visibleText(character),
  );
}

/**
 * JSON that a terminal may show: what JSON itself leaves as it is of the above is escaped too, so that it reads back as the same value.
 *
 * @param indent of inner levels; none: all on one line
 */
export function visibleJson(value: unknown, indent?: number): string {
  const json = JSON.stringify(value, null, indent);
  return json.replace(HIDDEN, (character) => character === "\n" ? character : escaped(character));
}

const SHORT: ReadonlyMap<string, string> = new Map([["\t", "\\t"], ["\n", "\\n"], ["\r", "\\r"]]);

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
