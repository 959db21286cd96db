import { notStrictEqual, rejects, strictEqual } from "node:assert/strict";
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
