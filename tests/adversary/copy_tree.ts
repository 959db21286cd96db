import { cpSync, rmSync } from "node:fs";

/** Copies a folder, times of files included, in the place of what is there. */
export function copyTree(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  cpSync(from, to, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
}
