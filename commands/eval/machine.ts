import { cpus, release, totalmem, type } from "node:os";
import type { Environment } from "../../eval/results/environment_schema.ts";
import { packageEnergy } from "../../support/machine/energy.ts";
import { readSystemFile } from "../../support/machine/system_file.ts";

/** What stays as it is while a machine runs. */
export type Machine = Pick<
  Environment,
  "os" | "cpu" | "cpu_flags" | "cores" | "memory_bytes" | "limits" | "frequency_policy" | "virtual" | "energy"
>;

/** Instructions that decide how fast vectors are multiplied. */
const VECTOR_FLAGS = /^(sse4|avx|fma|f16c|amx|popcnt|asimd|neon|sve|i8mm|fphp)/;

/** Reads what the system tells of the machine. */
export function readMachine(): Machine {
  const processors = cpus();
  const flags = readSystemFile("/proc/cpuinfo")?.match(/^(?:flags|Features)\s*:(.*)$/m)?.[1].trim().split(" ") ?? null;
  return {
    os: `${type()} ${release()}`,
    cpu: processors[0]?.model.trim() ?? "unknown",
    cpu_flags: flags?.filter((flag) => VECTOR_FLAGS.test(flag)) ?? [],
    cores: processors.length,
    memory_bytes: totalmem(),
    limits: readLimits(),
    frequency_policy: readSystemFile("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")?.trim() ?? null,
    virtual: flags?.includes("hypervisor") ?? null,
    energy: packageEnergy() === null ? "not available" : "RAPL",
  };
}

/** What the container may use: control groups of version 2, or of version 1. */
function readLimits(): Machine["limits"] {
  const number = (text: string | null | undefined) => {
    const value = Number(text ?? "max");
    return Number.isFinite(value) && value > 0 && value < 2 ** 60 ? value : null; // version 1 writes a huge number for none
  };
  const read = (path: string) => readSystemFile(`/sys/fs/cgroup/${path}`)?.trim();
  const [quota, period] = read("cpu.max")?.split(" ") ??
    [read("cpu/cpu.cfs_quota_us"), read("cpu/cpu.cfs_period_us")];
  const [time, of] = [number(quota), number(period)];
  return {
    cores: time === null || of === null ? null : time / of,
    memory_bytes: number(read("memory.max") ?? read("memory/memory.limit_in_bytes")),
  };
}
