import { join } from "node:path";
import { packCodes, unpackCodes } from "../../../backends/plaid/index/codes.ts";
import { encodeList } from "../../../backends/plaid/index/gaps.ts";
import type { KernelChoice } from "../../../kernels/kernel.ts";
import { sha256File } from "../../../support/hash.ts";
import { isFile } from "../../../support/paths.ts";
import { randomValues } from "../../kernels/builds.ts";
import {
  content,
  fields,
  type FileName,
  get,
  headerFile,
  type HostileVariant,
  join8,
  type Json,
  lists,
  NAMES,
  put,
  readHeader,
  steps,
  sumFiles,
  words,
  writeHeader,
} from "./hostile_edits.ts";

export type { HostileVariant } from "./hostile_edits.ts";

/*
 * Indexes of somebody who wants to harm whoever searches them. Checksums are those of the files as they are: they protect from nobody.
 */

/** Numbers that are addresses of nothing. */
const NUMBERS: readonly unknown[] = [
  0,
  -1,
  1,
  0.5,
  255,
  65_536,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  2 ** 53 - 1,
  2 ** 53,
  1e308,
  -1e308,
  null,
  "7",
  true,
  [],
  {},
];

/** Fields of a header whose every other value is a contradiction, and those that nobody depends on. */
const FIELDS: readonly (readonly [field: string, outcome: HostileVariant["outcome"]])[] = [
  ...["dim", "partitions", "code_bytes", "passages", "tokens", "length_bytes"].map((field) =>
    [field, "refused"] as const
  ),
  ...["norms.least", "norms.step", "steps.width", "steps.rice", "settings.nbits", "settings.pq", "settings.step"].map(
    (field) => [field, "any"] as const,
  ),
  ...["average_residual", "added.tokens", "sample.passages", "settings.partitions", "settings.seed"].map(
    (field) => [field, "any"] as const,
  ),
];

/** Headers that contradict themselves, their files, or what numbers can be. */
function headerVariants(): HostileVariant[] {
  const single = FIELDS.flatMap(([field, outcome]) => [
    ...NUMBERS.map((value) => {
      return fields(`${field} = ${JSON.stringify(value)}`, "any", (header) => {
        return get(header, field) === undefined && value === null ? {} : { [field]: value };
      });
    }),
    ...[-1, 1].map((more) =>
      fields(
        `${field} ${more > 0 ? "+" : "−"} 1`,
        outcome,
        (header) => ({ [field]: Number(get(header, field)) + more }),
      )
    ),
  ]);
  const sizes = Object.keys(NAMES).flatMap((name) =>
    [0, -1, 7, 2 ** 31, 2 ** 53 - 1, 1e308, null].map((value) =>
      fields(`files.${name}.bytes = ${value}`, "any", { [`files.${name}.bytes`]: value })
    )
  );
  const arrays = ["cutoffs", "weights"].flatMap((field) => [
    fields(`${field}: none`, "any", { [field]: [] }),
    fields(`${field}: one more`, "refused", (header) => ({ [field]: [...header[field] as number[], 0] })),
    fields(`${field}: huge`, "any", (header) => ({ [field]: (header[field] as number[]).map(() => 3e38) })),
    fields(`${field}: no numbers`, "any", (header) => ({ [field]: (header[field] as number[]).map(() => null) })),
    fields(`${field}: a million`, "refused", { [field]: new Array(1e6).fill(0) }),
  ]);
  const kinds = [
    { "settings.nbits": 2, "settings.pq": 4 },
    { "settings.nbits": 2, "settings.step": 2 },
    { "settings.nbits": 3 },
    { "settings.nbits": undefined, "settings.pq": undefined, "settings.step": undefined },
    { "settings.nbits": undefined, "settings.pq": 7, "settings.step": undefined },
    { "settings.nbits": undefined, "settings.pq": 2 ** 20, "settings.step": undefined },
    { "settings.nbits": undefined, "settings.pq": 8, "settings.step": undefined, weights: [], cutoffs: [] },
    { "settings.nbits": undefined, "settings.step": 2, "steps": { width: 1, rice: 3 }, weights: [], cutoffs: [] },
    { "steps": { width: 1, rice: 64 } },
    { "steps": null },
    { "files.codebooks": { bytes: 0, sha256: "" } },
    { "files.residualSizes": { bytes: 0, sha256: "" } },
  ].map((change, i) => fields(`residuals of another kind, ${i}: ${JSON.stringify(change)}`, "any", change));
  return [...single, ...sizes, ...arrays, ...kinds];
}

