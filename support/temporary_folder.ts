import { LatebenchError } from "./errors.ts";

/**
 * Makes a folder for temporary files, where the system wants them.
 *
 * @throws {LatebenchError} where that folder is missing or may not be written to
 */
export async function makeTemporaryFolder(prefix: string): Promise<string> {
  try {
    return await Deno.makeTempDir({ prefix });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `no temporary folder can be made (${reason}): TMPDIR has to name one that can be written to`;
    throw new LatebenchError(message, 2, { cause: error });
  }
}
