import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { inBatches } from "../../support/batches.ts";

Deno.test("calls of one moment run together, in groups, and keep their order", async () => {
  const groups: number[][] = [];
  const double = inBatches<number, number>(3, (group) => {
    groups.push([...group]);
    return Promise.resolve(group.map((n) => 2 * n));
  });
  deepStrictEqual(await Promise.all([1, 2, 3, 4, 5].map(double)), [2, 4, 6, 8, 10]);
  deepStrictEqual(groups, [[1, 2, 3], [4, 5]]);
  strictEqual(await double(6), 12);
  deepStrictEqual(groups.at(-1), [6]);
});

Deno.test("calls that come while a group runs wait for it", async () => {
  const groups: number[][] = [];
  let release = () => {};
  const act = inBatches<number, number>(8, async (group) => {
    groups.push([...group]);
    if (groups.length === 1) await new Promise<void>((resolve) => release = resolve);
    return group;
  });
  const first = act(1);
  await new Promise((resolve) => setTimeout(resolve));
  const rest = [act(2), act(3)];
  release();
  deepStrictEqual(await Promise.all([first, ...rest]), [1, 2, 3]);
  deepStrictEqual(groups, [[1], [2, 3]]);
});

Deno.test("a group that fails fails for all in it, and not for later ones", async () => {
  const act = inBatches<number, number>(2, (group) => {
    return group.includes(1) ? Promise.reject(new RangeError("no")) : Promise.resolve(group);
  });
  const calls = [1, 2, 3].map(act);
  await rejects(calls[0], RangeError);
  await rejects(calls[1], RangeError);
  strictEqual(await calls[2], 3);
});
