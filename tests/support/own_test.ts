import { strictEqual } from "node:assert/strict";
import { own } from "../../support/own.ts";

Deno.test("own() never finds what all objects have", () => {
  for (const name of ["constructor", "toString", "valueOf", "__proto__", "hasOwnProperty"]) {
    strictEqual(own<unknown>({}, name), undefined, name);
  }
  strictEqual(own({ constructor: 3 } as unknown as Record<string, number>, "constructor"), 3);
  strictEqual(own<number>(undefined, "a"), undefined);
});
