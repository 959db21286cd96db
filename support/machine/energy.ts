import { readSystemFile } from "./system_file.ts";

/** Processor packages that are looked for. */
const MOST_PACKAGES = 16;

/**
 * Energy that the processor's packages have taken, J, from an arbitrary beginning (Intel's RAPL counters, which the system may keep
 * from all but root); null where not readable.
 */
export function packageEnergy(): number | null {
  const packages = Array.from({ length: MOST_PACKAGES }, (_, i) => {
    return readSystemFile(`/sys/class/powercap/intel-rapl:${i}/energy_uj`);
  });
  const counts = packages.flatMap((text) => text === null ? [] : [Number(text)]);
  return counts.length === 0 ? null : counts.reduce((sum, microjoules) => sum + microjoules, 0) / 1e6;
}
