import { rmSync } from "node:fs";

/** Copies a world, FIFOs and links included. */
export function copyWorld(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  const { success, stderr } = new Deno.Command("cp", { args: ["-a", from, to] }).outputSync();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}
