import { join } from "node:path";
import { sha256 } from "../../../support/hash.ts";
import { bytes, editJson, type Fields, type Hostile, json, strange, sumOf } from "./files.ts";

/** What every index says of itself. */
const INDEX: readonly Hostile[] = [
  ...strange("index.json", "passages"),
  ...strange("index.json", "version"),
  json("index.json", "more fields", (fields) => fields.more = 1),
];

function fixBm25(folder: string): void {
  editJson(join(folder, "postings.json"), (fields) => {
    for (
      const [name, file] of [["terms", "terms.tsv"], ["postings", "postings.bin"], ["norms", "norms.bin"], [
        "ids",
        "ids.json",
      ]]
    ) {
      fields.sha256[name] = sumOf(join(folder, file)).sha256;
    }
  });
}

const terms = (name: string, change: (lines: string[]) => string[]) =>
  bytes("terms.tsv", name, (content) => {
    const lines = new TextDecoder().decode(content).trimEnd().split("\n");
    return new TextEncoder().encode(change(lines).join("\n") + "\n");
  }, fixBm25);

/** Hostile indexes of `bm25`. */
export const BM25: readonly Hostile[] = [
  ...INDEX,
  ...strange("postings.json", "total_terms"),
  ...strange("postings.json", "non_empty"),
  ...["1000000000", "-1", "NaN", "1e300", "", "0", "0.5"].flatMap((number) => [
    terms(`document frequency ${number}`, (lines) => lines.map((line) => line.replace(/\t\d+\t/, `\t${number}\t`))),
    terms(`first byte ${number}`, (lines) => lines.map((line) => line.replace(/\d+$/, number))),
  ]),
  terms("a term twice", (lines) => [lines[0], ...lines]),
  terms("backwards", (lines) => lines.toReversed()),
  terms("one column", (lines) => lines.map((line) => line.split("\t")[0])),
  terms("one term less", (lines) => lines.slice(0, -1)),
  bytes("postings.bin", "without an end", (all) => all.fill(0xff), fixBm25),
  bytes("postings.bin", "zeros", (all) => all.fill(0), fixBm25),
  bytes("postings.bin", "large passages", (all) => all.fill(0x7f), fixBm25),
  bytes("postings.bin", "cut off", (all) => all.subarray(0, all.length >> 1), fixBm25),
  bytes("postings.bin", "longer", (all) => new Uint8Array([...all, 1, 1]), fixBm25),
  bytes("norms.bin", "cut off", (all) => all.subarray(1), fixBm25),
  bytes("norms.bin", "empty", () => new Uint8Array(0), fixBm25),
  json("ids.json", "one less", (ids) => ids.pop(), fixBm25),
  json("ids.json", "one twice", (ids) => ids[1] = ids[0], fixBm25),
  json("ids.json", "half of a surrogate pair", (ids) => ids[1] = "\ud800", fixBm25),
  json("ids.json", "a number", (ids) => ids[1] = 7, fixBm25),
  json("ids.json", "a line break", (ids) => ids[1] = "a\nb", fixBm25),
];

function fixVectors(folder: string): void {
  const vectors = join(folder, "vectors");
  const shard = join(vectors, "shard-00000.json");
  editJson(join(vectors, "embeddings.json"), (fields) => fields.shard_sha256 = [sha256(Deno.readTextFileSync(shard))]);
}

/** Sets the checksum of a shard's rows, and that of its description. */
function fixRows(folder: string): void {
  const { sha256: sum } = sumOf(join(folder, "vectors", "shard-00000.rows"));
  editJson(join(folder, "vectors", "shard-00000.json"), (fields) => fields.rows_sha256 = sum);
  fixVectors(folder);
}

const SHARD = "vectors/shard-00000.json";
const ROWS = "vectors/shard-00000.rows";

