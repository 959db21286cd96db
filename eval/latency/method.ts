/**
 * How latency is measured: not at all; `quick`, one pass in this process; `full`, every scenario, each system in a process of its
 * own.
 */
export type LatencyMethod = "off" | "quick" | "full";
