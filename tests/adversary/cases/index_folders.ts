import { join } from "node:path";
import type { Case, Expectation } from "../case.ts";
import { copyTree } from "../copy_tree.ts";
import { write } from "../world.ts";

const STORE = ["--store", "../../store", "--quiet"];
const USES: Readonly<Record<string, readonly string[]>> = {
  search: ["search", "--index", "i", "tea", ...STORE],
  doctor: ["doctor", "--index", "i", "--store", "../../store"],
  compact: ["index", "compact", "--index", "i", ...STORE],
  rebuild: ["index", "compact", "--rebuild", "--index", "i", ...STORE],
  add: ["index", "add", "--index", "i", "--collection", "../honest/more.tsv", ...STORE],
  delete: ["index", "delete", "--index", "i", "p1", ...STORE],
  convert: ["index", "convert", "i", "out", "--to", "colbert"],
};

/** Names that lead out of a folder, or mean something else than a file. */
const NAMES = [
  "../../outside",
  "/etc",
  "..",
  ".",
  "",
  "a/b",
  "segment-000001/../../../outside",
  "constructor",
  "x".repeat(300),
  "a\nb",
  "-rf",
];

/** Indexes whose settings and lists of files were written by somebody else: names that lead out, encoders from elsewhere, states. */
export function indexFolders(): Case[] {
  const manifests: readonly (readonly [string, Record<string, unknown>])[] = [
    ...[
      "hf:owner/name",
      "../outside",
      "/etc",
      "",
      "constructor",
      "builtin:dim=999999999",
      "x".repeat(5000),
      "\u001b[2J",
    ]
      .map((spec) => [`encoder ${JSON.stringify(spec).slice(0, 30)}`, { encoder: { spec, hash: "0" } }] as const),
    ...[
      "nope",
      "constructor",
      "plaid:nbits=1e9",
      "rerank:first=hf:a/b",
      "",
      "bm25:k1=1e999",
      "faiss-ivfpq:engine=faiss",
    ]
      .map((backend) => [`backend ${backend.slice(0, 30)}`, { backend }] as const),
    ...[-1, 1.5, 1e300, 2 ** 31, null, "1", "../../outside"].map((generation) =>
      [`generation ${generation}`, { generation }] as const
    ),
    ["encoder null", { encoder: null }],
    ["an unknown field", { nope: 1 }],
    ["dataset leads out", { dataset: "../../outside" }],
  ];
  const lists = NAMES.flatMap((name) =>
    [
      [`segment ${JSON.stringify(name).slice(0, 40)}`, "texts/updates.json", { segments: [name], deleted: {} }],
      [`segment of the index ${JSON.stringify(name).slice(0, 40)}`, "index/updates.json", {
        segments: [name],
        deleted: {},
      }],
      [`deleted of ${JSON.stringify(name).slice(0, 40)}`, "index/updates.json", {
        segments: [],
        deleted: { [name]: { bytes: 4, sha256: "0", passages: 1 } },
      }],
    ] as const
  );
  const both = ["exhaustive", "plaid"] as const;
  return [
    ...manifests.flatMap(([what, change]) =>
      both.flatMap((kind) =>
        ["search", "doctor", "add"].map((use) =>
          caseOf(kind, use, what, "either", (i) => edit(i, "search.json", change))
        )
      )
    ),
    ...lists.flatMap(([what, file, content]) =>
      both.flatMap((kind) =>
        ["search", "doctor", "compact", "delete"].map((use) =>
          caseOf(
            kind,
            use,
            what,
            "either",
            (i) => write(join(i, file), JSON.stringify({ format: "latebench-updates", ...content })),
          )
        )
      )
    ),
    ...both.flatMap((kind) => Object.keys(USES).flatMap((use) => states(kind, use))),
  ];
}

/** Indexes in states in which no command leaves them. */
function states(kind: string, use: string): Case[] {
  const files = ["index/index.json", "search.json", "texts/texts.bin", "texts/ids.json"];
  return [
    ...files.flatMap((file) => [
      caseOf(kind, use, `${file} is missing`, "refused", (i) => Deno.removeSync(join(i, file))),
      caseOf(kind, use, `${file} is empty`, "refused", (i) => write(join(i, file), "")),
      caseOf(kind, use, `${file} is a folder`, "refused", (i) => {
        Deno.removeSync(join(i, file));
        Deno.mkdirSync(join(i, file));
      }),
      caseOf(kind, use, `${file} is a link to itself`, "refused", (i) => {
        Deno.removeSync(join(i, file));
        Deno.symlinkSync(file.split("/").pop()!, join(i, file));
      }),
      caseOf(kind, use, `${file} is a FIFO`, "refused", (i) => {
        Deno.removeSync(join(i, file));
        Deno.symlinkSync("../../../odd/fifo", join(i, file.split("/")[0] === file ? "x" : file));
        if (!file.includes("/")) Deno.renameSync(join(i, "x"), join(i, file));
      }),
    ]),
    caseOf(kind, use, "index/ is a link to another", "either", (i) => {
      Deno.removeSync(join(i, "index"), { recursive: true });
      Deno.symlinkSync("../../honest/index-bm25/index", join(i, "index"));
    }),
    caseOf(kind, use, "texts/ is empty", "refused", (i) => {
      Deno.removeSync(join(i, "texts"), { recursive: true });
      Deno.mkdirSync(join(i, "texts"));
    }),
  ];
}

function caseOf(kind: string, use: string, what: string, expect: Expectation, change: (index: string) => void): Case {
  const args = USES[use];
  return {
    area: "index folders",
    name: `${use} ${kind}: ${what}`,
    args,
    // Foreign formats hold no texts, and doctor and convert read no more than they need.
    expect: ["search", "add"].includes(use) ? expect : "either",
    outputs: args[0] === "index" ? ["i", "i.lock", "out"] : [],
    prepare: (folder) => {
      copyTree(join(folder, "../honest", `index-${kind}`), join(folder, "i"));
      change(join(folder, "i"));
    },
  };
}

function edit(index: string, file: string, change: Record<string, unknown>): void {
  const path = join(index, file);
  write(path, JSON.stringify({ ...JSON.parse(Deno.readTextFileSync(path)), ...change }));
}
