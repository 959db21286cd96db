import { soak } from "./soak.ts";

/** `deno task soak [MINUTES [SPEC]]`: see `soak.ts`. An hour unless told otherwise. */
const [minutes = "60", spec = "exhaustive"] = Deno.args;
const folder = Deno.makeTempDirSync();
const report = await soak(folder, spec, { seconds: 60 * Number(minutes), seed: Date.now() % 100_000 });
console.log(JSON.stringify(report));
Deno.removeSync(folder, { recursive: true });
const [before, after] = report.memory;
if (after > 1.3 * before || report.handles[1] > report.handles[0] + 8) Deno.exit(1);
