import { join } from "node:path";
import type { Case } from "../case.ts";
import { MODEL_FILES, write } from "../world.ts";
import { hostileContents, hostileTrees } from "./contents.ts";

const INDEX = [
  "index",
  "--collection",
  "../honest/c.tsv",
  "--backend",
  "exhaustive",
  "--index",
  "out",
  "--encoder",
  "m",
  "--store",
  "../../store",
  "--quiet",
];

/** Folders of models: the built-in one with one file that is missing, another, or hostile. */
export function models(): Case[] {
  const caseOf = (name: string, change: (folder: string) => void): Case => ({
    area: "models",
    name,
    args: INDEX,
    expect: "either",
    outputs: ["out", "out.lock"],
    prepare: (folder) => {
      Deno.mkdirSync(join(folder, "m"));
      for (const file of MODEL_FILES) Deno.linkSync(join(folder, "../honest/model", file), join(folder, "m", file));
      change(join(folder, "m"));
    },
  });
  const replace = (path: string, bytes: Uint8Array) => {
    Deno.removeSync(path); // it is a link to the sound one
    write(path, bytes);
  };
  const contents = Object.entries(hostileContents(new TextEncoder().encode('{"a": 1}\n')));
  return MODEL_FILES.flatMap((file) => [
    caseOf(`${file} is missing`, (m) => Deno.removeSync(join(m, file))),
    caseOf(`${file} is a FIFO`, (m) => {
      Deno.removeSync(join(m, file));
      Deno.symlinkSync("../../odd/fifo", join(m, file));
    }),
    caseOf(`${file} is a folder`, (m) => {
      Deno.removeSync(join(m, file));
      Deno.mkdirSync(join(m, file));
    }),
    ...(file.endsWith(".json") ? [...contents.slice(0, 8), ...Object.entries(hostileTrees())] : contents.slice(0, 12))
      .map(([what, bytes]) => caseOf(`${file} is ${what}`, (m) => replace(join(m, file), bytes))),
  ]);
}
