/** Walks over zstd data as it comes in pieces, to know where its frames end (RFC 8878, section 3.1). */
export interface FrameWalker {
  /**
   * Goes on from byte `at` of a piece.
   *
   * @returns the byte after the first end of a frame, or the piece's length
   * @throws {Error} for what is no zstd
   */
  next(piece: Uint8Array, at: number): number;
  /** Whether it stands between two frames. */
  readonly between: boolean;
}

const MAGIC = 0xfd2fb528;
const SKIPPABLE = 0x184d2a5; // without its last four bits
const DICTIONARY_BYTES = [0, 1, 2, 4];

/** Starts before the first frame. */
export function walkFrames(): FrameWalker {
  type Field = "magic" | "skippable size" | "descriptor" | "block";
  const width = { magic: 4, "skippable size": 4, descriptor: 1, block: 3 };
  let field: Field = "magic";
  let value = 0;
  let read = 0;
  /** Bytes to pass over before the next field. */
  let skip = 0;
  let checksum = 0;
  let lastBlock = false;

  const take = () => {
    switch (field) {
      case "magic":
        if (value === MAGIC) return "descriptor";
        if (value >>> 4 !== SKIPPABLE) throw new Error("no zstd frame where one should begin");
        return "skippable size";
      case "skippable size":
        skip = value;
        lastBlock = true;
        checksum = 0;
        return "block";
      case "descriptor": {
        const singleSegment = (value >> 5) & 1;
        const sizeFlag = value >> 6;
        const sizeBytes = sizeFlag === 0 ? singleSegment : 1 << sizeFlag;
        skip = 1 - singleSegment + DICTIONARY_BYTES[value & 3] + sizeBytes;
        checksum = (value >> 2) & 1 ? 4 : 0;
        lastBlock = false;
        return "block";
      }
      case "block": {
        lastBlock = (value & 1) === 1;
        const type = (value >> 1) & 3;
        if (type === 3) throw new Error("a block of reserved type");
        skip = (type === 1 ? 1 : value >>> 3) + (lastBlock ? checksum : 0);
        return "block";
      }
    }
  };
  return {
    next(piece, at) {
      while (at < piece.length) {
        if (skip > 0) {
          const passed = Math.min(skip, piece.length - at);
          skip -= passed;
          at += passed;
        } else {
          value += piece[at++] * 2 ** (8 * read++);
          if (read < width[field]) continue;
          field = take();
          value = read = 0;
        }
        if (skip > 0 || !lastBlock || field !== "block") continue;
        field = "magic";
        lastBlock = false;
        return at;
      }
      return at;
    },
    get between() {
      return field === "magic" && read === 0 && skip === 0;
    },
  };
}
