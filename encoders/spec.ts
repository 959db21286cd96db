import { usageError } from "../support/errors.ts";

/** An encoder as the command line names it. */
export interface EncoderSpec {
  /** `builtin`, a local folder (or one ONNX file in it), or `hf:owner/name` of the model hub. */
  readonly model: string;
  /** Leading columns to keep of each vector; null: all. */
  readonly dim: number | null;
  /** One in so many rows of a passage is left, by token pooling; null: all are. */
  readonly poolFactor: number | null;
}

/** Far above the columns of any model, and the tokens of any passage. */
const MOST = 65_536;

/**
 * Reads `MODEL` or `MODEL:key=N,key=N` with the keys `dim` and `pool_factor`, e.g. `builtin:dim=64`, `hf:owner/name:pool_factor=2`.
 *
 * @throws {LatebenchError} exit code 1 where N is no whole number from 1 to 65,536, and for a key that is there twice
 */
export function parseEncoderSpec(spec: string): EncoderSpec {
  const [, model, options = ""] = /^(.*?)(?::((?:dim|pool_factor)=.*))?$/s.exec(spec)!;
  const values = new Map<string, number>();
  for (const option of options === "" ? [] : options.split(",")) {
    const [, key, value] = /^(dim|pool_factor)=(.*)$/.exec(option) ?? [];
    if (key === undefined) throw usageError(`encoder ${spec}: ${option} is no option; known are dim, pool_factor`);
    if (!/^[1-9]\d*$/.test(value)) {
      throw usageError(`encoder ${spec}: ${key} is ${value}, expected a positive whole number`);
    }
    if (values.has(key)) throw usageError(`encoder ${spec}: ${key} is there twice`);
    if (Number(value) > MOST) throw usageError(`encoder ${spec}: ${key} is ${value}, at most ${MOST} is possible`);
    values.set(key, Number(value));
  }
  return { model, dim: values.get("dim") ?? null, poolFactor: values.get("pool_factor") ?? null };
}
