import { deepStrictEqual, doesNotMatch, match, ok, strictEqual } from "node:assert/strict";
import { LatebenchError, usageError } from "../../support/errors.ts";
import { explainFailure, isClosedPipe } from "../../support/failures.ts";
import { visibleJson, visibleLines, visibleText } from "../../support/visible_text.ts";

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

function nested(depth: number): number {
  return depth + nested(depth + 1) / 2;
}

/** What is thrown, and what its line must hold. */
const FAILURES: readonly (readonly [string, () => unknown, RegExp])[] = [
  ["nesting", () => thrownBy(() => nested(0)), /^something is nested too deep/],
  ["an array that is too long", () => thrownBy(() => new Array(-1)), /^something is too large .*Invalid array length/],
  ["a buffer that is too large", () => thrownBy(() => new ArrayBuffer(2 ** 53 - 1)), /^something is too large/],
  ["a string that is too long", () => thrownBy(() => "x".repeat(2 ** 30)), /^something is too large/],
  ["a missing folder", () => thrownBy(() => Deno.readDirSync("/nowhere/at/all")), /^No such file.*nowhere/],
  ["a folder for a file", () => Object.assign(new Error("EISDIR: /x"), { code: "EISDIR" }), /^EISDIR: \/x/],
  ["a defect", () => thrownBy(() => (null as unknown as string).length), /^unexpected error: TypeError: /],
  ["a worker's defect", () => new Error("RangeError: odd\n    at x.ts:1:1"), /^unexpected error: RangeError: odd$/],
  ["something that is no error", () => "odd", /^unexpected error: odd$/],
  ["several at once", () => new AggregateError([new TypeError("first")], "all"), /TypeError: first/],
];

Deno.test("every failure is one line with exit code 2", () => {
  for (const [name, make, expected] of FAILURES) {
    const { message, exitCode, unexpected } = explainFailure(make());
    match(message, expected, name);
    doesNotMatch(message, /\n/, name);
    deepStrictEqual({ exitCode, unexpected }, { exitCode: 2, unexpected: true }, name);
  }
});

Deno.test("errors for the user keep their text and exit code, on one line that steers no terminal", () => {
  deepStrictEqual(explainFailure(usageError("--k \u001b[2J\nx: no")), {
    message: "--k \\u001b[2J\\nx: no",
    exitCode: 1,
    unexpected: false,
  });
  const { message } = explainFailure(new LatebenchError(`x: found ${"\u001b".repeat(1e6)}, expected less`, 4));
  ok(message.length <= 1000);
  match(message, /^x: found .*…/);
  match(message, /, expected less$/); // what was expected is never cut off
});

Deno.test("what failed while something was closed does not hide what failed first", () => {
  const suppressed = Object.assign(new Error("closing"), { name: "SuppressedError", suppressed: usageError("first") });
  strictEqual(explainFailure(suppressed).message, "first");
});

Deno.test("only a closed pipe is nobody's business", () => {
  ok(isClosedPipe(new Deno.errors.BrokenPipe("Broken pipe")) && isClosedPipe({ code: "EPIPE" }));
  ok(!isClosedPipe(new Error("EPIPE")) && !isClosedPipe(null));
});

Deno.test("text for terminals: control characters, overrides of direction and half surrogates are written out", () => {
  const hostile = "a\u0000\u001b]0;x\u0007\u007f\u009b1m\u2028\u2029\u202e\u2066\ud800\t\r\n";
  strictEqual(
    visibleText(hostile),
    "a\\u0000\\u001b]0;x\\u0007\\u007f\\u009b1m\\u2028\\u2029\\u202e\\u2066\\ud800\\t\\r\\n",
  );
  strictEqual(visibleText("naïve 東京 🙂 e\u0301"), "naïve 東京 🙂 e\u0301");
  strictEqual(visibleLines("a\u001b\nb"), "a\\u001b\nb");
});

Deno.test("JSON for terminals reads back as the same value", () => {
  const value = { "\u202e": ["\u009b", "\ud800", "\u2028", "\u007f", "\n", "é"] };
  for (const json of [visibleJson(value), visibleJson(value, 1)]) {
    deepStrictEqual(JSON.parse(json), value);
    doesNotMatch(json, /[\u007f-\u009f\u2028\u202e]/);
  }
});
