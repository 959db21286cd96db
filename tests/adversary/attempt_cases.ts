import { rmSync } from "node:fs";
import { join } from "node:path";
import { main } from "../../main.ts";
import type { Attempt } from "./case.ts";
import { allCases } from "./cases/all.ts";
import { leaveCase, prepareCase } from "./case_folder.ts";
import { linesOf } from "./lines_of.ts";
import { ANSWER } from "./watched_child.ts";

/** What a child is told when it starts. */
export interface CaseSetup {
  /** A world of `world.ts`, the child's own. */
  readonly root: string;
  readonly seed: number;
}

/** How much of an output is kept. */
const KEPT = 5000;

/** What a command throws that ends the process. */
class Exit extends Error {
  constructor(readonly code: number) {
    super(`exit ${code}`);
  }
}

const setup: CaseSetup = JSON.parse(Deno.args[0] ?? "null");
if (setup) {
  await answerAll(setup).catch((error) => {
    console.error(error);
    Deno.kill(Deno.pid, "SIGKILL");
  });
}

/** Runs command lines by number, one after the other, as `main.ts` does, within this process. */
async function answerAll({ root, seed }: CaseSetup): Promise<void> {
  const cases = allCases(seed);
  const late: string[] = [];
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    late.push(describe(event.reason));
  });
  Deno.exit = (code = 0) => {
    throw new Exit(code);
  };
  for await (const line of linesOf(Deno.stdin.readable)) {
    const one = cases[JSON.parse(line)];
    const before = prepareCase(root, one);
    Deno.chdir(join(root, "case"));
    const told = await run(one.args);
    await new Promise((resolve) => setTimeout(resolve));
    Deno.chdir(root);
    const touched = leaveCase(root, one, before);
    const thrown = [told.thrown, ...late.splice(0)].filter((text) => text !== null).join("; ") || null;
    const answer: Attempt = { ...told, thrown, touched };
    write(JSON.stringify(answer));
  }
  rmSync(join(root, "case"), { recursive: true, force: true });
}

async function run(args: readonly string[]) {
  const texts = { stdout: "", stderr: "" };
  const keep = (stream: keyof typeof texts) => (...words: unknown[]) => {
    if (texts[stream].length < KEPT) texts[stream] += words.map(String).join(" ").slice(0, KEPT) + "\n";
  };
  const { log, info, error, warn } = console;
  Object.assign(console, { log: keep("stdout"), info: keep("stdout"), error: keep("stderr"), warn: keep("stderr") });
  let [code, thrown]: [number, string | null] = [0, null];
  try {
    code = await main(args);
  } catch (error) {
    if (error instanceof Exit) code = error.code;
    else thrown = describe(error);
  } finally {
    Object.assign(console, { log, info, error, warn });
  }
  return { code, ...texts, thrown };
}

function describe(error: unknown): string {
  return (error instanceof Error ? error.stack ?? error.message : String(error)).slice(0, 1500);
}

/** Standard output may be a pipe that takes part of a line. */
function write(answer: string): void {
  const bytes = new TextEncoder().encode(`\n${ANSWER}${answer}\n`);
  for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
}