/** Headers that fit their files, and yet are not those of the passages. */
function consistentLies(): HostileVariant[] {
  const grow = (folder: string, name: FileName, factor: number) => {
    const path = join(folder, NAMES[name]);
    if (!isFile(path)) return;
    const bytes = Deno.readFileSync(path);
    const out = new Uint8Array(Math.floor(bytes.length * factor));
    out.set(bytes.subarray(0, out.length));
    Deno.writeFileSync(path, out);
  };
  const dimensions = [0.5, 2, 8].map((factor): HostileVariant => ({
    name: `dim × ${factor}, with files that fit`,
    outcome: "refused",
    make(folder) {
      const header = readHeader(folder);
      const steps = isFile(join(folder, NAMES.residualSizes));
      for (const name of ["centroids", "codebooks", ...steps ? [] : ["residuals"]] as FileName[]) {
        grow(folder, name, factor);
      }
      put(header, "dim", header.dim as number * factor);
      const { pq } = header.settings as Json;
      if (pq !== undefined) put(header, "settings.pq", pq as number * factor);
      writeHeader(folder, header);
      sumFiles(folder);
    },
  }));
  const codes = (name: string, bytes: number, code: (code: number, partitions: number) => number): HostileVariant => ({
    name: `codes.bin: ${name}, in ${bytes} bytes`,
    outcome: "refused",
    make(folder) {
      const header = readHeader(folder);
      const partitions = header.partitions as number;
      const file = join(folder, NAMES.codes);
      const own = unpackCodes(Deno.readFileSync(file), header.code_bytes as number);
      Deno.writeFileSync(file, packCodes(own.map((one) => code(one, partitions)), bytes));
      put(header, "code_bytes", bytes);
      writeHeader(folder, header);
      sumFiles(folder);
    },
  });
  const more = (passages: number, tokens: number): HostileVariant => ({
    name: `${passages} passages and ${tokens} tokens more than there are, with files that fit`,
    outcome: "any",
    make(folder) {
      const header = readHeader(folder);
      const width = header.length_bytes as number;
      const pad = (name: FileName, bytes: number) => {
        const path = join(folder, NAMES[name]);
        Deno.writeFileSync(path, join8([Deno.readFileSync(path), new Uint8Array(bytes)]));
      };
      pad("lengths", passages * width);
      if (isFile(join(folder, NAMES.residualSizes))) pad("residualSizes", 4 * passages);
      pad("codes", tokens * (header.code_bytes as number));
      pad("norms", tokens);
      const ids = JSON.parse(Deno.readTextFileSync(join(folder, NAMES.ids)));
      for (let i = 0; i < passages; i++) ids.push(`more${i}`);
      Deno.writeTextFileSync(join(folder, NAMES.ids), JSON.stringify(ids));
      put(header, "passages", header.passages as number + passages);
      put(header, "tokens", header.tokens as number + tokens);
      writeHeader(folder, header);
      sumFiles(folder);
    },
  });
  return [
    ...dimensions,
    codes("the number of centroids", 1, (_, partitions) => partitions),
    codes("255", 1, () => 255),
    codes("65,535", 2, () => 65_535),
    codes("2^31 − 1", 4, () => 2 ** 31 - 1),
    codes("2^32 − 1", 4, () => -1),
    more(1, 0),
    more(33, 0),
    more(100_000, 0),
    more(0, 5),
    fields("partitions 256: every code fits, and the files do not", "refused", { partitions: 256 }),
  ];
}

