import { join } from "node:path";
import type { Case, Expectation } from "../case.ts";
import { copyTree } from "../copy_tree.ts";
import { SMALL } from "../honest_files.ts";
import { write } from "../world.ts";

const STORE = ["--store", "../../store", "--quiet"];

/** Commands that write a folder, with `TARGET` in its place. */
const WRITERS: Readonly<Record<string, readonly string[]>> = {
  "build-car": ["data", "build-car", "docs", "--out", "TARGET"],
  "index": ["index", "--collection", "docs/c.tsv", "--backend", "bm25", "--index", "TARGET", ...STORE],
  "index --force": [
    "index",
    "--collection",
    "docs/c.tsv",
    "--backend",
    "bm25",
    "--index",
    "TARGET",
    "--force",
    ...STORE,
  ],
  "convert": ["index", "convert", "../honest/index-plaid", "TARGET", "--to", "colbert"],
  "convert --force": ["index", "convert", "../honest/index-plaid", "TARGET", "--to", "colbert", "--force"],
  "eval": ["eval", "--dataset", "data", "--backend", "bm25", "--latency", "off", "--out", "TARGET", ...STORE],
  "eval --force": [
    "eval",
    "--dataset",
    "data",
    "--backend",
    "bm25",
    "--latency",
    "off",
    "--out",
    "TARGET",
    "--force",
    ...STORE,
  ],
  "site": ["report", "../honest/results", "--site", "TARGET"],
  "submission": [
    ...["report", "../honest/results", "--format", "msmarco", "--system", "bm25", "--id", "20260101-x", "--team", "t"],
    ...["--out", "TARGET"],
  ],
  "v1": ["v1", "index", "--collection", "docs/c.tsv", "--index", "TARGET", ...STORE],
};

/** Targets that are the user's own, what is put there, and whether a command that replaces folders must refuse. */
const TARGETS: readonly (readonly [what: string, target: string, make: (folder: string) => void])[] = [
  ["the user's folder", "mine", (folder) => write(join(folder, "mine/precious.txt"), "mine\n")],
  ["a folder with a hidden file", "mine", (folder) => write(join(folder, "mine/.precious"), "mine\n")],
  ["a file", "mine/precious.txt", (folder) => write(join(folder, "mine/precious.txt"), "mine\n")],
  ["the source", "docs", () => {}],
  ["inside the source", "docs/out", () => {}],
  ["above the source", ".", () => {}],
  ["above all", "..", () => {}],
  ["the data set", "data", () => {}],
  ["a way around the source", "docs/../docs", () => {}],
  ["a link to the user's folder", "link", (folder) => Deno.symlinkSync("../outside", join(folder, "link"))],
  ["a link to the source", "link", (folder) => Deno.symlinkSync("docs", join(folder, "link"))],
  ["a link to nothing", "link", (folder) => Deno.symlinkSync("../outside/new", join(folder, "link"))],
  ["a link to itself", "link", (folder) => Deno.symlinkSync("link", join(folder, "link"))],
  ["below a link", "link/new", (folder) => Deno.symlinkSync("../outside", join(folder, "link"))],
  ["below a file", "mine/precious.txt/out", (folder) => write(join(folder, "mine/precious.txt"), "mine\n")],
  ["beside the old temporary name", "out", (folder) => write(join(folder, "out.partial/precious.txt"), "mine\n")],
  [
    "beside a link of the old temporary name",
    "out",
    (folder) => Deno.symlinkSync("../outside", join(folder, "out.partial")),
  ],
  ["beside a folder of the lock's name", "out", (folder) => write(join(folder, "out.lock/precious.txt"), "mine\n")],
  ["a name of 255 bytes", "n".repeat(255), () => {}],
  ["a name of 256 bytes", "n".repeat(256), () => {}],
  ["a name with a line break", "a\nb", () => {}],
  ["a name like an option", "./--force", () => {}],
];

/** Folders that are the user's: as targets, around sources, behind links. */
export function folders(): Case[] {
  return [
    ...Object.entries(WRITERS).flatMap(([writer, args]) =>
      TARGETS.map(([what, target, make]): Case => ({
        area: "folders",
        name: `${writer}: ${what}`,
        args: args.map((arg) => arg === "TARGET" ? target : arg),
        expect: "either",
        outputs: outputsOf(writer, target),
        prepare: (folder) => {
          sources(folder);
          make(folder);
        },
      }))
    ),
    ...marked(),
  ];
}

/** What a target may become. A command that only adds files may write into any folder that it is given. */
function outputsOf(writer: string, target: string): string[] {
  const adds = /^(eval|site|submission)/.test(writer);
  if (target === "link/new") return ["../outside/new", "../outside/new.lock"]; // what the link's path is of
  if (target === "link") {
    return adds ? ["link", "../outside", "docs"] : ["link", "../outside/new", "../outside/new.lock"];
  }
  if (target === "mine") return adds ? ["mine"] : [];
  if (["out", "docs/out", "a\nb", "./--force"].includes(target) || target.length >= 255) {
    const own = target.replace(/^\.\//, "");
    return [own, `${own}.lock`];
  }
  return adds ? [".", ...target === ".." ? [".."] : []] : [];
}

/** Sources whose files are all the user's own. */
function sources(folder: string): void {
  write(join(folder, "docs/precious-tea.md"), SMALL["docs/tea.md"]);
  write(join(folder, "docs/precious.txt"), "mine\n");
  write(join(folder, "docs/c.tsv"), SMALL["c.tsv"]);
  for (const name of ["dataset.yaml", "c.tsv", "q.tsv", "qrels"]) {
    write(join(folder, "data", name), SMALL[`data/${name}`]);
  }
}

/** Folders that latebench made: replaced where that is asked for, and else not. */
function marked(): Case[] {
  const again = (
    name: string,
    args: readonly string[],
    expect: Expectation,
    outputs: readonly string[],
    extra = false,
  ): Case => ({
    area: "folders",
    name,
    args,
    expect,
    outputs,
    prepare: (folder) => {
      sources(folder);
      copyTree(join(folder, "../honest/index-bm25"), join(folder, "out"));
      if (extra) write(join(folder, "out/precious.txt"), "mine\n");
    },
  });
  return [
    again("index over an index", WRITERS.index.map((arg) => arg === "TARGET" ? "out" : arg), "refused", ["out.lock"]),
    again(
      "index --force over an index",
      WRITERS["index --force"].map((arg) => arg === "TARGET" ? "out" : arg),
      "accepted",
      ["out", "out.lock"],
    ),
    again("convert over an index", WRITERS.convert.map((arg) => arg === "TARGET" ? "out" : arg), "refused", []),
    again("build-car over an index", WRITERS["build-car"].map((arg) => arg === "TARGET" ? "out" : arg), "refused", []),
  ];
}
