import { z } from "zod";
import { usageError } from "./errors.ts";

/** The environment variable that changes the limits, e.g. `LATEBENCH_LIMITS=line_mib=256,ratio=1000`. */
export const LIMITS_VARIABLE = "LATEBENCH_LIMITS";

const MIB = 2 ** 20;
const mib = z.int().min(1).max(2 ** 20);

const limitsSchema = z.strictObject({
  line_mib: mib.default(64).describe("longest line of a text file"),
  text_mib: mib.default(256).describe("largest JSON, Markdown or HTML file, which is read as a whole"),
  ratio: z.int().min(1).max(1e9).default(100).describe(
    "a packed file may unpack to this many times its size, and 64 MiB more",
  ),
  model_seconds: z.int().min(1).max(86_400).default(60).describe("longest forward pass of a model over one batch"),
  text_seconds: z.int().min(1).max(86_400).default(5).describe(
    "longest time for the tokens of one text, and for one document of a folder (a second more each MiB)",
  ),
});

/** How much of a file is read before it is taken for a bomb, and how long a model may think. */
export type Limits = Readonly<z.infer<typeof limitsSchema>>;

/** The name of a limit. */
export type LimitName = keyof Limits;

/** Every packed file may unpack to this many bytes, however small it is. */
export const UNPACK_ALLOWANCE = 64 * MIB;

/**
 * The limits that hold here: the defaults, or what {@link LIMITS_VARIABLE} says. It is a variable and no option, so that worker
 * threads and processes know it too.
 *
 * @throws {LatebenchError} exit code 1 where the variable cannot be read
 */
export function limits(): Limits {
  const text = readVariable();
  const values: Record<string, number> = {};
  for (const part of text.split(",").filter((part) => part.trim() !== "")) {
    const [, name, value] = /^\s*(\w+)=(\d+)\s*$/.exec(part) ?? [];
    if (name === undefined) throw usageError(`${LIMITS_VARIABLE}: ${part} is not NAME=NUMBER`);
    values[name] = Number(value);
  }
  const parsed = limitsSchema.safeParse(values);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0];
  const known = Object.keys(limitsSchema.shape).join(", ");
  throw usageError(`${LIMITS_VARIABLE}: ${path.join(".")} ${message} (known are ${known})`);
}

/** Bytes of a limit in MiB. */
export function limitBytes(name: "line_mib" | "text_mib"): number {
  return limits()[name] * MIB;
}

/** Bytes to which a packed file of `size` bytes may unpack. */
export function unpackedLimit(size: number): number {
  return UNPACK_ALLOWANCE + limits().ratio * size;
}

/** How to raise a limit, for messages. */
export function limitHint(name: LimitName): string {
  return `${LIMITS_VARIABLE}=${name}=N changes it`;
}

function readVariable(): string {
  const { state } = Deno.permissions.querySync({ name: "env", variable: LIMITS_VARIABLE });
  return state === "granted" ? Deno.env.get(LIMITS_VARIABLE) ?? "" : "";
}