/** Files that hold what loops must not believe. */
function contentVariants(): HostileVariant[] {
  const numbers = (of: number[]) => encodeList(Int32Array.from(of));
  const passages = (header: Json) => header.passages as number;
  const ascending = (count: number) => Array.from({ length: count }, (_, i) => i);
  const endless = (byte: number) => Uint8Array.of(3, 200, 1, ...new Array(5000).fill(byte));
  return [
    content("all 0xff", "any", "codes", (bytes) => void bytes.fill(255)),
    content("the last token's is beyond", "refused", "codes", (bytes) => void (bytes[bytes.length - 1] = 255)),
    content("one token longer", "refused", "lengths", (bytes) => void bytes[0]++),
    content("one token moved", "refused", "lengths", (bytes) => void (bytes[0]++, bytes[2]--)),
    content("all the largest", "refused", "lengths", (bytes) => void bytes.fill(255)),
    content("none", "refused", "lengths", (bytes) => void bytes.fill(0)),
    content(
      "2^31 tokens, and as many less",
      "refused",
      "lengths",
      (bytes, header) => {
        const lengths = new Uint16Array(bytes.buffer);
        const wide = Uint32Array.from(lengths);
        wide[0] = 2 ** 31;
        wide[1] = 2 ** 32 - 2 ** 31 + wide[1];
        put(header, "length_bytes", 4);
        return new Uint8Array(wide.buffer);
      },
      () => ({ length_bytes: 4 }),
    ),
    lists("none", "refused", () => new Uint8Array(0)),
    lists("no numbers in any", "refused", () => numbers([])),
    lists("all passages in all", "refused", (_, header) => numbers(ascending(passages(header)))),
    lists("one passage beyond", "refused", (_, header) => numbers([...ascending(passages(header)), passages(header)])),
    lists(
      "one passage beyond the last word",
      "refused",
      (_, header) => numbers([0, 32 * Math.ceil(passages(header) / 32)]),
    ),
    lists("a passage far beyond", "refused", () => numbers([0, 1_000_000, 2 ** 31 - 2])),
    lists("parameter 32", "refused", () => Uint8Array.of(32, 5, 255, 255, 255, 255, 255)),
    lists("parameter 63", "refused", () => Uint8Array.of(63, 5, 255, 255, 255, 255, 255)),
    lists("parameter 255", "refused", () => Uint8Array.of(255, 5, 255, 255, 255, 255, 255)),
    lists(
      "parameter 31, and numbers that overflow",
      "refused",
      () => Uint8Array.of(31, 100, ...new Array(500).fill(255)),
    ),
    lists("a count without an end", "refused", () => new Uint8Array(100).fill(255)),
    lists("a count of 2^35", "refused", () => Uint8Array.of(0, 255, 255, 255, 255, 127, 255)),
    lists(
      "a count of 2^28 in ten bytes",
      "refused",
      () => Uint8Array.of(0, 255, 255, 255, 127, ...new Array(10).fill(255)),
    ),
    lists("zeros without an end", "refused", () => endless(0)),
    lists("ones without an end", "refused", () => endless(255)),
    lists("a byte each", "refused", () => Uint8Array.of(1)),
    lists("cut off", "refused", (_, header) => numbers(ascending(passages(header))).subarray(0, 3)),
    lists("whatever", "refused", (cell) => Uint8Array.from({ length: 40 }, (_, i) => (cell * 97 + i * i * 31) & 255)),
    lists("ones, and ones behind them", "refused", () => endless(255), new Uint8Array(8).fill(255)),
    content("one larger, one smaller", "any", "listSizes", (bytes) => {
      const sizes = words(bytes);
      const at = sizes.findIndex((size) => size > 2);
      [sizes[at], sizes[at + 1]] = [sizes[at] - 2, sizes[at + 1] + 2];
    }),
    content("2^32 − 1", "refused", "listSizes", (bytes) => void words(bytes).fill(2 ** 32 - 1)),
    content("zero", "refused", "listSizes", (bytes) => void bytes.fill(0)),
    content("half of them", "refused", "listSizes", (bytes) => bytes.slice(0, 4 * Math.floor(bytes.length / 8))),
    content("seven bytes", "refused", "listSizes", (bytes) => bytes.slice(0, 7)),
    content("no padding", "refused", "lists", (bytes) => bytes.slice(0, bytes.length - 8)),
    content("empty", "refused", "lists", () => new Uint8Array(0)),
    steps("zeros", "refused", () => new Uint8Array(50)),
    steps("ones", "refused", () => new Uint8Array(50).fill(255)),
    steps("no bytes", "refused", () => new Uint8Array(0)),
    steps("a byte each", "any", (passage) => Uint8Array.of(passage & 255)),
    steps("whatever", "any", (passage) => Uint8Array.from({ length: 60 }, (_, i) => (passage * 89 + i * i * 57) & 255)),
    steps("a million steps in one place", "any", () => new Uint8Array(20_000).fill(0x11)),
    content("moved", "any", "residualSizes", (bytes) => void (words(bytes)[0]--, words(bytes)[1]++)),
    content("all in the first", "any", "residualSizes", (bytes) => {
      const sizes = words(bytes);
      const sum = sizes.reduce((all, size) => all + size, 0);
      sizes.fill(0)[0] = sum;
    }),
    content("2^32 − 1", "any", "residualSizes", (bytes) => void bytes.fill(255)),
    content("half", "any", "residuals", (bytes) => bytes.slice(0, bytes.length >> 1)),
    content("twice", "any", "residuals", (bytes) => join8([bytes, bytes])),
    content("all 0xff", "any", "residuals", (bytes) => void bytes.fill(255)),
    content("all 0xff", "any", "norms", (bytes) => void bytes.fill(255)),
    content("one more", "refused", "norms", (bytes) => join8([bytes, bytes.subarray(0, 1)])),
    content("a NaN", "refused", "centroids", (bytes) => void bytes.set([0, 0x7e], 0)),
    content("infinities", "refused", "centroids", (bytes) => {
      for (let at = 0; at < bytes.length; at += 2) bytes.set([0, 0x7c], at);
    }),
    content("all the largest", "any", "centroids", (bytes) => void new Uint16Array(bytes.buffer).fill(0x7bff)),
    content("zeros", "any", "centroids", (bytes) => void bytes.fill(0)),
    content("half", "refused", "centroids", (bytes) => bytes.slice(0, bytes.length >> 1)),
    content("NaNs", "any", "codebooks", (bytes) => void new Float32Array(bytes.buffer).fill(NaN)),
    content("infinities", "any", "codebooks", (bytes) => void new Float32Array(bytes.buffer).fill(-Infinity)),
    content("huge", "any", "codebooks", (bytes) => void new Float32Array(bytes.buffer).fill(3e38)),
    content("half", "any", "codebooks", (bytes) => bytes.slice(0, bytes.length >> 1)),
  ];
}

