/** Numbers that stand for ids: the same id has the same one, and two ids rarely do. */
export interface Fingerprints {
  /** Ids so far. */
  readonly size: number;
  add(id: string): void;
  /** The fingerprints that came more than once. */
  repeated(): ReadonlySet<number>;
  /** The fingerprint of an id. */
  of(id: string): number;
}

/** Collects fingerprints of 53 bits: of ten million ids, about one pair shares one by chance in a hundred collections. */
export function fingerprints(): Fingerprints {
  let values = new Float64Array(1 << 12);
  let size = 0;
  return {
    get size() {
      return size;
    },
    add(id) {
      if (size === values.length) {
        const larger = new Float64Array(2 * size);
        larger.set(values);
        values = larger;
      }
      values[size++] = fingerprint(id);
    },
    repeated() {
      const sorted = values.slice(0, size).sort();
      const found = new Set<number>();
      for (let i = 1; i < size; i++) if (sorted[i] === sorted[i - 1]) found.add(sorted[i]);
      return found;
    },
    of: fingerprint,
  };
}

/** Two FNV-1a hashes of 32 bits with different starts, 53 bits of them. */
function fingerprint(id: string): number {
  let low = 0x811c9dc5;
  let high = 0x9747b28c;
  for (let i = 0; i < id.length; i++) {
    const unit = id.charCodeAt(i);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit ^ (low >>> 15), 0x85ebca6b);
  }
  return ((high ^ (high >>> 13)) & 0x1fffff) * 2 ** 32 + (low >>> 0);
}
