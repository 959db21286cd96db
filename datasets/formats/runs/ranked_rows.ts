/**
 * One query's rows of a run, as they stand in the file: scores as numbers, passage ids as bytes. Seven million rows pass through one
 * of these without a string for each.
 */
export class RankedRows {
  qid = "";
  /** Line of the first row; 0 where the file has no lines (JSON). */
  line = 0;
  size = 0;
  /** Rank column of the last row, for the reader that compares it with the next. */
  lastRank = 0;
  scores: Float64Array = new Float64Array(64);
  #hashes = new Int32Array(64);
  /** Row i's id is bytes `#ends[i]` to `#ends[i + 1]`. */
  #ends = new Uint32Array(65);
  #bytes = new Uint8Array(512);
  /** Open addressing: row + 1, or 0. Never more than half full. */
  #slots = new Int32Array(128);

  /** Starts a new query in the same memory. */
  start(qid: string, line: number): void {
    this.qid = qid;
    this.line = line;
    this.size = 0;
    this.#slots.fill(0);
  }

  /** Appends a row; says no, and leaves it out, where the query has that passage already. */
  add(source: Uint8Array, start: number, end: number, score: number): boolean {
    const row = this.size;
    if (row === this.scores.length) this.#growRows();
    const from = this.#ends[row];
    const to = from + end - start;
    if (to > this.#bytes.length) this.#growBytes(to);
    const bytes = this.#bytes;
    let mixed = FNV_OFFSET;
    for (let i = start, j = from; i < end; i++, j++) {
      bytes[j] = source[i];
      mixed = Math.imul(mixed ^ source[i], FNV_PRIME);
    }
    const hash = folded(mixed);
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (let other = this.#slots[slot]; other !== 0; other = this.#slots[slot = (slot + 1) & mask]) {
      if (this.#hashes[other - 1] === hash && this.#holds(other - 1, source, start, end)) return false;
    }
    this.#slots[slot] = row + 1;
    this.#hashes[row] = hash;
    this.#ends[row + 1] = to;
    this.scores[row] = score;
    this.size = row + 1;
    return true;
  }

  /** {@link hashBytes} of a row's id. */
  hash(row: number): number {
    return this.#hashes[row];
  }

  /** A row's passage id. */
  id(row: number): string {
    return decoder.decode(this.#bytes.subarray(this.#ends[row], this.#ends[row + 1]));
  }

  /** Byte order of two rows' ids, as `strcmp` has it. */
  compareIds(a: number, b: number): number {
    let i = this.#ends[a];
    let j = this.#ends[b];
    while (i < this.#ends[a + 1] && j < this.#ends[b + 1]) {
      const difference = this.#bytes[i++] - this.#bytes[j++];
      if (difference !== 0) return difference;
    }
    return (this.#ends[a + 1] - i) - (this.#ends[b + 1] - j);
  }

  #holds(row: number, source: Uint8Array, start: number, end: number): boolean {
    let at = this.#ends[row];
    if (this.#ends[row + 1] - at !== end - start) return false;
    for (let i = start; i < end; i++) if (this.#bytes[at++] !== source[i]) return false;
    return true;
  }

  #growRows(): void {
    const rows = 2 * this.size;
    this.scores = enlarged(this.scores, new Float64Array(rows));
    this.#hashes = enlarged(this.#hashes, new Int32Array(rows));
    this.#ends = enlarged(this.#ends, new Uint32Array(rows + 1));
    this.#slots = new Int32Array(2 * rows);
    const mask = this.#slots.length - 1;
    for (let row = 0; row < this.size; row++) {
      let slot = this.#hashes[row] & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = row + 1;
    }
  }

  #growBytes(needed: number): void {
    this.#bytes = enlarged(this.#bytes, new Uint8Array(Math.max(needed, 2 * this.#bytes.length)));
  }
}

/** FNV-1a, 32 bits, as {@link RankedRows} has it. */
export function hashBytes(bytes: Uint8Array): number {
  let mixed = FNV_OFFSET;
  for (const byte of bytes) mixed = Math.imul(mixed ^ byte, FNV_PRIME);
  return folded(mixed);
}

const FNV_OFFSET = 0x811c9dc5 | 0;
const FNV_PRIME = 0x01000193;

/** Lets the high bits take part in the slot number. */
function folded(hash: number): number {
  return hash ^ (hash >>> 15);
}

const decoder = new TextDecoder();

function enlarged<T extends Float64Array | Int32Array | Uint32Array | Uint8Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}
