import { isBlank } from "../datasets/check_collection.ts";
import type { EncodedPassages } from "./encoder.ts";
import { NO_MACS } from "./flops/macs.ts";

/**
 * Encodes passages, those without text as no vectors at all: a model gives its markers vectors too, and they would be found.
 *
 * @param encode encodes passages that have text
 * @param dim columns of a vector
 */
export async function encodeWritten(
  texts: readonly string[],
  dim: number,
  encode: (texts: readonly string[]) => Promise<EncodedPassages>,
): Promise<EncodedPassages> {
  const written = texts.filter((text) => !isBlank(text));
  if (written.length === texts.length) return await encode(texts);
  const encoded = written.length > 0
    ? await encode(written)
    : { rows: new Float16Array(0), lengths: new Int32Array(0), dim, macs: NO_MACS };
  let next = 0;
  return { ...encoded, lengths: Int32Array.from(texts, (text) => isBlank(text) ? 0 : encoded.lengths[next++]) };
}
