import { join } from "node:path";
import type { Case, Expectation } from "../case.ts";
import { copyTree } from "../copy_tree.ts";
import { type CommandLine, COMMANDS, type Kind } from "./commands.ts";
import {
  HUGE_COUNTS,
  HUGE_SPECS,
  NO_CONTENTS,
  NO_COUNTS,
  NO_ENCODERS,
  NO_FILES,
  NO_FOLDERS,
  NO_MEASURES,
  NO_NAMES,
  NO_PLACES,
  NO_SPECS,
} from "./hostile_values.ts";

/** Values of each kind, and what they come to. */
const VALUES: Readonly<Record<Kind, readonly (readonly [Expectation, readonly string[]])[]>> = {
  count: [["refused", NO_COUNTS], ["either", HUGE_COUNTS]],
  "no count": [["refused", NO_COUNTS]],
  file: [["refused", NO_FILES], ["either", NO_CONTENTS]],
  folder: [["refused", NO_FOLDERS]],
  place: [["either", NO_PLACES]],
  // A new store takes as long as a compiler does.
  store: [["either", NO_PLACES.filter((place) => place !== "")]],
  name: [["either", NO_NAMES]],
  spec: [["refused", NO_SPECS], ["either", HUGE_SPECS]],
  measures: [["refused", NO_MEASURES]],
  encoder: [["either", NO_ENCODERS]],
  dataset: [["refused", NO_FOLDERS], ["refused", NO_NAMES]],
  text: [["either", NO_NAMES]],
  share: [["either", NO_COUNTS], ["either", ["2", "-0.5", "1e-300", "1e999"]]],
  flag: [],
};

/** For every command: wrong words around its sound line, and every option without a value, twice, and with hostile values. */
export function commandLines(): Case[] {
  return [
    ...wholeLines(),
    ...COMMANDS.flatMap((command) => [...around(command), ...options(command), ...positionals(command)]),
  ];
}

function wholeLines(): Case[] {
  const words = [...new Set(COMMANDS.map(({ words }) => words[0]))];
  const line = (name: string, args: readonly string[], expect: Expectation): Case => ({
    area: "command lines",
    name,
    args,
    expect,
  });
  return [
    line("nothing", [], "accepted"),
    ...["--help", "-h", "help"].map((word) => line("help", [word], "accepted")),
    ...[
      "",
      " ",
      "nope",
      "--nope",
      "constructor",
      "toString",
      "__proto__",
      "Eval",
      "eval ",
      "\u001b[31m",
      "x".repeat(10_000),
      "-",
      "--",
    ]
      .map((word) => line("no command", [word], "refused")),
    ...words.map((word) => line("help", [word, "--help"], "accepted")),
    ...words.map((word) => line("unknown option", [word, "--nope"], "refused")),
    ...words.map((word) => line("option like a method", [word, "--constructor"], "refused")),
    ...words.map((word) => line("option like the prototype", [word, "--__proto__=1"], "refused")),
  ];
}

function around(command: CommandLine): Case[] {
  const { words, sound } = command;
  const named = (name: string, args: readonly string[], expect: Expectation) => lineOf(command, name, args, expect);
  const empty = words.join(" ") === "data list" || ["eval", "doctor"].includes(words.join(" ")) || words[0] === "bench";
  return [
    ...command.costly ? [] : [named("sound", sound, "either")],
    ...empty ? [] : [named("no arguments", [], "refused")],
    named("help", ["--help"], "accepted"),
    named("unknown option", [...sound, "--nope"], "refused"),
    named("unknown short option", [...sound, "-Ω"], "refused"),
    named("unknown option with a value", [...sound, "--nope=1"], "refused"),
    named("option of the prototype", [...sound, "--toString", "1"], "refused"),
    ...command.costly ? [] : [
      named("too many arguments", [...sound, ...Array.from({ length: 2000 }, (_, i) => `extra${i}`)], "either"),
      named("end of options", [...sound, "--", "--json"], "either"),
    ],
  ];
}

function options(command: CommandLine): Case[] {
  return Object.entries(command.options).flatMap(([option, kind]) => {
    const flag = `--${option}`;
    const sound = without(command.sound, flag);
    if (kind === "flag") {
      return [lineOf(command, "flag with a value", [...sound, `${flag}=1`], "refused")];
    }
    return [
      lineOf(command, "no value", [...sound, flag], "refused"),
      lineOf(command, "an option as value", [...sound, flag, "--quiet"], "refused"),
      ...VALUES[kind].flatMap(([expect, values]) =>
        // A command's costly line comes to the value only after its cost: fewer of them.
        some(values, command.costly ? 4 : Infinity).map((value) =>
          lineOf(
            command,
            `${kind} ${JSON.stringify(value.slice(0, 30))}`,
            [...sound, `${flag}=${value}`],
            softened(command, option, expect),
          )
        )
      ),
    ];
  });
}

/** Options that another one makes idle, or that a sound line has no use for. */
function softened({ words }: CommandLine, option: string, expect: Expectation): Expectation {
  const idle = ["data-dir", "port", "collection", "queries", "qrels", "config", "sample", "rate"];
  return idle.includes(option) || words[0] === "bench" || words[0] === "v1" ? "either" : expect;
}

function positionals(command: CommandLine): Case[] {
  const { sound, positional } = command;
  if (positional === undefined) return [];
  return VALUES[positional].flatMap(([expect, values]) =>
    values.map((value) => {
      const safe = value.startsWith("-") ? `./${value}` : value;
      return lineOf(command, `${positional} ${JSON.stringify(value.slice(0, 30))}`, [safe, ...sound.slice(1)], expect);
    })
  );
}

function lineOf(command: CommandLine, name: string, args: readonly string[], expect: Expectation): Case {
  const { words, outputs, copies } = command;
  return {
    area: /^spec|^encoder/.test(name) ? "specs" : "command lines",
    name,
    args: [...words, ...args],
    expect,
    // Nothing is the folder where the command runs.
    outputs: [
      ...outputs ?? [],
      "results",
      ...args.includes("--out=") ? ["."] : [],
      ...args.includes("--out") ? [] : ["absent", " ", "x".repeat(255)],
    ],
    prepare: copies &&
      ((folder) => copies.forEach((copy) => copyTree(join(folder, "../honest", copy), join(folder, copy)))),
  };
}

/** The arguments without an option and its value. */
function without(args: readonly string[], flag: string): readonly string[] {
  const at = args.indexOf(flag);
  return at < 0 ? args : [...args.slice(0, at), ...args.slice(at + 2)];
}

/** So many of a list, spread over it. */
function some<T>(values: readonly T[], count: number): readonly T[] {
  if (values.length <= count) return values;
  return Array.from({ length: count }, (_, i) => values[Math.floor(i * values.length / count)]);
}
