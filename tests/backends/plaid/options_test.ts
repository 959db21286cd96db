import { strictEqual, throws } from "node:assert/strict";
import { plaid } from "../../../backends/plaid/plaid.ts";
import { parseSpec } from "../../../backends/spec.ts";

Deno.test("options that do not go together are refused, and say why", () => {
  const cases = [
    ["nbits=4,pq=16", /give one of them/],
    ["pq=16,step=5", /give one of them/],
    ["pq=16,variant=vanilla", /give nbits/],
    ["step=5,variant=warp", /want nbits or pq/],
    ["step=5,variant=emvb", /want nbits or pq/],
    ["variant=warp,ndocs=100", /has no ndocs/],
    ["t_prime=100", /variant=warp/],
    ["variant=warp,term_threshold=0.4", /variant=emvb/],
    ["target_recall=0.9,ncells=2", /one or the other/],
    ["variant=warp,target_recall=0.9,t_prime=5", /one or the other/],
    ["nbits=3", /1, 2, 4 or 8/],
    ["step=0.1", /0\.5/],
  ] as const;
  for (const [options, message] of cases) throws(() => parseSpec(`plaid:${options}`, [plaid]), message);
  for (const options of ["pq=16,variant=emvb", "pq=16,variant=warp,t_prime=2000", "step=5,variant=int8", "nbits=4"]) {
    strictEqual(parseSpec(`plaid:${options}`, [plaid]).label.startsWith("plaid:"), true);
  }
});
