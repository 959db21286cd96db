import { parseArgs } from "node:util";
import { fromFileUrl } from "../../support/paths.ts";
import { attack } from "./adversary.ts";
import { describeCase, describeMutant, describeOutcomes } from "./describe_outcomes.ts";

/** The whole suite: see `README.md`. The exit code is 1 where anything failed. */
const { values } = parseArgs({
  args: Deno.args,
  options: {
    seed: { type: "string", default: "1" },
    "every-case": { type: "string", default: "1" },
    "every-process": { type: "string", default: "20" },
    mutants: { type: "string", default: "10000" },
    lanes: { type: "string", default: String(Math.min(4, navigator.hardwareConcurrency)) },
    write: { type: "boolean", default: false },
  },
});
const started = performance.now();
const folder = Deno.makeTempDirSync({ prefix: "latebench-adversary-" });
try {
  const outcomes = await attack(folder, {
    seed: Number(values.seed),
    everyCase: Number(values["every-case"]),
    everyProcess: Number(values["every-process"]),
    mutants: Number(values.mutants),
    lanes: Number(values.lanes),
  }, (outcome) => {
    if (outcome.failure !== null) {
      console.error("attempted" in outcome ? describeCase(outcome) : describeMutant(outcome));
    }
  });
  const table = describeOutcomes(outcomes);
  console.log(table);
  console.error(`${((performance.now() - started) / 1000).toFixed(0)} s`);
  if (values.write) Deno.writeTextFileSync(fromFileUrl(new URL("outcomes.md", import.meta.url)), table);
  const failed = [...outcomes.cases, ...outcomes.processes, ...outcomes.mutants].some(({ failure }) =>
    failure !== null
  );
  Deno.exitCode = failed ? 1 : 0;
} finally {
  Deno.removeSync(folder, { recursive: true });
}
