import { ok } from "node:assert/strict";
import { soak } from "../../soak/soak.ts";
import { temporaryFolder } from "../../fixtures/temporary.ts";

/** Seconds for each: `deno task soak` takes an hour, or as long as it is told. */
const SECONDS = 8;

for (const spec of ["plaid:ncells=2,ndocs=12,partitions=8", "exhaustive"]) {
  Deno.test(`${spec}: searched, changed and killed at random for ${SECONDS} s`, async () => {
    using temporary = temporaryFolder();
    const { orders, kills, searches } = await soak(temporary.path, spec, { seconds: SECONDS, seed: 7 });
    // How many there are depends on the machine; that all is well after each is what the soak itself looks at.
    ok(orders > 0 && searches > 0, JSON.stringify({ orders, kills, searches }));
  });
}
