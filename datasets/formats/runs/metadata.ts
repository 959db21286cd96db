import { badInput } from "../../../support/errors.ts";
import { readLines } from "../../../support/lines.ts";
import { parseYaml } from "../../../support/yaml.ts";

const START = "# ir_metadata.start";
const END = "# ir_metadata.end";

/** What stands before the rows of a run file. */
export interface RunHead {
  /** The sixth column of the first row of a TREC run; empty where there is none. */
  readonly tag: string;
  /** The ir_metadata header (Breuer et al., SIGIR 2022): YAML in comment lines. Null where there is none. */
  readonly metadata: Readonly<Record<string, unknown>> | null;
}

/**
 * Reads the head of a text run file.
 *
 * @throws {LatebenchError} for an ir_metadata header that does not end or is not a YAML mapping
 */
export function readRunHead(file: string): RunHead {
  let header: string[] | null = null;
  let metadata: RunHead["metadata"] = null;
  for (const { number: line, text } of readLines(file)) {
    if (header !== null) {
      if (text.trim() === END) {
        metadata = parseMapping(file, line, header);
        header = null;
      } else if (text.startsWith("#")) header.push(text.replace(/^# ?/, ""));
      else throw badInput({ file, line }, "a row inside the ir_metadata header", END);
    } else if (text.trim() === START) header = [];
    else if (text.trim() !== "" && !text.startsWith("#")) return { tag: text.trim().split(/\s+/)[5] ?? "", metadata };
  }
  if (header !== null) throw badInput(file, "an ir_metadata header without end", END);
  return { tag: "", metadata };
}

/** An ir_metadata header, ready to be written before a run: whatever some reader takes for a line end begins a comment line. */
export function formatRunMetadata(yaml: string): string {
  const lines = yaml.trimEnd().split(/\r\n|[\n\r\x85\u2028\u2029]/).map((line) => `# ${line}`.trimEnd());
  return [START, ...lines, END, ""].join("\n");
}

function parseMapping(file: string, line: number, lines: readonly string[]): Readonly<Record<string, unknown>> {
  const value = parseYaml(lines.join("\n"), () => ({ file, line }));
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw badInput({ file, line }, "no mapping before it", "an ir_metadata header in YAML");
  }
  return { ...value };
}
