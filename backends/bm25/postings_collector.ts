/** One term's postings, encoded. */
export interface EncodedPostings {
  readonly term: string;
  readonly documentFrequency: number;
  readonly bytes: Uint8Array;
}

/**
 * Collects postings in memory, 8 bytes each, passage after passage, and gives them back term after term. It holds the postings of
 * MS MARCO's 8.8 million passages in about 2.5 GB.
 */
export class PostingsCollector {
  readonly #numbers = new Map<string, number>();
  readonly #frequencies: number[] = [];
  #termOf = new Int32Array(1 << 16);
  #countOf = new Int32Array(1 << 16);
  #size = 0;
  /** First posting of each passage. */
  readonly #starts: number[] = [];

  /** Adds the next passage. */
  add(terms: readonly string[]): void {
    this.#starts.push(this.#size);
    const counts = new Map<number, number>();
    for (const term of terms) {
      let number = this.#numbers.get(term);
      if (number === undefined) {
        number = this.#numbers.size;
        this.#numbers.set(term, number);
        this.#frequencies.push(0);
      }
      counts.set(number, (counts.get(number) ?? 0) + 1);
    }
    this.#reserve(this.#size + counts.size);
    for (const [number, count] of counts) {
      this.#termOf[this.#size] = number;
      this.#countOf[this.#size++] = count;
      this.#frequencies[number]++;
    }
  }

  /** All terms in the order of their UTF-16 code units, with their postings in passage order. */
  *sorted(): Generator<EncodedPostings> {
    const offsets = new Int32Array(this.#frequencies.length + 1);
    this.#frequencies.forEach((frequency, term) => offsets[term + 1] = offsets[term] + frequency);
    const passages = new Int32Array(this.#size);
    const counts = new Int32Array(this.#size);
    const next = offsets.slice();
    this.#starts.forEach((start, passage) => {
      const end = this.#starts[passage + 1] ?? this.#size;
      for (let i = start; i < end; i++) {
        const at = next[this.#termOf[i]]++;
        passages[at] = passage;
        counts[at] = this.#countOf[i];
      }
    });
    for (const [term, number] of [...this.#numbers].sort(([a], [b]) => a < b ? -1 : 1)) {
      const from = offsets[number];
      const until = offsets[number + 1];
      const bytes = encode(passages.subarray(from, until), counts.subarray(from, until));
      yield { term, documentFrequency: until - from, bytes };
    }
  }

  #reserve(size: number): void {
    if (size <= this.#termOf.length) return;
    const grow = (old: Int32Array<ArrayBuffer>) => {
      const grown = new Int32Array(Math.max(size, 2 * old.length));
      grown.set(old);
      return grown;
    };
    this.#termOf = grow(this.#termOf);
    this.#countOf = grow(this.#countOf);
  }
}

function encode(passages: Int32Array, counts: Int32Array): Uint8Array {
  const bytes = new Uint8Array(passages.length * 10);
  let at = 0;
  let before = 0;
  const put = (value: number) => {
    for (; value > 127; value >>>= 7) bytes[at++] = value & 127 | 128;
    bytes[at++] = value;
  };
  for (let i = 0; i < passages.length; i++) {
    put(passages[i] - before);
    put(counts[i]);
    before = passages[i];
  }
  return bytes.subarray(0, at);
}