/** Ids, settings and folders that are not what they should be. */
function fileVariants(): HostileVariant[] {
  const write = (name: string, text: string | ((folder: string) => string)) => (folder: string) => {
    Deno.writeTextFileSync(join(folder, name), typeof text === "string" ? text : text(folder));
    sumFiles(folder);
  };
  const ids = (name: string, change: (ids: string[]) => unknown, outcome: HostileVariant["outcome"] = "refused") => ({
    name: `ids.json: ${name}`,
    outcome,
    make: write(
      NAMES.ids,
      (folder) => JSON.stringify(change(JSON.parse(Deno.readTextFileSync(join(folder, NAMES.ids))))),
    ),
  });
  const updates = (name: string, value: unknown, outcome: HostileVariant["outcome"] = "refused") => ({
    name: `updates.json: ${name}`,
    outcome,
    make: (folder: string) => Deno.writeTextFileSync(join(folder, "updates.json"), JSON.stringify(value)),
  });
  const format = "latebench-updates";
  const deleted = (name: string, bits: (words: number) => Uint32Array, passages: number): HostileVariant => ({
    name: `deleted.bin: ${name}`,
    outcome: "refused",
    make(folder) {
      const file = join(folder, "deleted.bin");
      const wordsOf = Math.ceil((readHeader(folder).passages as number) / 32);
      Deno.writeFileSync(file, new Uint8Array(bits(wordsOf).buffer));
      const state = { bytes: Deno.statSync(file).size, sha256: sha256File(file), passages };
      updates("", { format, segments: [], deleted: { "": state } }).make(folder);
    },
  });
  const gone = Object.values(NAMES).map((name): HostileVariant => ({
    name: `${name} is missing`,
    outcome: "any",
    make: (folder) => isFile(join(folder, name)) && Deno.removeSync(join(folder, name)),
  }));
  const folders = ["plaid.json", "updates.json", ...Object.values(NAMES)].map((name): HostileVariant => ({
    name: `${name} is a folder`,
    outcome: "any",
    make(folder) {
      if (isFile(join(folder, name))) Deno.removeSync(join(folder, name));
      Deno.mkdirSync(join(folder, name));
    },
  }));
  return [
    ids("one less", (all) => all.slice(1)),
    ids("one more", (all) => [...all, "more"]),
    ids("one twice", (all) => [all[1], ...all.slice(1)], "any"),
    ids("numbers", (all) => all.map((_, i) => i)),
    ids("nulls", (all) => all.map(() => null)),
    ids("lists", (all) => all.map((id) => [id])),
    ids("an object", (all) => ({ ...all, length: all.length })),
    ids("one of a million characters", (all) => ["x".repeat(1e6), ...all.slice(1)], "any"),
    ids("empty, and with line breaks", (all) => ["", "\n\t", ...all.slice(2)], "any"),
    {
      name: "ids.json: nested 100,000 deep",
      outcome: "refused",
      make: write(NAMES.ids, "[".repeat(1e5) + "]".repeat(1e5)),
    },
    { name: "ids.json: cut off", outcome: "refused", make: write(NAMES.ids, '["p0"') },
    {
      name: "plaid.json: cut off",
      outcome: "refused",
      make: (folder) => Deno.writeTextFileSync(headerFile(folder), '{"dim":'),
    },
    { name: "plaid.json: empty", outcome: "refused", make: (folder) => Deno.writeTextFileSync(headerFile(folder), "") },
    {
      name: "plaid.json: 20 MB of spaces",
      outcome: "refused",
      make: (folder) =>
        Deno.writeTextFileSync(headerFile(folder), " ".repeat(2e7) + JSON.stringify(readHeader(folder))),
    },
    {
      name: "plaid.json: nested 100,000 deep",
      outcome: "refused",
      make: (folder) => Deno.writeTextFileSync(headerFile(folder), '{"dim":'.repeat(1e5) + "1" + "}".repeat(1e5)),
    },
    fields("__proto__", "any", (header) => JSON.parse(`{"__proto__": ${JSON.stringify(header)}, "constructor": 1}`)),
    {
      name: "index.json: other passages",
      outcome: "any",
      make: (folder) => {
        const file = join(folder, "index.json");
        if (isFile(file)) {
          Deno.writeTextFileSync(
            file,
            JSON.stringify({ backend: "plaid", version: 1, passages: 2 ** 53 }),
          );
        }
      },
    },
    updates("nothing", null),
    updates("a segment that is not there", { format, segments: ["segment-000009"], deleted: {} }),
    updates("a segment twice", { format, segments: ["segment-000001", "segment-000001"], deleted: {} }),
    updates("a segment elsewhere", { format, segments: ["../segment-000001"], deleted: {} }),
    updates("100,000 segments", {
      format,
      segments: Array.from({ length: 1e5 }, (_, i) => `segment-${String(i).padStart(6, "0")}`),
      deleted: {},
    }),
    updates("deleted passages of nobody", {
      format,
      segments: [],
      deleted: { "segment-000007": { bytes: 4, sha256: "", passages: 1 } },
    }),
    updates("deleted passages that are not there", {
      format,
      segments: [],
      deleted: { "": { bytes: 4, sha256: "", passages: 1 } },
    }),
    deleted("bits beyond", (count) => new Uint32Array(count).fill(2 ** 32 - 1), 1),
    deleted("too short", (count) => new Uint32Array(count - 1), 0),
    deleted("another count", (count) => new Uint32Array(count).fill(1), 2 ** 40),
    ...["[]", "{}", "[null]", "[1e999]", '"x"'].map((text): HostileVariant => ({
      name: `metadata.json: ${text}`,
      outcome: "any",
      make: (folder) => Deno.writeTextFileSync(join(folder, "metadata.json"), text),
    })),
    ...gone,
    ...folders,
  ];
}

