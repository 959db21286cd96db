import { join, resolve } from "node:path";
import { z } from "zod";
import type { Manifest } from "../../backends/living/manifest.ts";
import { BUILT_IN } from "../../encoders/load.ts";
import { parseEncoderSpec } from "../../encoders/spec.ts";
import { writeJson } from "../../support/atomic_write.ts";
import { badInput, quote, usageError } from "../../support/errors.ts";
import { readJson } from "../../support/json.ts";
import { isFile } from "../../support/paths.ts";

const record = z.strictObject({ path: z.string() });

/**
 * The encoder to open for an index: the one that the user names, else the index's own. An index may come from somebody else: a folder
 * that it names is opened only where the user has named the same one before, for an encoder of this hash ({@link rememberEncoder}).
 *
 * @param given what `--encoder` says
 * @throws {LatebenchError} exit code 1 where the user has to name it
 */
export function encoderOfIndex(
  index: string,
  own: Manifest["encoder"],
  given: string | undefined,
  store: string,
): string {
  if (given !== undefined) return given;
  if (own === null) return "builtin";
  const { model } = parseEncoderSpec(own.spec);
  if (BUILT_IN.includes(model) || model.startsWith("hf:") || wasNamed(store, own.hash, model)) return own.spec;
  throw usageError(
    `${index}: its encoder is the folder ${quote(model)}; no folder is opened because an index names it: ` +
      `give --encoder ${quote(own.spec)} if you trust it`,
  );
}

/**
 * Notes in the store that the user has named a folder as an encoder, so that indexes built with it open without naming it again.
 *
 * @param hash of the encoder
 */
export function rememberEncoder(store: string, spec: string, hash: string): void {
  const { model } = parseEncoderSpec(spec);
  if (BUILT_IN.includes(model) || model.startsWith("hf:")) return;
  writeJson(noteOf(store, hash), { path: resolve(model) });
}

/** @throws {LatebenchError} exit code 2 where an index was made with another encoder than the one in use */
export function checkEncoderOfIndex(index: string, own: Manifest["encoder"], inUse: string | undefined): void {
  if (own === null || inUse === undefined || own.hash === inUse) return;
  throw badInput(
    index,
    `an index of the encoder ${quote(own.spec)} (${quote(own.hash)})`,
    `the encoder in use (${inUse})`,
  );
}

function wasNamed(store: string, hash: string, model: string): boolean {
  if (!/^[0-9a-f]{8,64}$/.test(hash)) return false;
  const note = noteOf(store, hash);
  return isFile(note) && readJson(note, record, "a note of an encoder").path === resolve(model);
}

function noteOf(store: string, hash: string): string {
  return join(store, "models", "named", `${hash}.json`);
}
