import { join } from "node:path";
import { z } from "zod";
import { keepJson } from "../../support/atomic_write.ts";
import { readJson } from "../../support/json.ts";
import { type Guard, UNGUARDED } from "../../support/watchdog.ts";
import { isFile } from "../../support/paths.ts";
import { type OnnxSession, openOnnxSession } from "../onnx_session.ts";
import { addMacs, type Macs, macsSchema, NO_MACS, timesMacs } from "./macs.ts";
import { type ExecutedNode, nodeMacs } from "./node_macs.ts";
import { makeTemporaryFolder } from "../../support/temporary_folder.ts";

const forwardMacs = z.strictObject({ constant: macsSchema, linear: macsSchema, square: macsSchema });

/**
 * What forward passes of a model cost: for one text of `length` positions, `constant + linear · length + square · length²`
 * multiply–accumulates. That holds for every model that treats the texts of a batch and their positions alike, as transformers do.
 */
export type ForwardMacs = Readonly<z.infer<typeof forwardMacs>>;

/** Multiply–accumulates of one forward pass over a padded batch. */
export function macsOf({ constant, linear, square }: ForwardMacs, batch: number, length: number): Macs {
  const text = addMacs(constant, addMacs(timesMacs(linear, length), timesMacs(square, length ** 2)));
  return timesMacs(text, batch);
}

/** Lengths that decide about the three coefficients. */
const LENGTHS = [8, 12, 16] as const;

/** The batch and length at which they have to hold. */
const CHECK = { batch: 2, length: 10 };

/** Version of what is kept. */
const VERSION = 1;

/**
 * {@link measureForwardMacs}, once for a model and machine.
 *
 * @param folder where it is kept
 * @param hash of the model file
 */
export async function keptForwardMacs(
  folder: string,
  hash: string,
  file: string,
  fixed: OnnxSession["fixed"],
  padId: number,
  guard: Guard = UNGUARDED,
): Promise<ForwardMacs | null> {
  const kept = join(folder, `${hash.slice(0, 20)}.macs-${VERSION}.json`);
  if (isFile(kept)) return readJson(kept, forwardMacs.nullable(), "what a model's forward passes cost");
  const measured = await measureForwardMacs(file, fixed, padId, guard);
  keepJson(kept, measured);
  return measured;
}

/**
 * Finds out what forward passes cost by running the model on some shapes with onnxruntime's profiler, which tells every node that
 * was executed (after fusions) with its shapes.
 *
 * @returns null for a model with nodes whose work shapes do not tell, or whose work does not grow in that way
 */
export async function measureForwardMacs(
  file: string,
  fixed: OnnxSession["fixed"],
  padId: number,
  guard: Guard = UNGUARDED,
): Promise<ForwardMacs | null> {
  const batch = fixed.batch ?? 1;
  const shapes = fixed.length !== null
    ? [{ batch, length: fixed.length }]
    : [...LENGTHS.map((length) => ({ batch, length })), { ...CHECK, batch: fixed.batch ?? CHECK.batch }];
  const runs = (await executedNodes(file, shapes, padId, guard)).map(sumMacs);
  if (runs.some((macs) => macs === null)) return null;
  const texts = (runs as Macs[]).map((macs, i) => timesMacs(macs, 1 / shapes[i].batch));
  if (fixed.length !== null) return { constant: texts[0], linear: NO_MACS, square: NO_MACS };
  const found = interpolate(texts);
  const expected = macsOf(found, 1, CHECK.length);
  return texts[3].float === expected.float && texts[3].integer === expected.integer ? found : null;
}

/** Runs batches of padding in a profiled session; what each executed. */
async function executedNodes(
  file: string,
  shapes: readonly { readonly batch: number; readonly length: number }[],
  padId: number,
  guard: Guard,
): Promise<readonly (readonly ExecutedNode[])[]> {
  const folder = await makeTemporaryFolder("latebench-profile-");
  try {
    const session = await openOnnxSession(file, 1, { profile: folder, guard });
    try {
      for (const { batch, length } of shapes) {
        const text = { ids: new Array(length).fill(padId), attention: new Array(length).fill(1), keep: [] };
        await session.run(new Array(batch).fill(text), padId);
      }
    } finally {
      await session.release();
    }
    return session.executedNodes();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function sumMacs(nodes: readonly ExecutedNode[]): Macs | null {
  return nodes.map(nodeMacs).reduce<Macs | null>((sum, macs) => sum && macs && addMacs(sum, macs), NO_MACS);
}

/** The quadratic through three equally spaced points. */
function interpolate([a, b, c]: readonly Macs[]): ForwardMacs {
  const [x, y] = LENGTHS;
  const step = y - x;
  const of = (part: keyof Macs) => {
    const square = (c[part] - 2 * b[part] + a[part]) / (2 * step ** 2);
    const linear = (b[part] - a[part]) / step - square * (x + y);
    return { constant: a[part] - linear * x - square * x ** 2, linear, square };
  };
  const [float, integer] = [of("float"), of("integer")];
  return {
    constant: { float: float.constant, integer: integer.constant },
    linear: { float: float.linear, integer: integer.linear },
    square: { float: float.square, integer: integer.square },
  };
}
