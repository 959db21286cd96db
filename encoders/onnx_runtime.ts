import { notAvailable } from "../support/errors.ts";

/** Keeps onnxruntime from collecting what it would send to its makers: it is read when the library starts. */
const SWITCH = "ORT_DISABLE_TELEMETRY";

/**
 * Loads onnxruntime, with its telemetry off: it would write a device id and a queue of events (CPU, names of files and graphs) into
 * the user's cache folder, and look up its server from native code, which Deno's permissions do not hold.
 *
 * @throws {LatebenchError} exit code 4 where it cannot be loaded, or its telemetry cannot be switched off
 */
export async function loadRuntime(): Promise<typeof import("onnxruntime-node")> {
  switchTelemetryOff();
  try {
    return await import("onnxruntime-node");
  } catch (error) {
    throw notAvailable(`onnxruntime-node cannot be loaded here (${(error as Error).message.split("\n")[0]})`, error);
  }
}

/** Version of the runtime, for the results file. */
export async function onnxRuntimeVersion(): Promise<string> {
  const ort = await loadRuntime();
  return ort.env.versions.node ?? ort.env.versions.common;
}

/** Deno's environment is the process's own, for threads and child processes too. It is written once: others may read it meanwhile. */
function switchTelemetryOff(): void {
  try {
    if (Deno.env.get(SWITCH) !== "1") Deno.env.set(SWITCH, "1");
  } catch (error) {
    throw notAvailable(`onnxruntime's telemetry cannot be switched off without --allow-env=${SWITCH}`, error);
  }
}