/** Hostile vectors, as most indexes have them. */
export const VECTORS: readonly Hostile[] = [
  ...INDEX,
  ...["dim", "passages", "tokens", "shards", "encoder.dim", "version"].flatMap((field) =>
    strange("vectors/embeddings.json", field)
  ),
  ...strange(SHARD, "lengths.0", fixVectors),
  ...strange(SHARD, "ids.0", fixVectors),
  json(SHARD, "lengths that add up after a negative one", ({ lengths }) => {
    lengths[0] += 100;
    lengths[1] -= 100;
  }, fixVectors),
  json(SHARD, "one length less", ({ lengths }) => lengths[1] += lengths.shift(), fixVectors),
  json(SHARD, "one id less", ({ ids }) => ids.pop(), fixVectors),
  json(SHARD, "one id twice", ({ ids }) => ids[1] = ids[0], fixVectors),
  json(SHARD, "an empty id", ({ ids }) => ids[1] = "", fixVectors),
  json(SHARD, "no passages", (fields) => fields.ids = fields.lengths = [], fixVectors),
  bytes(ROWS, "cut off", (all) => all.subarray(0, 100), fixRows),
  bytes(ROWS, "empty", () => new Uint8Array(0), fixRows),
  bytes(ROWS, "NaNs", (all) => all.fill(0xff), fixRows),
  bytes(
    ROWS,
    "infinities",
    (all) => new Uint8Array(Uint16Array.from({ length: all.length / 2 }, () => 0x7c00).buffer),
    fixRows,
  ),
  {
    name: "no dimensions, and as many tokens as wanted",
    apply(folder) {
      editJson(join(folder, SHARD), ({ lengths }) => lengths.fill(1e9));
      Deno.writeFileSync(join(folder, ROWS), new Uint8Array(0));
      editJson(join(folder, "vectors/embeddings.json"), (fields) => {
        fields.dim = fields.encoder.dim = 0;
        fields.tokens = 60 * 1e9;
      });
      fixRows(folder);
    },
  },
  {
    name: "rows that are a link to a device",
    apply(folder) {
      Deno.removeSync(join(folder, ROWS));
      Deno.symlinkSync("/dev/zero", join(folder, ROWS));
    },
  },
];

function fixGuide(folder: string): void {
  editJson(join(folder, "guide.json"), (fields) => {
    for (const name of ["values", "scales", "bounds"]) fields[name] = sumOf(join(folder, `guide.${name}`));
  });
}

/** Hostile indexes of `exhaustive`. */
export const EXHAUSTIVE: readonly Hostile[] = [
  ...VECTORS,
  ...strange("guide.json", "width"),
  ...strange("guide.json", "values.bytes"),
  ...["values", "scales", "bounds"].flatMap((name) => [
    bytes(`guide.${name}`, "cut off", (all) => all.subarray(0, all.length >> 1), fixGuide),
    bytes(`guide.${name}`, "empty", () => new Uint8Array(0), fixGuide),
    bytes(`guide.${name}`, "all ones", (all) => all.fill(0xff), fixGuide),
    bytes(`guide.${name}`, "zeros", (all) => all.fill(0), fixGuide),
  ]),
  {
    name: "wider rows in a shorter file",
    apply(folder) {
      editJson(join(folder, "guide.json"), (fields) => fields.width = 1 << 20);
    },
  },
];

function fixMuvera(folder: string): void {
  editJson(join(folder, "muvera.json"), ({ files }) => {
    for (const name of ["values", "scales"]) files[name] = sumOf(join(folder, `fde.${name}`));
  });
}

/** Hostile indexes of `muvera`. */
export const MUVERA: readonly Hostile[] = [
  ...VECTORS,
  ...["dim", "dims", "settings.k_sim", "settings.d_proj", "settings.r_reps", "settings.d_final", "files.values.bytes"]
    .flatMap((field) => strange("muvera.json", field)),
  json("muvera.json", "encodings that fill the memory", ({ settings }) => {
    Object.assign(settings, { k_sim: 10, d_proj: 1 << 20, r_reps: 1 << 20 });
  }),
  json("muvera.json", "encodings that fill the memory before they are made short", ({ settings }) => {
    Object.assign(settings, { k_sim: 10, d_proj: 1024, r_reps: 4096 });
  }),
  ...["values", "scales"].flatMap((name) => [
    bytes(`fde.${name}`, "cut off", (all) => all.subarray(0, all.length >> 1), fixMuvera),
    bytes(`fde.${name}`, "empty", () => new Uint8Array(0), fixMuvera),
    bytes(`fde.${name}`, "all ones", (all) => all.fill(0xff), fixMuvera),
  ]),
];

