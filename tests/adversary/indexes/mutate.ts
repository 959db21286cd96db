import { readdirSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../../../support/hash.ts";

/** Bytes of all files of a folder by path, in order of path. */
export type Files = Map<string, Uint8Array>;

/** One mutation of an index. */
export interface Mutation {
  /** Path within the index. */
  readonly file: string;
  /** What was done, for the report. */
  readonly how: string;
  /** Whether checksums and sizes that name the file were computed anew, as an attacker does. */
  readonly resealed: boolean;
  /** Whether the file keeps its time, as bit rot does. */
  readonly keepsTime: boolean;
  /** The files that differ from the honest index. */
  readonly changed: Files;
}

/** Reads all files of a folder, except what begins with a dot: records of opening, and locks. */
export function readFiles(folder: string): Files {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  return new Map(paths.sort().map((path) => [path, Deno.readFileSync(join(folder, path))]));
}

/** Draws one mutation. Small files are taken as often as large ones. */
export function mutate(honest: Files, random: () => number): Mutation {
  const below = (n: number) => Math.floor(random() * n);
  const paths = [...honest.keys()];
  const file = paths[below(paths.length)];
  const before = honest.get(file)!;
  const [how, after] = file.endsWith(".json") && below(2) === 0
    ? mutateJson(before, below)
    : mutateBytes(before, below);
  const resealed = below(2) === 0;
  const changed: Files = new Map([[file, after]]);
  if (resealed) reseal(honest, changed);
  return { file, how, resealed, keepsTime: below(2) === 0, changed };
}

/** Bytes flipped, zeroed, cut off, appended, doubled, swapped, or set to what numbers overflow at. */
export function mutateBytes(before: Uint8Array, below: (n: number) => number): [how: string, after: Uint8Array] {
  const size = before.length;
  const at = below(size + 1);
  const span = 1 + below(Math.max(1, Math.min(64, size - at)));
  switch (below(8)) {
    case 0: {
      const after = before.slice();
      if (at < size) after[at] ^= 1 << below(8);
      return [`one bit of byte ${at} flipped`, after];
    }
    case 1:
      return [`${span} bytes from ${at} zeroed`, before.slice().fill(0, at, at + span)];
    case 2:
      return [`${span} bytes from ${at} set to 255`, before.slice().fill(255, at, at + span)];
    case 3:
      return [`cut off at ${at}`, before.slice(0, at)];
    case 4: {
      const tail = Uint8Array.from({ length: 1 + below(5000) }, () => below(256));
      return [`${tail.length} bytes appended`, joined([before, tail])];
    }
    case 5:
      return [`${span} bytes from ${at} doubled`, joined([before.subarray(0, at + span), before.subarray(at)])];
    case 6: {
      const middle = below(at + 1);
      return [
        `parts before ${middle} and ${at} swapped`,
        joined([before.subarray(middle, at), before.subarray(0, middle), before.subarray(at)]),
      ];
    }
    default: {
      const after = before.slice();
      const word = below(Math.max(1, Math.floor(size / 4)));
      const values = [0x7fffffff, 0x80000000, 0xffffffff, 0x7fc00000, 0xff800000, 1, 0x10000, 0x00ff00ff];
      const value = values[below(values.length)];
      if (size >= 4) new DataView(after.buffer).setUint32(4 * word, value, true);
      return [`32-bit word ${word} set to ${value}`, after];
    }
  }
}

/** Values that stand at the edges of what a reader may expect. */
const EDGES: readonly unknown[] = [
  ...[0, -1, 1, 2, 7, 1.5, 255, 65536, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53, 1e300, null, true],
  ...["", "../../outside", "/etc/passwd", "constructor", "__proto__", "a\nb", "\ud800", "x".repeat(300)],
  ...[[], {}, [[[[]]]], { __proto__: 1 }],
];

/** One value of a JSON file replaced, removed or repeated; other bytes where it is no JSON. */
export function mutateJson(before: Uint8Array, below: (n: number) => number): [how: string, after: Uint8Array] {
  const root = { value: JSON.parse(new TextDecoder().decode(before)) as unknown };
  const slots = slotsOf(root);
  const { holder, key, path } = slots[below(slots.length)];
  const value = holder[key];
  const kind = below(6);
  let how = `${path} := `;
  if (kind === 0 && typeof value === "number") {
    const near = [value + 1, value - 1, 2 * value, -value, Math.floor(value / 2), value * 2 ** 20][below(6)];
    holder[key] = near;
    how += near;
  } else if (kind === 1 && path !== "") {
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else delete holder[key];
    how = `${path} removed`;
  } else if (kind === 2 && Array.isArray(value) && value.length > 0) {
    value.push(value[below(value.length)]);
    how = `an entry of ${path} repeated`;
  } else if (kind === 3 && Array.isArray(value) && value.length > 1) {
    value.reverse();
    how = `${path} reversed`;
  } else {
    const edge = EDGES[below(EDGES.length)];
    holder[key] = edge;
    how += JSON.stringify(edge)?.slice(0, 40);
  }
  return [how, new TextEncoder().encode(JSON.stringify(root.value))];
}

interface Slot {
  readonly holder: Record<string, unknown>;
  readonly key: string;
  readonly path: string;
}

/** Every place of a JSON value; of long lists the ends. */
function slotsOf(root: { value: unknown }): Slot[] {
  const slots: Slot[] = [];
  const visit = (holder: Record<string, unknown>, key: string, path: string) => {
    slots.push({ holder, key, path });
    const value = holder[key];
    if (typeof value !== "object" || value === null) return;
    const keys = Object.keys(value);
    for (const inner of keys.length > 12 ? [...keys.slice(0, 4), ...keys.slice(-2)] : keys) {
      visit(value as Record<string, unknown>, inner, `${path}.${inner}`);
    }
  };
  visit(root as Record<string, unknown>, "value", "");
  return slots;
}

/**
 * Puts the checksums and sizes of changed files into all JSON files that name the old ones, over and over, since those have
 * checksums too.
 */
export function reseal(honest: Files, changed: Files): void {
  for (let round = 0; round < 4; round++) {
    const news = new Map<string, { readonly hash: string; readonly was: number; readonly is: number }>();
    for (const [path, bytes] of changed) {
      const before = honest.get(path);
      if (before) news.set(sha256(before), { hash: sha256(bytes), was: before.length, is: bytes.length });
    }
    let touched = false;
    for (const [path, before] of honest) {
      if (!path.endsWith(".json")) continue;
      const text = new TextDecoder().decode(changed.get(path) ?? before);
      let next = text;
      for (const [old, { hash, was, is }] of news) {
        if (!next.includes(old)) continue;
        next = resealText(next, old, hash, was, is);
      }
      if (next === text) continue;
      changed.set(path, new TextEncoder().encode(next));
      touched = true;
    }
    if (!touched) return;
  }
}

/** Within the object that holds the checksum, the size is mended too. */
function resealText(text: string, old: string, hash: string, was: number, is: number): string {
  return text.split(old).map((part, i, parts) => {
    if (i === parts.length - 1) return part;
    const from = part.lastIndexOf("{");
    return part.slice(0, from) + part.slice(from).replace(new RegExp(`("bytes":\\s*)${was}\\b`), `$1${is}`);
  }).join(hash);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
