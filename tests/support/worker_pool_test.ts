import { deepStrictEqual, match, ok, rejects } from "node:assert/strict";
import { LatebenchError } from "../../support/errors.ts";
import { openWorkerPool, startWorkerPool } from "../../support/worker_pool.ts";
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

const DYING = new URL("../fixtures/dying_worker.ts", import.meta.url);

/** Every way in which a worker that starts may end, and what is said of it. */
const WAYS = {
  close: /closed itself/,
  exit: /closed itself/,
  "node exit": /closed itself/,
  rejection: /nobody waits/,
  timer: /nobody catches/,
} as const;

for (const [way, reason] of Object.entries(WAYS)) {
  Deno.test(`a worker that dies by ${way} rejects its tasks, those of the others, the queue, and later ones`, async () => {
    const pool = startWorkerPool<string, string>(DYING, 2);
    deepStrictEqual(await Promise.all([pool.run("a"), pool.run("b"), pool.run("c")]), ["a", "b", "c"]);
    const open = await settled([pool.run(way), pool.run("hold"), pool.run("queued"), pool.runOn(0, "behind it")]);
    const later = await settled([pool.run("later"), pool.runOn(1, "later on the other")]);
    for (const error of [...open, ...later]) checkDeath(error, reason);
    pool.close();
  });
}

Deno.test("a worker that has died is not waited for later", async () => {
  const pool = startWorkerPool<string, string>(DYING, 1);
  await rejects(pool.run("close"));
  for (const error of await settled([pool.run("a"), pool.run("b")])) checkDeath(error, WAYS.close);
  pool.close();
});

for (const way of ["throw", "close"]) {
  Deno.test(`a pool whose workers ${way} at the start does not open`, async () => {
    const [error] = await settled([openWorkerPool<string, string>(new URL(`?${way}`, DYING), 2, "first")]);
    checkDeath(error, way === "throw" ? /cannot start/ : /closed itself/);
  });
}

Deno.test("a pool of a module that is missing does not open", async () => {
  const url = new URL("../fixtures/no_such_worker.ts", import.meta.url);
  const [error] = await settled([openWorkerPool<string, string>(url, 2, "first")]);
  match(String(error), /no_such_worker\.ts: a worker thread ended before its time \([^\n]+\)$/);
});

Deno.test("a task that cannot be sent is rejected, and its worker goes on", async () => {
  const pool = startWorkerPool<unknown, number>(new URL("../fixtures/echo_worker.ts", import.meta.url), 1);
  await rejects(pool.run({ value: () => {} }), /could not be cloned/);
  const busy = pool.run({ wait: 20, value: 1 });
  const queued = [pool.run({ value: () => {} }), pool.run({ value: 2 })];
  await rejects(queued[0], /could not be cloned/);
  deepStrictEqual([await busy, await queued[1], await pool.run({ value: 3 })], [1, 2, 3]);
  pool.close();
  await rejects(pool.run({ value: 4 }), /was closed/);
});

/** Why tasks were rejected. A task that is answered, or that nobody answers, is a fault: the test then fails or hangs. */
async function settled(tasks: readonly Promise<unknown>[]): Promise<unknown[]> {
  const outcomes = await Promise.allSettled(tasks);
  return outcomes.map((outcome) => outcome.status === "rejected" ? outcome.reason : outcome);
}

function checkDeath(error: unknown, reason: RegExp): void {
  ok(error instanceof LatebenchError, String(error));
  match(error.message, reason);
  match(error.message, /^dying_worker\.ts: a worker thread ended before its time \([^\n]*\)$/);
}
