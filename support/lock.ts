import { dirname } from "node:path";
import { explainIoError } from "./errors.ts";

/**
 * Waits until no other process works on `folder`, and keeps others off until disposed. The lock lies beside the folder
 * (`folder.lock`) and is the operating system's: it ends with the process, also after a crash.
 */
export async function lockFolder(folder: string): Promise<Disposable> {
  const path = `${folder}.lock`;
  try {
    Deno.mkdirSync(dirname(path), { recursive: true });
    const file = Deno.openSync(path, { write: true, create: true });
    await file.lock(true);
    return { [Symbol.dispose]: () => file.close() };
  } catch (error) {
    throw explainIoError(error, path);
  }
}
