import { usageError } from "../support/errors.ts";

/** An encoder as the command line names it. */
export interface EncoderSpec {
  /** `builtin`, a local folder (or one ONNX file in it), or `hf:owner/name` of the model hub. */
  readonly model: string;
  /** Leading columns to keep of each vector; null: all. */
  readonly dim: number | null;
}

/**
 * Reads `MODEL` or `MODEL:dim=N`, e.g. `builtin:dim=64`, `hf:owner/name:dim=32`.
 *
 * @throws {LatebenchError} exit code 1 where N is no positive whole number
 */
export function parseEncoderSpec(spec: string): EncoderSpec {
  const at = spec.lastIndexOf(":dim=");
  if (at < 0) return { model: spec, dim: null };
  const value = spec.slice(at + ":dim=".length);
  if (!/^[1-9]\d*$/.test(value)) throw usageError(`encoder ${spec}: dim is ${value}, expected a positive whole number`);
  return { model: spec.slice(0, at), dim: Number(value) };
}
