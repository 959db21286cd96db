import { join } from "node:path";
import { spreadRandom } from "../spread_random.ts";
import type { Case } from "../case.ts";
import { mutateBytes, mutateJson } from "../indexes/mutate.ts";
import { write } from "../world.ts";

const MUTANTS = 60;
/** Names that HTML, LaTeX, CSV and Markdown give a meaning, and terminals and paths. */
const NAMES = [
  ...[
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "=HYPERLINK(0)",
    "+1",
    "-1",
    "@SUM(1)",
    "\\input{/etc/passwd}",
  ],
  ...[
    "| a | b |",
    "`x`",
    "../../outside/precious",
    "/etc/passwd",
    "a\nb",
    "\u001b[2J",
    "\u202egnp.exe",
    "constructor",
    "__proto__",
    "",
  ],
  ...[" ", "a+b.run", "a b.run", "💥", "\ud800", "x".repeat(300), "%", "$", "CON", ".", ".."],
] as const;
const FORMATS = ["html", "latex", "markdown", "csv", "json", "bibtex"] as const;

/** Results files: sound ones with small injuries, and with names that other languages understand. */
export function resultsFiles(seed: number): Case[] {
  const uses: readonly (readonly string[])[] = [
    ...FORMATS.map((format) => ["report", "r", "--format", format, "--out", "out"]),
    ["compare", "r"],
    ["report", ".", "--site", "out"],
  ];
  const injured = Array.from({ length: MUTANTS }, (_, i): Case => ({
    area: "results",
    name: `injury ${i}`,
    args: uses[i % uses.length],
    expect: "either",
    outputs: ["out"],
    prepare(folder) {
      const random = spreadRandom(`results ${seed} ${i}`);
      const below = (n: number) => Math.floor(random() * n);
      const sound = Deno.readFileSync(join(folder, "../honest/results/results.json"));
      const [, bytes] = i % 4 === 0 ? mutateBytes(sound, below) : mutateJson(sound, below);
      write(join(folder, "r/results.json"), bytes);
    },
  }));
  const named = NAMES.flatMap((name) =>
    uses.map((args): Case => ({
      area: "results",
      name: `called ${JSON.stringify(name).slice(0, 40)}`,
      args,
      expect: "either",
      outputs: ["out"],
      prepare: (folder) => write(join(folder, "r/results.json"), renamed(folder, name)),
    }))
  );
  return [...injured, ...named];
}

/** The sound results with another name of the system, the data set, a query and a passage. */
function renamed(folder: string, name: string): string {
  const text = Deno.readTextFileSync(join(folder, "../honest/results/results.json"));
  const quoted = JSON.stringify(name);
  return ["bm25", "small", "q1", "p1"].reduce((all, old) => all.replaceAll(`"${old}"`, () => quoted), text);
}