/** Places of numbers in FAISS's file of an index over `dim` dimensions and `partitions` lists. */
function faissPlaces(dim: number, partitions: number, m: number) {
  const flat = 4 + 33 + 16;
  const centroids = flat + 4 + 33 + 8;
  const direct = centroids + 4 * partitions * dim;
  const codebooks = direct + 9 + 1 + 8 + 24 + 8;
  const lists = codebooks + 4 * 256 * dim;
  return {
    int32: { dim: 4, metric: 33, "flat dim": flat + 4 },
    int64: {
      total: 8,
      partitions: 37,
      nprobe: 45,
      "flat total": flat + 8,
      "centroid count": centroids - 8,
      "direct map": direct + 1,
      "code size": direct + 10,
      "pq dim": direct + 18,
      m: direct + 26,
      nbits: direct + 34,
      "codebook count": codebooks - 8,
      "list count": lists + 4,
      "list code size": lists + 12,
      "size count": lists + 24,
      "first size": lists + 32,
      "second size": lists + 40,
    },
    uint8: { trained: 32, "direct kind": direct, residual: direct + 9 },
    kind: lists + 20,
    end: lists + 32 + 8 * partitions,
    m,
  };
}

function faissFile(folder: string): string {
  return [...Deno.readDirSync(folder)].find(({ name }) => name.endsWith(".faiss"))!.name;
}

function fixFaiss(folder: string): void {
  const name = faissFile(folder);
  editJson(join(folder, "ivfpq.json"), ({ slices }) => Object.assign(slices[0], sumOf(join(folder, name))));
}

const faiss = (
  name: string,
  change: (view: DataView, places: ReturnType<typeof faissPlaces>, all: Uint8Array) => Uint8Array | void,
): Hostile => ({
  name: `*.faiss: ${name}`,
  apply(folder) {
    const path = join(folder, faissFile(folder));
    const all = Deno.readFileSync(path);
    const view = new DataView(all.buffer);
    const dim = view.getInt32(4, true);
    const partitions = Number(view.getBigInt64(37, true));
    const m = Number(view.getBigInt64(37 + 16 + 4 + 33 + 8 + 4 * partitions * dim + 9 + 1 + 16, true));
    Deno.writeFileSync(path, change(view, faissPlaces(dim, partitions, m), all) ?? all);
    fixFaiss(folder);
  },
});

const LONGS = [-1n, 0n, 1n, 7n, 1n << 31n, 1n << 40n, (1n << 62n) + 1n, -(1n << 63n)];
const FIELDS = faissPlaces(1, 1, 1);

/** Hostile indexes of `faiss-ivfpq`: FAISS's own reader ends the process for some of them. */
export const FAISS: readonly Hostile[] = [
  ...VECTORS,
  ...Object.keys(FIELDS.int64).flatMap((field) =>
    LONGS.map((value) =>
      faiss(`${field} ${value}`, (view, { int64 }) => view.setBigInt64(int64[field as keyof typeof int64], value, true))
    )
  ),
  ...Object.keys(FIELDS.int32).flatMap((field) =>
    [-1, 0, 1, 3, 1 << 20, 2 ** 31 - 1].map((value) =>
      faiss(`${field} ${value}`, (view, { int32 }) => view.setInt32(int32[field as keyof typeof int32], value, true))
    )
  ),
  ...Object.keys(FIELDS.uint8).flatMap((field) =>
    [0, 1, 2, 255].map((value) =>
      faiss(`${field} ${value}`, (view, { uint8 }) => view.setUint8(uint8[field as keyof typeof uint8], value))
    )
  ),
  faiss("sparse lists", (_, { kind }, all) => all.set(new TextEncoder().encode("sprs"), kind)),
  faiss("a size that another makes up for", (view, { int64 }) => {
    const at = int64["first size"];
    view.setBigInt64(at, view.getBigInt64(at, true) - 1000n, true);
    view.setBigInt64(at + 8, view.getBigInt64(at + 8, true) + 1000n, true);
  }),
  ...[-1n, 1n << 40n, 10_000n, 0n].map((value) =>
    faiss(`vectors numbered ${value}`, (view, { int64, end, m }) => {
      const size = Number(view.getBigInt64(int64["first size"], true)) ||
        Number(view.getBigInt64(int64["second size"], true));
      for (let i = 0; i < size; i++) view.setBigInt64(end + size * m + 8 * i, value, true);
    })
  ),
  faiss(
    "NaNs for centroids",
    (_, { int64 }, all) => all.fill(0xff, int64["centroid count"] + 8, int64["direct map"] - 1),
  ),
  faiss(
    "NaNs for codebooks",
    (_, { int64 }, all) => all.fill(0xff, int64["codebook count"] + 8, int64["list count"] - 4),
  ),
  faiss("cut off", (_view, _places, all) => all.subarray(0, all.length - 5)),
  faiss("only the beginning", (_view, _places, all) => all.subarray(0, 45)),
  faiss("longer", (_view, _places, all) => new Uint8Array([...all, 0])),
  faiss("empty", () => new Uint8Array(0)),
  ...["../../victim", "index.json", "vectors", "/etc/passwd", "", "ivfpq.8.faiss/../x"].map((name) =>
    json("ivfpq.json", `a slice named ${JSON.stringify(name)}`, ({ slices }) => slices[0].name = name)
  ),
  json("ivfpq.json", "no slices", (fields) => fields.slices = []),
  json("ivfpq.json", "the same slice twice", (fields) => fields.slices.push(fields.slices[0])),
];

