import { match, notStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { LatebenchError } from "../../support/errors.ts";
import { startProcess } from "../../support/process_worker.ts";
import { expectError } from "../fixtures/expect.ts";

type Echo = { readonly said: string; readonly pid: number };

Deno.test("a process of its own answers, passes errors on, and ends when nobody needs it", async () => {
  const script = new URL("../fixtures/echo_process.ts", import.meta.url);
  const text = `${"ä".repeat(100_000)}\u2028\n`;
  await using echo = startProcess<{ say: string }, Echo>(script);
  const { said, pid } = await echo.ask({ say: text });
  strictEqual(said, text);
  strictEqual(pid, echo.pid);
  notStrictEqual(pid, Deno.pid);
  await expectError(() => echo.ask({ say: "bad" }), 2, "x: found bad, expected good");
  strictEqual((await echo.ask({ say: "still there" })).said, "still there");
  await using dying = startProcess<{ say: string }, Echo>(script);
  await rejects(() => dying.ask({ say: "die" }), /echo_process\.ts ended before it answered/);
});

/** What a process does instead of answering, and what is said of it. */
const DEATHS = {
  "exit 0": /ended before it answered \(exit code 0\)/,
  "exit 7": /ended before it answered \(exit code 7\)/,
  "rubbish": /wrote "a warning" instead of an answer/,
  "rubbish without an end": /wrote "a warning \{.* instead of an answer/,
  "half an answer": /wrote .* instead of an answer/,
  "of another task": /wrote .* instead of an answer/,
} as const;

for (const [task, reason] of Object.entries(DEATHS)) {
  Deno.test(`a process whose answer is "${task}" rejects this task, those behind it, and later ones`, async () => {
    await using dying = startDying();
    strictEqual(await dying.ask("alive"), "alive");
    const open = await Promise.allSettled([dying.ask(task), dying.ask("behind it")]);
    const later = await Promise.allSettled([dying.ask("later"), dying.ask("x".repeat(10_000_000))]);
    for (const outcome of [...open, ...later]) checkDeath(outcome, reason);
  });
}

Deno.test("a process that is killed, or ends between two tasks, is not waited for", async () => {
  await using killed = startDying();
  const held = Promise.allSettled([killed.ask("hold"), killed.ask("x".repeat(10_000_000))]);
  Deno.kill(killed.pid, "SIGKILL");
  for (const outcome of await held) checkDeath(outcome, /ended before it answered \(SIGKILL\)/);
  await using leaving = startDying();
  strictEqual(await leaving.ask("answer and exit"), "answer and exit");
  await new Promise((resolve) => setTimeout(resolve, 300));
  const late = await Promise.allSettled([leaving.ask("x".repeat(10_000_000)), leaving.ask("b")]);
  for (const outcome of late) checkDeath(outcome, /ended before it answered \(exit code 0\)/);
});

Deno.test("a process that is busy when nobody needs it any more is ended", async () => {
  const busy = startDying();
  const held = Promise.allSettled([busy.ask("hold")]);
  await busy[Symbol.asyncDispose]();
  checkDeath((await held)[0], /was ended/);
});

function startDying() {
  return startProcess<string, string>(new URL("../fixtures/dying_process.ts", import.meta.url));
}

function checkDeath(outcome: PromiseSettledResult<unknown>, reason: RegExp): void {
  ok(outcome.status === "rejected" && outcome.reason instanceof LatebenchError, JSON.stringify(outcome));
  match(outcome.reason.message, reason);
  match(outcome.reason.message, /^dying_process\.ts [^\n]*$/);
}
