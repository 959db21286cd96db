import { deepStrictEqual, ok } from "node:assert/strict";
import { fromFileUrl } from "../../support/paths.ts";

const ROOT = fromFileUrl(new URL("../../", import.meta.url));
const TASKS: Readonly<Record<string, { readonly command: string }>> =
  JSON.parse(Deno.readTextFileSync(`${ROOT}deno.json`)).tasks;

/** `TASK PERMISSION` for every permission of every task. */
function granted(): string[] {
  return Object.entries(TASKS).flatMap(([task, { command }]) =>
    [...new Set(command.match(/--allow-\S+/g))].map((permission) => `${task} ${permission}`)
  );
}

Deno.test("the table of permissions is that of deno.json", () => {
  const rows = Deno.readTextFileSync(`${ROOT}docs/permissions.md`).split("\n").filter((line) => /^\| `/.test(line));
  const told = rows.flatMap((row) => {
    const [, tasks, permission, why] = row.split("|").map((cell) => cell.trim());
    ok(why.length > 10, row);
    return tasks.split(", ").map((task) => `${task.slice(1, -1)} ${permission.slice(1, -1)}`);
  });
  deepStrictEqual(told.toSorted(), granted().toSorted());
});

Deno.test("tasks name what they may do, and only setup may install anything", () => {
  const developers = /^(test|test:slow|soak|build:wasm) /;
  deepStrictEqual(
    granted().filter((line) => / --allow-(all|env|run|net|sys)$/.test(line) && !developers.test(line)),
    [],
  );
  deepStrictEqual(granted().filter((line) => /\b(apt-get|c\+\+)/.test(line)).map((line) => line.split(" ")[0]), [
    "setup",
  ]);
  deepStrictEqual(granted().filter((line) => line.startsWith("search --allow-net")), []);
});