/** Hostile neighbours and texts of `rerank`. */
export const RERANK: readonly Hostile[] = [
  ...VECTORS,
  ...[60, -2, 2 ** 31 - 1].map((number): Hostile =>
    bytes("neighbours.bin", `passage ${number}`, (all) => {
      new DataView(all.buffer).setInt32(0, number, true);
    }, fixNotes)
  ),
  bytes("neighbours.bin", "cut off", (all) => all.subarray(4), fixNotes),
  json(
    "first/ids.json",
    "an id that no passage has",
    (ids) => ids[0] = "nobody",
    (folder) => fixBm25(join(folder, "first")),
  ),
  ...BM25.map(({ name, apply }) => ({
    name: `first/${name}`,
    apply: (folder: string) => apply(join(folder, "first")),
  })),
];

/** Makes the notes of a folder right. */
export function fixNotes(folder: string): void {
  editJson(join(folder, "checksums.json"), ({ files }: Fields) => {
    for (const name of Object.keys(files)) files[name] = sumOf(join(folder, name));
  });
}

/** Hostile indexes of `fusion`. */
export const FUSION: readonly Hostile[] = [
  ...INDEX,
  json("ids.json", "one twice", (ids) => ids[1] = ids[0], fixNotes),
  json("ids.json", "one less", (ids) => ids.pop(), fixNotes),
  json("ids.json", "others", (ids) => ids.forEach((_: unknown, i: number) => ids[i] = `other ${i}`), fixNotes),
  {
    name: "a first system that is the whole",
    apply(folder) {
      Deno.removeSync(join(folder, "first"), { recursive: true });
      Deno.symlinkSync(".", join(folder, "first"));
    },
  },
];

const offsets = (name: string, change: (values: Float64Array) => void) =>
  bytes("texts.offsets", name, (all) => {
    change(new Float64Array(all.buffer));
  }, fixNotes);

/** Hostile folders of texts. */
export const TEXTS: readonly Hostile[] = [
  offsets("a NaN", (values) => values[1] = NaN),
  offsets("falling", (values) => values[1] = 1e6),
  offsets("negative", (values) => values[1] = -5),
  offsets("fractions", (values) => values[1] = 0.5),
  offsets("infinite", (values) => values.fill(Infinity)),
  offsets("from behind the beginning", (values) => values[0] = 3),
  offsets("huge", (values) => values.fill(2 ** 52, 1)),
  bytes("texts.offsets", "one less", (all) => all.subarray(8), fixNotes),
  bytes("texts.offsets", "half a number", (all) => all.subarray(4), fixNotes),
  bytes("texts.bin", "cut off", (all) => all.subarray(7), fixNotes),
  json("ids.json", "one more", (ids) => ids.push("more"), fixNotes),
  json("ids.json", "one twice", (ids) => ids[1] = ids[0], fixNotes),
  json("ids.json", "a tab", (ids) => ids[1] = "a\tb", fixNotes),
  ...strange("checksums.json", "files"),
];
