import { badInput, type InputPlace, quote } from "../support/errors.ts";

/** What ends rows or columns in some format, or cannot be written as UTF-8; a byte-order mark is part of no id either. */
const FORBIDDEN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\ufeff]/u;

/** White space of any script: formats with columns split there. */
const BLANK = /\s/;

/** What is wrong with the id of a query or passage, in words; null where nothing is. Blanks inside are allowed. */
export function idFault(id: string): string | null {
  const bad = FORBIDDEN.exec(id)?.[0];
  if (bad !== undefined) {
    const code = bad.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
    return `the character U+${code} in the id ${quote(id)}`;
  }
  return id.trim() === "" ? (id === "" ? "an empty id" : "an id of nothing but blanks") : null;
}

/**
 * Checks an id where it is read.
 *
 * @returns the id
 * @throws {LatebenchError} for an id that is empty or blank, or holds control characters (tabs, line ends), half a surrogate pair or a
 *   byte-order mark
 */
export function checkId(id: string, place: InputPlace | string): string {
  const fault = idFault(id);
  if (fault !== null) throw badInput(place, fault, "an id without control characters");
  return id;
}

/**
 * Checks an id that is to be written in columns that blanks separate, as TREC's formats have them.
 *
 * @throws {LatebenchError} as {@link checkId}, and for blanks
 */
export function checkColumnId(id: string, place: InputPlace | string): string {
  checkId(id, place);
  if (BLANK.test(id)) {
    throw badInput(place, `a blank in the id ${quote(id)}`, "ids without blanks: run files separate columns by them");
  }
  return id;
}

/**
 * The id that a JSON value gives: a string, or a whole number that JSON's readers agree about.
 *
 * @returns null for anything else
 */
export function idOfJson(value: unknown): string | null {
  if (typeof value === "string") return value;
  return Number.isSafeInteger(value) ? String(value) : null;
}
