import type { Case, Expectation } from "../case.ts";
import { write } from "../world.ts";

const SOUND = {
  datasets: '["../honest/data"]',
  encoders: "[builtin]",
  backends: "[bm25]",
  options: '{ k: 10, latency: "off" }',
  expect: "[]",
};

type Fields = Partial<Record<keyof typeof SOUND, string>> & { readonly [other: string]: string | undefined };

const HUGE = "[" + Array.from({ length: 1000 }, (_, i) => i + 1).join(", ") + "]";

/** Configurations of `eval`: every field out of order, grids that never end, gates that cannot hold. */
export function configurations(): Case[] {
  const wrong = [
    "null",
    "0",
    "-1",
    "[]",
    "{}",
    '""',
    "[[]]",
    "[null]",
    "[{}]",
    "[constructor]",
    "[__proto__]",
    "[1.5]",
    "x",
    "[hasOwnProperty]",
  ];
  return [
    ...Object.keys(SOUND).flatMap((key) =>
      wrong.map((value) => config(`${key}: ${value}`, { [key]: value }, "either"))
    ),
    ...[
      "k: 0",
      "k: -1",
      "k: 1e999",
      "threads: 1e9",
      "threads: 0",
      "nope: 1",
      "constructor: 1",
      "__proto__: { a: 1 }",
      "config: x.yaml",
      "latency: maybe",
    ]
      .map((option) => config(`option ${option}`, { options: `{ latency: "off", ${option} }` }, "either")),
    ...[
      `[{ backend: muvera, grid: { k_sim: ${HUGE}, d_proj: ${HUGE}, r_reps: ${HUGE}, d_final: ${HUGE} } }]`,
      `[{ backend: plaid, grid: { ncells: ${HUGE}, ndocs: ${HUGE} } }]`,
      "[{ backend: plaid, grid: { ncells: [] } }]",
      "[{ backend: plaid, grid: { constructor: [1] } }]",
      "[{ backend: nope, grid: {} }]",
      "[{ grid: { ncells: [1] } }]",
    ].map((backends) => config(`grid ${backends.slice(0, 60)}`, { backends }, "refused", ["--dry-run"])),
    ...[
      "[{ cells: '*', figure: RR@10, at_least: 0 }]",
      "[{ cells: '*', figure: RR@10, value: 2 }]",
      "[{ cells: '*', figure: constructor, at_least: 0 }]",
      "[{ cells: '*', figure: nope, at_least: 0 }]",
      "[{ cells: '*', figure: RR@10 }]",
      "[{ cells: '*', figure: RR@10, at_least: .nan }]",
      "[{ cells: '*', figure: RR@10, at_least: .inf }]",
      "[{ cells: '*', figure: RR@10, value: 1, tolerance: -1 }]",
      "[{ cells: '*', figure: RR@10, at_least: 1, at_most: 0 }]",
      `[{ cells: '${"*a".repeat(60)}', figure: RR@10, at_least: 0 }]`,
      "[{ cells: 'nothing', figure: RR@10, at_least: 0 }]",
      "[{ cells: '[', figure: RR@10, at_least: 0 }]",
    ].map((expect) => config(`gate ${expect.slice(0, 60)}`, { expect }, "either")),
    config("a grid of one value", { backends: "[{ backend: plaid, grid: { ncells: 1 } }]" }, "either", ["--dry-run"]),
    config("one system twice", { backends: "[bm25, bm25]" }, "either"),
    config("an unknown key", { nope: "1" }, "refused"),
    ...["*".repeat(3000), "[", "(((", "\u001b[2J", "nothing", "*a".repeat(50) + "b"].map((only) =>
      config(`only ${JSON.stringify(only).slice(0, 30)}`, {}, "either", ["--only", only])
    ),
  ];
}

function config(name: string, fields: Fields, expect: Expectation, more: readonly string[] = []): Case {
  const text = Object.entries({ ...SOUND, ...fields }).map(([key, value]) => `${key}: ${value}\n`).join("");
  return {
    area: "configurations",
    name,
    args: ["eval", "--config", "x.yaml", "--out", "out", "--store", "../../store", "--quiet", ...more],
    expect,
    outputs: ["out", "results"],
    prepare: (folder) => write(`${folder}/x.yaml`, text),
  };
}
