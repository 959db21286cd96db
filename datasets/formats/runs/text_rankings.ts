import { badInput, quote } from "../../../support/errors.ts";
import { readLineBlocks } from "../../../support/lines.ts";
import { checkId } from "../../ids.ts";
import { type FaultKind, reportFault } from "./faults.ts";
import { parseInteger, parseNumber } from "./numbers.ts";
import { RankedRows } from "./ranked_rows.ts";
import type { RunFormat, RunReading } from "./reading.ts";

/** Where the columns of a row are, and what a row looks like in an error message. */
interface Layout {
  readonly width: number;
  readonly pid: number;
  readonly rank: number;
  /** −1: there is no score column. */
  readonly score: number;
  readonly expected: string;
}

const LAYOUTS: Readonly<Record<Exclude<RunFormat, "json">, Layout>> = {
  trec: { width: 6, pid: 2, rank: 3, score: 4, expected: "qid, Q0, pid, rank, finite score, tag" },
  msmarco: { width: 3, pid: 1, rank: 2, score: -1, expected: "qid, tab, pid, tab, rank from 1" },
  colbert: { width: 4, pid: 1, rank: 2, score: 3, expected: "qid, pid, rank from 1, finite score" },
};

const LINE_END = 0x0a;
const COMMENT = 0x23;
const BLANK = 0x20;
const MAX_COLUMNS = 7;

/**
 * Streams the rankings of a text run file, in the file's order of queries; {@link readRankings} says what may be relied on.
 */
export function* readTextRankings(file: string, reading: RunReading): Generator<RankedRows> {
  const rows = new RankedRows();
  const closed = new Set<string>();
  const reader = new RowReader(file, reading, (qid, line) => {
    if (closed.has(qid)) return null;
    closed.add(qid);
    rows.start(qid, line);
    return rows;
  });
  for (const block of readLineBlocks(file)) {
    for (let at = 0; at <= block.length;) {
      at = reader.read(block, at);
      if (at > block.length) break;
      if (rows.size > 0) yield rows;
      if (reader.open(block, at)) continue;
      reading.faults?.clear();
      yield* readScattered(file, reading);
      return;
    }
  }
  if (rows.size > 0) yield rows;
}

/** The same for a file whose rows are not grouped by query: all of it has to be held. */
function* readScattered(file: string, reading: RunReading): Generator<RankedRows> {
  const all = new Map<string, RankedRows>();
  const reader = new RowReader(file, reading, (qid, line) => {
    let rows = all.get(qid);
    if (!rows) {
      all.set(qid, rows = new RankedRows());
      rows.start(qid, line);
    }
    return rows;
  });
  for (const block of readLineBlocks(file)) {
    for (let at = reader.read(block, 0); at <= block.length; at = reader.read(block, at)) reader.open(block, at);
  }
  for (const rows of all.values()) if (rows.size > 0) yield rows;
}

/** Takes rows apart, one query after another. */
class RowReader {
  #line = 0;
  #layout: Layout | undefined;
  #qid: Uint8Array = new Uint8Array(0);
  #rows: RankedRows | null = null;
  #wanted = false;
  readonly #starts = new Int32Array(MAX_COLUMNS);
  readonly #ends = new Int32Array(MAX_COLUMNS);
  #columns = 0;

  /** `rowsOf` gives the place for a query's rows, or null where the query cannot be taken up (again). */
  constructor(
    readonly file: string,
    readonly reading: RunReading,
    readonly rowsOf: (qid: string, line: number) => RankedRows | null,
  ) {
    if (reading.format && reading.format !== "json") this.#layout = LAYOUTS[reading.format];
  }

