import { numberOf, readSystemFile, writeSystemFile } from "./system_file.ts";

/** Memory of a process, bytes. */
export interface ProcessMemory {
  /** Pages in memory, shared ones too. */
  readonly rss_bytes: number;
  /** The same, but of pages that several processes share only its part. */
  readonly pss_bytes: number;
  /** Of that, what belongs to no file: heaps and buffers. The rest is cached files, memory maps of an index among them. */
  readonly anonymous_bytes: number;
}

/** What a process holds in memory now; null where the system does not tell. */
export function memoryOf(pid: number): ProcessMemory | null {
  const text = readSystemFile(`/proc/${pid}/smaps_rollup`);
  const [rss, pss, anonymous] = ["Rss", "Pss", "Pss_Anon"].map((name) => numberOf(text, name));
  if (rss === null || pss === null || anonymous === null) return null;
  return { rss_bytes: 1024 * rss, pss_bytes: 1024 * pss, anonymous_bytes: 1024 * anonymous };
}

/** Lets the peak of this process's memory begin anew; whether the system can do that. */
export function resetPeakMemory(): boolean {
  return writeSystemFile(`/proc/${Deno.pid}/clear_refs`, "5");
}

/** The most memory that this process has held (since {@link resetPeakMemory}), bytes; null where the system does not tell. */
export function peakMemory(): number | null {
  const kilobytes = numberOf(readSystemFile(`/proc/${Deno.pid}/status`), "VmHWM");
  return kilobytes === null ? null : 1024 * kilobytes;
}

/** Clock ticks a second in `/proc`: the same on every Linux. */
const TICKS = 100;

/**
 * Processor time of a process, its threads and the processes that it started and saw end, user and system, s; null where the
 * system does not tell.
 */
export function processorTime(pid: number): number | null {
  const text = readSystemFile(`/proc/${pid}/stat`);
  if (text === null) return null;
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" "); // the name before may hold anything
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS;
}

/** Processor time of the whole machine since it started, s. */
export interface MachineTime {
  /** Of all processors, idle or not. */
  readonly total: number;
  readonly busy: number;
  /** Taken by other machines of the same host. */
  readonly stolen: number;
}

/** How busy the machine has been; null where the system does not tell. */
export function machineTime(): MachineTime | null {
  const line = readSystemFile("/proc/stat")?.split("\n")[0].split(/\s+/).slice(1, 9).map((ticks) =>
    Number(ticks) / TICKS
  );
  if (!line) return null;
  const [user, nice, system, idle, waiting, interrupts, softInterrupts, stolen] = line;
  const busy = user + nice + system + interrupts + softInterrupts;
  return { total: busy + idle + waiting + stolen, busy, stolen };
}
