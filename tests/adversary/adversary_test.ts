import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { sha256 } from "../../support/hash.ts";
import { fromFileUrl, isFile } from "../../support/paths.ts";
import { spreadRandom } from "./spread_random.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";
import { attack } from "./adversary.ts";
import { type Attempt, type Case, failureOf } from "./case.ts";
import { allCases } from "./cases/all.ts";
import { describeCase, describeMutant } from "./describe_outcomes.ts";
import { mutate } from "./indexes/mutate.ts";
import { failureOf as failureOfMutant } from "./indexes/try_mutants.ts";
import { differences, takeSnapshot } from "./snapshot.ts";

Deno.test({
  name: "adversary: of all attacks a part that is spread over them",
  ignore: Deno.build.os !== "linux", // children are watched through /proc
  async fn() {
    using folder = temporaryFolder();
    const outcomes = await attack(folder.path, { seed: 1, everyCase: 17, everyProcess: 500, mutants: 440, lanes: 2 });
    const { cases, processes, mutants } = outcomes;
    const failed = <T extends { readonly failure: string | null }>(all: readonly T[]) =>
      all.filter(({ failure }) => failure !== null);
    deepStrictEqual(failed(cases).map(describeCase), []);
    deepStrictEqual(failed(processes).map(describeCase), []);
    deepStrictEqual(failed(mutants).map(describeMutant), []);
    // What is refused or accepted throughout would be no attack.
    ok(cases.some(({ attempt }) => "code" in attempt && attempt.code === 0));
    ok(mutants.some(({ answer }) => "search" in answer && answer.search === "same ranking"));
    ok(mutants.some(({ answer }) => "search" in answer && answer.search === "refused"));
  },
});

const OUTCOMES = fromFileUrl(new URL("outcomes.md", import.meta.url));

Deno.test("adversary: the whole was run, and nothing failed", { ignore: !isFile(OUTCOMES) }, () => {
  const table = Deno.readTextFileSync(OUTCOMES);
  const rows = table.split("\n").filter((line) => /^\| [a-z]/.test(line) && !line.startsWith("| tried")).map((line) => {
    const [name, attempts, , , , failed] = line.split("|").map((cell) => cell.trim()).slice(1);
    return { name, attempts: Number(attempts), failed: Number(failed) };
  });
  const sum = (some: typeof rows) => some.reduce((all, { attempts }) => all + attempts, 0);
  ok(sum(rows.filter(({ name }) => !name.startsWith("index ") || name === "index folders")) >= 1500);
  ok(sum(rows.filter(({ name }) => name.startsWith("index ") && name !== "index folders")) >= 10_000);
  deepStrictEqual(rows.filter(({ failed }) => failed > 0), []);
});

Deno.test("adversary: every case has a name of its own, and is the same for the same seed", () => {
  const names = (seed: number) => allCases(seed).map(({ area, name, args }) => JSON.stringify([area, name, args]));
  deepStrictEqual(names(1), names(1));
  ok(allCases(1).length >= 1500);
});

const CASE: Case = { area: "folders", name: "", args: ["index"], expect: "refused" };
const REFUSAL: Attempt = {
  code: 2,
  stdout: "",
  stderr: "latebench: x: found y, expected z\n",
  thrown: null,
  touched: [],
};

Deno.test("adversary: what counts as a failure", () => {
  const judge = (attempt: Partial<Attempt>, expect: Case["expect"] = "refused") =>
    failureOf({ ...CASE, expect }, { ...REFUSAL, ...attempt });
  strictEqual(judge({}), null);
  strictEqual(judge({ code: 0, stderr: "" }), "accepted");
  strictEqual(judge({ code: 0, stderr: "" }, "either"), null);
  strictEqual(judge({}, "accepted"), "not accepted");
  strictEqual(judge({ stderr: "latebench: unexpected error: TypeError: x (--debug shows where)\n" }), "unexpected");
  strictEqual(judge({ code: 134 }), "exit code");
  strictEqual(judge({ stderr: "" }), "not one line");
  strictEqual(judge({ stderr: REFUSAL.stderr.repeat(2) }), "not one line");
  strictEqual(judge({ stderr: "latebench: \u001b[2J\n" }), "control characters");
  strictEqual(judge({ stderr: `latebench: ${"x".repeat(5000)}\n` }), "endless line");
  strictEqual(judge({ stderr: "latebench: x\n    at open (file:///a.ts:1:2)\n" }), "trace");
  strictEqual(judge({ thrown: "TypeError" }), "trace");
  strictEqual(judge({ touched: ["outside/precious.txt removed"] }), "touched");
});

Deno.test("adversary: a mutated index must not give another ranking in silence", () => {
  const answer = { file: "f", how: "", resealed: false, detail: [], touched: [] };
  strictEqual(failureOfMutant({ ...answer, search: "refused", doctor: "faulty" }), null);
  strictEqual(failureOfMutant({ ...answer, search: "other ranking", doctor: "faulty" }), "silent");
  strictEqual(failureOfMutant({ ...answer, resealed: true, search: "other ranking", doctor: "sound" }), null);
  strictEqual(failureOfMutant({ ...answer, search: "refused", doctor: "sound" }), "doctor");
  strictEqual(failureOfMutant({ ...answer, search: "meaningless", doctor: "sound" }), "meaningless");
  strictEqual(failureOfMutant({ death: "signal", detail: "SIGSEGV" }), "signal");
});

Deno.test("adversary: resealed mutations name the checksums and sizes of what they changed", () => {
  const rows = Uint8Array.from({ length: 99 }, (_, i) => i);
  const honest = new Map([["a.rows", rows], [
    "m.json",
    new TextEncoder().encode(`{"rows": {"bytes": 99, "sha256": "${sha256(rows)}"}}`),
  ]]);
  let seen = 0;
  for (let i = 0; i < 200; i++) {
    const { file, resealed, changed } = mutate(honest, spreadRandom(String(i)));
    ok(changed.has(file));
    if (!resealed) strictEqual(changed.size, 1);
    if (!resealed || file === "m.json") continue;
    const { rows } = JSON.parse(new TextDecoder().decode(changed.get("m.json") ?? honest.get("m.json")));
    deepStrictEqual(rows, { bytes: changed.get(file)!.length, sha256: sha256(changed.get(file)!) });
    seen++;
  }
  ok(seen > 20);
});

Deno.test("adversary: a snapshot tells of every change", () => {
  using folder = temporaryFolder();
  const kept = folder.file("kept", "1");
  folder.file("inner/gone", "2");
  folder.file("left/out", "3");
  const before = takeSnapshot(folder.path, ["left"]);
  deepStrictEqual(differences(before, takeSnapshot(folder.path, ["left"])), []);
  const { mtime } = Deno.statSync(kept);
  Deno.writeTextFileSync(kept, "4");
  Deno.utimeSync(kept, mtime!, mtime!);
  Deno.removeSync(`${folder.path}/inner/gone`);
  folder.file("new", "5");
  folder.file("left/new", "6");
  deepStrictEqual(differences(before, takeSnapshot(folder.path, ["left"])), [
    { path: "inner/gone", what: "removed" },
    { path: "kept", what: "changed" },
    { path: "new", what: "made" },
  ]);
});
