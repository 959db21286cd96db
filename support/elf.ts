/** What an ELF file says that it is for (`e_machine`), by Deno's name of the CPU. */
const MACHINES: Readonly<Record<string, number>> = { x86_64: 62, aarch64: 183 };

const MAGIC = 0x7f454c46;
const HEADER_BYTES = 64;
const SECTION_BYTES = 64;
const SYMBOL_BYTES = 24;
/** `e_type` of a shared library, and `sh_type` of the table of what it exports. */
const ET_DYN = 3;
const SHT_DYNSYM = 11;

/** Part of a file. */
interface Section {
  readonly type: number;
  readonly from: number;
  readonly until: number;
  /** Number of the section that holds its names. */
  readonly link: number;
}

/**
 * Reads what a shared library defines, without loading it.
 *
 * @returns the names; null for a file that is no whole 64-bit little-endian ELF library of this machine's kind
 */
export function elfSymbols(bytes: Uint8Array): ReadonlySet<string> | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const sections = readSections(bytes, view);
  if (!sections) return null;
  const names = new Set<string>();
  for (const { type, from, until, link } of sections) {
    if (type !== SHT_DYNSYM) continue;
    const strings = sections[link];
    if (!strings || until > bytes.length || strings.until > bytes.length) return null;
    for (let at = from; at + SYMBOL_BYTES <= until; at += SYMBOL_BYTES) {
      const defined = view.getUint16(at + 6, true) !== 0;
      const start = strings.from + view.getUint32(at, true);
      const end = defined && start < strings.until ? bytes.indexOf(0, start) : -1;
      if (end >= 0 && end < strings.until) names.add(new TextDecoder().decode(bytes.subarray(start, end)));
    }
  }
  return names;
}

function readSections(bytes: Uint8Array, view: DataView): Section[] | null {
  const isElf = bytes.length >= HEADER_BYTES && view.getUint32(0) === MAGIC && bytes[4] === 2 && bytes[5] === 1;
  if (!isElf || view.getUint16(16, true) !== ET_DYN) return null;
  const machine = MACHINES[Deno.build.arch];
  if (machine !== undefined && view.getUint16(18, true) !== machine) return null;
  const number = (at: number) => Number(view.getBigUint64(at, true));
  const first = number(40);
  const count = view.getUint16(60, true);
  const whole = first + count * SECTION_BYTES <= bytes.length; // compilers write the table of sections last
  if (view.getUint16(58, true) !== SECTION_BYTES || count === 0 || !whole) return null;
  return Array.from({ length: count }, (_, index) => {
    const at = first + index * SECTION_BYTES;
    const from = number(at + 24);
    const size = number(at + 32);
    return { type: view.getUint32(at + 4, true), from, until: from + size, link: view.getUint32(at + 40, true) };
  });
}
