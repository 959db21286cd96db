import { z } from "zod";
import { badInput, quote } from "../../support/errors.ts";
import { readLines } from "../../support/lines.ts";
import type { Passage, Query } from "../dataset.ts";

const record = z.object({
  id: z.union([z.string(), z.number()]).optional(),
  _id: z.union([z.string(), z.number()]).optional(),
  title: z.string().optional(),
  text: z.string(),
}).refine((r) => r.id !== undefined || r._id !== undefined, "no id");

/**
 * Streams JSON Lines with `id` (or BEIR's `_id`), `text` and an optional `title`.
 *
 * @throws {LatebenchError} with the line number for broken JSON, missing fields or an empty passage
 */
export function* readJsonlPassages(file: string): Generator<Passage> {
  for (const { line, id, text, title } of readRecords(file)) {
    if (text.trim() === "") throw badInput({ file, line }, `an empty passage (id ${quote(id)})`, "text");
    yield title ? { id, text, title } : { id, text };
  }
}

/** Reads JSON Lines queries, with the errors of {@link readJsonlPassages}. */
export function readJsonlQueries(file: string): Query[] {
  return Array.from(readRecords(file), ({ id, text }) => ({ id, text }));
}

function* readRecords(file: string): Generator<{ line: number; id: string; text: string; title?: string }> {
  for (const { number: line, text: source } of readLines(file)) {
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
    const { id, _id, text, title } = checked.data;
    yield { line, id: String(id ?? _id), text, title };
  }
}
