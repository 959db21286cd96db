import type { Outcomes } from "./adversary.ts";
import { AREAS } from "./case.ts";
import type { MutantOutcome } from "./indexes/try_mutants.ts";
import { VARIANTS } from "./indexes/variants.ts";
import type { CaseOutcome } from "./try_cases.ts";

const MIB = 2 ** 20;

/** The table of outcomes as Markdown: one row an area or variant, then every failure. */
export function describeOutcomes({ cases, processes, mutants }: Outcomes): string {
  const rows = [
    ...AREAS.map((area) => caseRow(area, cases.filter(({ attempted }) => attempted.area === area))),
    caseRow("as processes", processes),
    ...VARIANTS.map(({ name }) => mutantRow(name, mutants.filter(({ variant }) => variant === name))),
  ];
  const failures = [
    ...[...cases, ...processes].filter(({ failure }) => failure !== null).map(describeCase),
    ...mutants.filter(({ failure }) => failure !== null).map(describeMutant),
  ];
  return [
    "# Outcomes",
    "",
    "Written by `deno run --allow-all tests/adversary/run.ts --write`. Other results are accepted only of mutations",
    "whose checksums were computed anew; peak memory is a whole process's.",
    "",
    "| tried | attempts | accepted | refused | other ranking | failed | peak MiB |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ...rows.map((row) => `| ${row.join(" | ")} |`),
    "",
    "## Failures",
    "",
    ...failures.length > 0 ? failures.map((line) => `- ${line}`) : ["None."],
    "",
  ].join("\n");
}

function caseRow(name: string, outcomes: readonly CaseOutcome[]): (string | number)[] {
  const codes = outcomes.map(({ attempt }) => "code" in attempt ? attempt.code : null);
  const accepted = codes.filter((code) => code === 0 || code === 3).length;
  const refused = codes.filter((code) => code === 1 || code === 2 || code === 4).length;
  return [name, outcomes.length, accepted, refused, "", failed(outcomes), peak(outcomes)];
}

function mutantRow(name: string, outcomes: readonly MutantOutcome[]): (string | number)[] {
  const count = (verdict: string) =>
    outcomes.filter(({ answer }) => "search" in answer && answer.search === verdict).length;
  const row = [count("same ranking"), count("refused"), count("other ranking")];
  return [`index ${name}`, outcomes.length, ...row, failed(outcomes), peak(outcomes)];
}

const failed = (outcomes: readonly { readonly failure: string | null }[]) =>
  outcomes.filter(({ failure }) => failure !== null).length;

const peak = (outcomes: readonly { readonly peakBytes: number }[]) =>
  Math.ceil(outcomes.reduce((most, { peakBytes }) => Math.max(most, peakBytes), 0) / MIB);

/** One failed case on one line. */
export function describeCase({ failure, number, attempted, attempt }: CaseOutcome): string {
  const { area, name, args } = attempted;
  const what = "death" in attempt
    ? attempt.detail
    : attempt.thrown ?? (attempt.touched.length > 0 ? attempt.touched.join(", ") : attempt.stderr);
  return line(`${failure}: ${area} ${number}, ${name}: latebench ${JSON.stringify(args).slice(0, 300)}: ${what}`);
}

/** One failed mutation on one line. */
export function describeMutant({ failure, variant, seed, answer }: MutantOutcome): string {
  if ("death" in answer) return line(`${failure}: index ${variant}, seed ${seed}: ${answer.detail}`);
  const { file, how, resealed, detail, touched, search, doctor } = answer;
  const said = [...touched, ...detail].join("; ");
  return line(
    `${failure}: index ${variant}, seed ${seed}: ${file}: ${how}${
      resealed ? ", resealed" : ""
    }: search: ${search}, doctor: ${doctor}: ${said}`,
  );
}

function line(text: string): string {
  // deno-lint-ignore no-control-regex -- they are what attacks are made of
  return text.replace(/[\x00-\x1f\x7f-\x9f]+/g, " ").toWellFormed().slice(0, 900);
}
