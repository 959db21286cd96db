import { z } from "zod";
import { badInput, quote } from "../../support/errors.ts";
import { readLines } from "../../support/lines.ts";
import { BLANK, type Passage, type Query } from "../dataset.ts";
import { checkId, idOfJson } from "../ids.ts";

/** Levels of objects and lists in metadata, which are written and compared by functions that call themselves. */
const MAX_DEPTH = 100;

const record = z.object({
  id: z.union([z.string(), z.number()]).optional(),
  _id: z.union([z.string(), z.number()]).optional(),
  title: z.string().optional(),
  metadata: z.record(z.string(), z.unknown()).optional().catch(undefined),
  text: z.string(),
}).refine((r) => r.id !== undefined || r._id !== undefined, "no id");

/**
 * Streams JSON Lines with `id` (or BEIR's `_id`), `text` and an optional `title`, and BEIR's `metadata`.
 *
 * @throws {LatebenchError} with the line number for broken JSON and missing fields
 */
export function* readJsonlPassages(file: string): Generator<Passage> {
  for (const { number, text } of readLines(file)) yield parseJsonlPassage(text, file, number);
}

/** Reads one line of a collection; errors name `file` and `line`. */
export function parseJsonlPassage(source: string, file: string, line: number): Passage {
  const { id, text, title, metadata = {} } = parseRecord(source, file, line);
  return {
    id,
    text: text.trim() === "" ? BLANK : text,
    ...title ? { title } : {},
    ...Object.keys(metadata).length > 0 ? { metadata } : {},
  };
}

/** Reads JSON Lines queries, with the errors of {@link readJsonlPassages}. */
export function readJsonlQueries(file: string): Query[] {
  return Array.from(readLines(file), ({ number, text: source }) => {
    const { id, text } = parseRecord(source, file, number);
    return { id, text };
  });
}

function parseRecord(source: string, file: string, line: number): Passage {
  let parsed: unknown;
  try {
    parsed = JSON.parse(source);
  } catch {
    throw badInput({ file, line }, quote(source), "one JSON object");
  }
  const checked = record.safeParse(parsed);
  if (!checked.success) {
    throw badInput({ file, line }, quote(source), `id and text (${checked.error.issues[0].message})`);
  }
  const { id, _id, text, title, metadata } = checked.data;
  const own = idOfJson(id ?? _id);
  if (own === null) throw badInput({ file, line }, `the id ${id ?? _id}`, "a string or a whole number below 2^53");
  if (metadata && isDeeper(metadata, MAX_DEPTH)) {
    throw badInput({ file, line }, "metadata that are nested too deep", `at most ${MAX_DEPTH} levels`);
  }
  return { id: checkId(own, { file, line }), text, title, metadata };
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}
