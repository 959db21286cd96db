import type { EncodedQuery, Encoder } from "./encoder.ts";
import { NO_MACS } from "./flops/macs.ts";

/** Encodes a query for searching; one without text gets no rows, and finds nothing. */
export async function encodeForSearch(encoder: Encoder, text: string): Promise<EncodedQuery> {
  if (text.trim() !== "") return await encoder.encodeQuery(text);
  return { matrix: { data: new Float32Array(0), rows: 0, dim: encoder.config.dim }, macs: NO_MACS };
}
