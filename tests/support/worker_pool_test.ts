import { deepStrictEqual, ok, rejects } from "node:assert/strict";
import { startWorkerPool } from "../../support/worker_pool.ts";
import { expectError } from "../fixtures/expect.ts";

type Task = { readonly wait?: number; readonly value?: number; readonly fail?: "input" | "defect" };

function startPool(size: number) {
  return startWorkerPool<Task, number>(new URL("../fixtures/echo_worker.ts", import.meta.url), size);
}

Deno.test("a pool answers every task with its own result", async () => {
  const pool = startPool(3);
  const values = Array.from({ length: 50 }, (_, value) => value);
  deepStrictEqual(await Promise.all(values.map((value) => pool.run({ value, wait: value % 3 }))), values);
  pool.close();
});

Deno.test("a worker's bad input keeps its exit code, a defect its trace", async () => {
  const pool = startPool(1);
  await expectError(() => pool.run({ fail: "input" }), 2, "found this, expected that");
  await rejects(pool.run({ fail: "defect" }), /a defect[\s\S]*echo_worker\.ts/);
  deepStrictEqual(await pool.run({ value: 4 }), 4);
  pool.close();
});

Deno.test("closing a pool rejects what has not ended", async () => {
  const pool = startPool(1);
  const open = [pool.run({ wait: 10_000 }), pool.run({ value: 1 })];
  const ended = Promise.allSettled(open);
  pool.close();
  ok((await ended).every(({ status }) => status === "rejected"));
});
