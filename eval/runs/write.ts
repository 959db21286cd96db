import type { Qrels, RankedPassage } from "../../datasets/dataset.ts";
import { checkColumnId, checkId } from "../../datasets/ids.ts";
import { formatRunMetadata } from "../../datasets/formats/runs/metadata.ts";
import type { RunFormat } from "../../datasets/formats/runs/reading.ts";
import { openPacked } from "../../support/compress.ts";
import { badInput, quote } from "../../support/errors.ts";

/** What a run file says besides the rankings. */
export interface RunDescription {
  /** Name of the system without blanks, for TREC's last column. */
  readonly tag?: string;
  /** YAML for an ir_metadata header; trec_eval 9 cannot read files that have one. */
  readonly metadata?: string;
}

/**
 * Writes a run: `trec` (`qid Q0 pid rank score tag`), `msmarco` (`qid \t pid \t rank`), `colbert` (`qid \t pid \t rank \t score`)
 * or `json` (`{"qid": {"pid": score}}`); packed where the name ends in `.gz` or `.zst`. Ranks count the lists' own order from 1, and
 * reading a score gives the number that was written.
 *
 * @throws {LatebenchError} for an id or tag that the format cannot hold (a blank in columns that blanks separate), and for a score that is
 *   no finite number: nothing is written then
 */
export function writeRun(
  path: string,
  run: Iterable<readonly [qid: string, ranking: readonly RankedPassage[]]>,
  format: RunFormat,
  { tag = "latebench", metadata }: RunDescription = {},
): void {
  const check = format === "json" ? checkId : checkColumnId;
  if (format === "trec") checkColumnId(tag, `${path}: tag`);
  writeTable(path, run, format === "json", metadata === undefined ? "" : formatRunMetadata(metadata), (qid, list) => {
    check(qid, path);
    for (const { id, score } of list) {
      check(id, path);
      if (!Number.isFinite(score)) throw badInput(path, `score ${score} of passage ${quote(id)}`, "finite scores");
    }
    return format === "json"
      ? jsonEntry(qid, list, ({ id, score }) => [id, score])
      : list.map((passage, i) => textRow(format, qid, passage, i + 1, tag)).join("");
  });
}

/** Writes judgements: `trec` (`qid 0 pid grade`) or `json` (`{"qid": {"pid": grade}}`); packed, and checked, as {@link writeRun} does. */
export function writeQrels(path: string, qrels: Qrels, format: "trec" | "json"): void {
  const check = format === "json" ? checkId : checkColumnId;
  writeTable(path, qrels, format === "json", "", (qid, grades) => {
    for (const id of [qid, ...grades.keys()]) check(id, path);
    return format === "json"
      ? jsonEntry(qid, [...grades], (pair) => pair)
      : Array.from(grades, ([pid, grade]) => `${qid} 0 ${pid} ${grade}\n`).join("");
  });
}

/** A system's name as the tag of a TREC run: blanks and control characters would make columns or rows of it. */
export function tagOf(system: string): string {
  return system.replace(/[\s\p{Cc}\p{Cs}\p{Zl}\p{Zp}\ufeff]+/gu, "_") || "_";
}

function textRow(format: RunFormat, qid: string, { id, score }: RankedPassage, rank: number, tag: string): string {
  switch (format) {
    case "trec":
      return `${qid} Q0 ${id} ${rank} ${score} ${tag}\n`;
    case "colbert":
      return `${qid}\t${id}\t${rank}\t${score}\n`;
    default:
      return `${qid}\t${id}\t${rank}\n`;
  }
}

/** One member of the outer object. An object's own order would put ids that are numbers first. */
function jsonEntry<T>(qid: string, items: readonly T[], pair: (item: T) => readonly [string, number]): string {
  const members = items.map((item) => {
    const [pid, value] = pair(item);
    return `${JSON.stringify(pid)}: ${value}`;
  });
  return `${JSON.stringify(qid)}: {${members.join(", ")}}`;
}

function writeTable<T>(
  path: string,
  table: Iterable<readonly [qid: string, value: T]>,
  json: boolean,
  head: string,
  entry: (qid: string, value: T) => string,
): void {
  using file = openPacked(path);
  const encoder = new TextEncoder();
  const write = (text: string) => file.write(encoder.encode(text));
  write(json ? "{" : head);
  let first = true;
  for (const [qid, value] of table) {
    write(json && !first ? `,\n ${entry(qid, value)}` : entry(qid, value));
    first = false;
  }
  if (json) write("}\n");
  file.commit();
}