/** The same of a segment that was added, where there is one. */
function inSegment({ name, outcome, make }: HostileVariant): HostileVariant {
  return {
    name: `in a segment: ${name}`,
    outcome,
    make(folder) {
      const segment = [...Deno.readDirSync(folder)].find((entry) =>
        entry.isDirectory && entry.name.startsWith("segment-")
      );
      if (segment) make(join(folder, segment.name));
    },
  };
}

/** Variants of an honest index with one segment or more, by name. */
export function hostileVariants(): readonly HostileVariant[] {
  const all = [...headerVariants(), ...consistentLies(), ...contentVariants(), ...fileVariants()];
  const segments = [
    ...contentVariants(),
    ...FIELDS.slice(2, 6).flatMap(([field]) => {
      return [0, -1, 2 ** 31, 2 ** 53 - 1].map((value) => fields(`${field} = ${value}`, "any", { [field]: value }));
    }),
  ].filter(({ name }) => !/^(centroids|codebooks)/.test(name));
  return [...all, ...segments.map(inSegment)];
}

/** Indexes with some bytes changed at random, and checksums that fit. */
export function* mutations(count: number, seed: number): Generator<HostileVariant> {
  const random = randomValues(seed);
  const upTo = (most: number) => Math.floor((random() + 1) / 2 * most);
  for (let i = 0; i < count; i++) {
    yield {
      name: `mutation ${seed}.${i}`,
      outcome: "any",
      make(folder) {
        const all = [...Deno.readDirSync(folder)].filter(({ name, isFile }) => isFile && !name.startsWith("."));
        const { name } = all[upTo(all.length)];
        const path = join(folder, name);
        let bytes = Deno.readFileSync(path);
        for (let changes = 1 + upTo(4); changes > 0 && bytes.length > 0; changes--) {
          const at = upTo(bytes.length);
          const kind = upTo(5);
          if (kind === 0) bytes[at] = upTo(256);
          else if (kind === 1) bytes[at] ^= 1 << upTo(8);
          else if (kind === 2) bytes.fill(upTo(2) * 255, at, at + 1 + upTo(16));
          else if (kind === 3) bytes = bytes.slice(0, at);
          else bytes = join8([bytes.subarray(0, at), bytes.subarray(upTo(at), at), bytes.subarray(at)]);
        }
        Deno.writeFileSync(path, bytes);
        try {
          sumFiles(folder);
        } catch {
          // The header itself is broken.
        }
      },
    };
  }
}

/** What a process that uses hostile indexes is told. */
export interface HostileTask {
  /** The honest index. */
  readonly index: string;
  readonly dim: number;
  /** A folder for copies. */
  readonly room: string;
  readonly kernel: KernelChoice;
  /** Which variants: of the table, or, with a seed, which mutations. */
  readonly numbers: readonly number[];
  readonly seed?: number;
  /** Whether every way to search is tried, and not two of them. */
  readonly thorough: boolean;
}

/** Copies a folder with everything in it. */
export function copyFolder(from: string, to: string): void {
  Deno.mkdirSync(to, { recursive: true });
  for (const { name, isDirectory } of Deno.readDirSync(from)) {
    if (isDirectory) copyFolder(join(from, name), join(to, name));
    else Deno.copyFileSync(join(from, name), join(to, name));
  }
}
