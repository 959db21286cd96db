import { badInput, explainIoError } from "./errors.ts";

/**
 * Opens a file for reading. Pipes, sockets and devices are refused before they are opened: they may never answer or never end, and
 * what is read is often read twice.
 *
 * @throws {LatebenchError} where it is missing, or is no file
 */
export function openFile(path: string): Deno.FsFile {
  try {
    refuseSpecialFile(path);
    return Deno.openSync(path, { read: true });
  } catch (error) {
    throw explainIoError(error, path);
  }
}

/**
 * Reads a whole file, with the errors of {@link openFile}. Whoever has the file from somebody else looks at its size first.
 */
export function readFile(path: string): Uint8Array<ArrayBuffer> {
  try {
    refuseSpecialFile(path);
    return Deno.readFileSync(path);
  } catch (error) {
    throw explainIoError(error, path);
  }
}

/**
 * Refuses what is neither file nor missing.
 *
 * @returns bytes of the file
 * @throws {LatebenchError} for folders, pipes, sockets and devices; {Deno.errors.NotFound} where there is nothing
 */
export function refuseSpecialFile(path: string): number {
  const info = Deno.statSync(path);
  if (!info.isFile) throw badInput(path, kindOf(info), "a file");
  return info.size;
}

function kindOf(info: Deno.FileInfo): string {
  if (info.isDirectory) return "a folder";
  if (info.isFifo) return "a pipe (FIFO)";
  if (info.isSocket) return "a socket";
  return info.isCharDevice || info.isBlockDevice ? "a device" : "no regular file";
}
