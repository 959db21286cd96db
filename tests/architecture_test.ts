import { deepStrictEqual } from "node:assert/strict";
import { dirname, join, relative, resolve } from "node:path";
import { fromFileUrl } from "../support/paths.ts";

const ROOT = fromFileUrl(new URL("../", import.meta.url));

/**
 * What each folder may import, besides itself and `support`: data flows from left to right, and imports never point back. Backends
 * are known to `commands` alone; `eval` knows their contract.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  support: [],
  datasets: [],
  encoders: ["datasets"],
  kernels: ["encoders/encoder.ts"],
  backends: ["datasets", "encoders", "kernels"],
  eval: ["datasets", "encoders", "backends/backend.ts"],
  reports: ["eval/results", "eval/metrics", "eval/comparison", "eval/significance"],
  bench: ["datasets", "encoders", "kernels", "backends", "eval", "reports"],
  commands: ["datasets", "encoders", "kernels", "backends", "eval", "reports", "bench"],
};

/** Files that may be longer than the cap, with the reason. */
const LONG_FILES: Readonly<Record<string, string>> = {};
const MAX_LINES = 400;
const FAISS = "backends/faiss_ivfpq/faiss_node";

Deno.test("imports point to the left only", () => {
  const wrong = sources().flatMap((file) => {
    const folder = file.split("/")[0];
    const allowed = MAY_IMPORT[folder];
    if (!allowed) return [];
    return importsOf(file).filter((target) => {
      return ![folder, "support", ...allowed].some((place) => target === place || target.startsWith(`${place}/`)) &&
        target !== "deno.json";
    }).map((target) => `${file} imports ${target}`);
  });
  deepStrictEqual(wrong, []);
});

Deno.test("a backend imports no other backend", () => {
  const families = new Set(["exhaustive", "rerank", "bm25", "plaid", "faiss_ivfpq", "fusion", "muvera"]);
  const wrong = sources().filter((file) => file.startsWith("backends/")).flatMap((file) => {
    const own = file.split("/")[1];
    if (!families.has(own)) return [];
    return importsOf(file).filter((target) => {
      const [top, family] = target.split("/");
      return top === "backends" && families.has(family) && family !== own;
    }).map((target) => `${file} imports ${target}`);
  });
  deepStrictEqual(wrong, []);
});

Deno.test("only deno task setup installs or compiles FAISS", () => {
  const importers = (name: string) => sources().filter((file) => importsOf(file).includes(`${FAISS}/${name}`));
  deepStrictEqual(importers("setup.ts").filter((file) => !file.startsWith("tests/")), ["commands/setup.ts"]);
  for (const name of ["compile.ts", "prebuilt.ts"]) {
    deepStrictEqual(importers(name).filter((file) => !file.startsWith("tests/")), [`${FAISS}/setup.ts`], name);
  }
});

Deno.test("files hold one idea: no default exports, no any, not too long", () => {
  const wrong = sources().flatMap((file) => {
    const text = Deno.readTextFileSync(join(ROOT, file));
    const lines = text.split("\n").length;
    return [
      ...lines > MAX_LINES && !LONG_FILES[file] ? [`${file}: ${lines} lines`] : [],
      .../^export default/m.test(text) ? [`${file}: default export`] : [],
      .../[:<|]\s*any\b(?!thing)/.test(text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "")) ? [`${file}: any`] : [],
    ];
  });
  deepStrictEqual(wrong, []);
});

/** `commands` are tested from end to end; `bench` is run by hand, as it needs a quiet machine and Python. */
const UNTESTED = new Set(["commands", "bench"]);

Deno.test("every folder's tests mirror it", () => {
  const folders = new Set(sources().map((file) => file.split("/")[0]).filter((folder) => folder in MAY_IMPORT));
  const tested = new Set([...Deno.readDirSync(join(ROOT, "tests"))].map(({ name }) => name));
  deepStrictEqual([...folders].filter((folder) => !UNTESTED.has(folder) && !tested.has(folder)), []);
});

function sources(): string[] {
  const folders = [...Object.keys(MAY_IMPORT), "."];
  return folders.flatMap((folder) => folder === "." ? ["main.ts", "mod.ts"] : walk(folder));
}

function walk(folder: string): string[] {
  return [...Deno.readDirSync(join(ROOT, folder))].flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) return walk(path);
    return /\.ts$/.test(entry.name) && !/\.as\.ts$/.test(entry.name) ? [path] : [];
  }).sort();
}

/** The project's own files that a file imports, relative to the root. */
function importsOf(file: string): string[] {
  const text = Deno.readTextFileSync(join(ROOT, file));
  return Array.from(text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g), ([, target]) => {
    return relative(ROOT, resolve(ROOT, dirname(file), target));
  });
}