  /** Reads rows from byte `at` on, up to the first one of another query: its place, or beyond the end of the block. */
  read(block: Uint8Array, at: number): number {
    while (at <= block.length) {
      const next = this.#split(block, at);
      if (this.#columns > 0 && !(block[at] === COMMENT && this.reading.comments !== false)) {
        if (!this.#sameQuery(block)) return at;
        this.#line++;
        if (this.#wanted) this.#take(block, at, next - 1);
        else this.#unknownTopic();
      } else this.#line++;
      at = next;
    }
    return at;
  }

  /** Makes the query of the row at `at` the one that is read; says no where it cannot be. */
  open(block: Uint8Array, at: number): boolean {
    this.#split(block, at);
    this.#qid = block.slice(this.#starts[0], this.#ends[0]);
    const qid = checkId(decode(this.#qid, this.file, this.#line + 1), { file: this.file, line: this.#line + 1 });
    this.#rows = this.rowsOf(qid, this.#line + 1);
    this.#wanted = this.reading.topics?.has(qid) ?? true;
    return this.#rows !== null;
  }

  /** Finds the columns of the line at `at`; the byte after the line end comes back. */
  #split(block: Uint8Array, at: number): number {
    const starts = this.#starts;
    const ends = this.#ends;
    const length = block.length;
    let columns = 0;
    while (at < length && block[at] !== LINE_END) {
      if (block[at] <= BLANK) {
        at++;
        continue;
      }
      const start = at;
      do at++; while (at < length && block[at] > BLANK);
      if (columns < MAX_COLUMNS) {
        starts[columns] = start;
        ends[columns++] = at;
      }
    }
    this.#columns = columns;
    return at + 1;
  }

  #sameQuery(block: Uint8Array): boolean {
    const start = this.#starts[0];
    const length = this.#ends[0] - start;
    if (length !== this.#qid.length) return false;
    for (let i = 0; i < length; i++) if (block[start + i] !== this.#qid[i]) return false;
    return true;
  }

  #take(block: Uint8Array, start: number, end: number): void {
    const layout = this.#layout ??= this.#findLayout();
    const wide = this.#columns > layout.width && !this.reading.extraColumns;
    if (this.#columns < layout.width || wide) return this.#unreadable("malformed row", block.subarray(start, end));

    const rows = this.#rows!;
    const checked = layout.score < 0 || this.reading.ranks !== "ignored";
    const rank = checked ? parseInteger(block, this.#starts[layout.rank], this.#ends[layout.rank]) : 0;
    if (Number.isNaN(rank) || (rank < 1 && layout.width < 6)) {
      return this.#unreadable("bad rank", block.subarray(start, end));
    }
    const score = layout.score < 0 || this.reading.by === "rank"
      ? -rank
      : parseNumber(block, this.#starts[layout.score], this.#ends[layout.score]);
    if (Number.isNaN(score)) return this.#unreadable("bad score", block.subarray(start, end));
    const from = this.#starts[layout.pid];
    const to = this.#ends[layout.pid];
    if (checked && rows.size > 0) this.#checkRank(rank, score, layout.width < 6);
    if (!rows.add(block, from, to, score)) {
      const pid = decode(block.subarray(from, to), this.file, this.#line);
      return reportFault(this.reading.faults, {
        kind: "duplicate passage",
        place: this.#place(),
        found: `passage ${pid} twice for query ${rows.qid}`,
        expected: "each passage once",
      });
    }
    rows.lastRank = rank;
  }

  #unreadable(kind: FaultKind, row: Uint8Array): void {
    const found = quote(decode(row, this.file, this.#line).trim());
    reportFault(this.reading.faults, { kind, place: this.#place(), found, expected: this.#layout!.expected });
  }

  /** Ranks must rise down the file and scores must not; a TREC run may have the same rank in all rows. */
  #checkRank(rank: number, score: number, strictly: boolean): void {
    const rows = this.#rows!;
    const before = rows.lastRank;
    const place = this.#place();
    if (rank < before || (strictly && rank === before)) {
      const found = `rank ${rank} after rank ${before} in query ${rows.qid}`;
      return reportFault(this.reading.faults, { kind: "rank order", place, found, expected: "ranks that rise" });
    }
    const last = rows.scores[rows.size - 1];
    if (rank > before && score > last) {
      const found = `score ${score} at rank ${rank} after ${last} at rank ${before} in query ${rows.qid}`;
      reportFault(this.reading.faults, { kind: "rank order", place, found, expected: "scores that do not rise" });
    }
  }

  #unknownTopic(): void {
    const qid = decode(this.#qid, this.file, this.#line);
    reportFault(this.reading.faults, {
      kind: "unknown topic",
      place: this.#place(),
      found: `query ${qid}, which is not among the topics`,
      expected: "a known query",
    });
  }

  #findLayout(): Layout {
    for (const layout of Object.values(LAYOUTS)) if (layout.width === this.#columns) return layout;
    const columns = `${this.#columns} columns`;
    throw badInput(this.#place(), columns, "3 (MS MARCO), 4 (ColBERT) or 6 (TREC)");
  }

  #place(): { file: string; line: number } {
    return { file: this.file, line: this.#line };
  }
}

function decode(bytes: Uint8Array, file: string, line: number): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw badInput({ file, line }, "invalid UTF-8", "UTF-8 text");
  }
}
