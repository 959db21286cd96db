// @ts-types="@types/d3-scale"
import { scaleLinear, scaleLog } from "d3-scale";
// @ts-types="@types/d3-array"
import { extent } from "d3-array";

/** One axis of a chart, in data units. */
export interface Axis {
  /** What it measures. */
  readonly name: string;
  /** The same as the chart prints it. */
  readonly label: string;
  readonly ticks: readonly number[];
  /** From a value to a share of the axis, 0 at its beginning. */
  position(value: number): number;
  format(value: number): string;
}

/** How an axis is made. */
export interface AxisOptions {
  /** What it measures, with its unit. */
  readonly name: string;
  /** Which way is better. */
  readonly hint?: string;
  format(value: number): string;
}

/**
 * A linear axis over the values, with a little room; from 0 where `fromZero` asks for it; ticks of `bytes` are round in binary
 * units, and at whole numbers only where these are `whole`.
 */
export function linearAxis(
  values: readonly number[],
  { name, hint, format }: AxisOptions,
  {
    fromZero = false,
    bounds = [-Infinity, Infinity] as readonly [number, number],
    bytes = false,
    ticks = 5,
    whole = false,
  } = {},
): Axis {
  const [low, high] = range(values);
  const room = (high - low) * 0.12 || Math.abs(high) * 0.1 || 1;
  const from = fromZero ? Math.min(0, low) : Math.max(low - room, bounds[0], low >= 0 ? 0 : -Infinity);
  const until = Math.min(high + room, bounds[1]);
  const within = (value: number) => Math.min(Math.max(value, bounds[0]), bounds[1]);
  const unit = bytes ? 2 ** (10 * Math.floor(Math.log2(Math.max(until, 1)) / 10)) : 1;
  const scale = scaleLinear().domain([from / unit, until / unit]).nice(5);
  scale.domain(scale.domain().map((end) => within(end * unit) / unit));
  return {
    name,
    label: labelOf(name, hint),
    format,
    ticks: scale.ticks(ticks).map((tick) => tick * unit).filter((tick) => !whole || Number.isInteger(tick)),
    position: (value) => scale(value / unit),
  };
}

/** A logarithmic axis over positive values. */
export function logAxis(
  values: readonly number[],
  { name, hint, format, ticks = "decimal", room = 1.6 }: AxisOptions & {
    /** 1, 2, 5, 10 … or, for bytes, powers of four. */
    readonly ticks?: "decimal" | "bytes";
    /** Factor by which the axis is longer than the values at both ends. */
    readonly room?: number;
  },
): Axis {
  const [low, high] = range(values);
  const domain: [number, number] = [low / room, high * room];
  const scale = scaleLog().domain(domain);
  return {
    name,
    label: labelOf(`${name}, log`, hint),
    format,
    ticks: logTicks(domain, ticks),
    position: scale,
  };
}

function labelOf(name: string, hint: string | undefined): string {
  return hint ? `${name} (${hint})` : name;
}

function range(values: readonly number[]): [number, number] {
  const [low, high] = extent(values);
  return [low ?? 0, high ?? 1];
}

/** Ticks within a domain, thinned to at most seven. */
function logTicks([low, high]: [number, number], kind: "decimal" | "bytes"): number[] {
  if (kind === "bytes") {
    const powers = Math.log2(high / low) / 2;
    const step = Math.max(1, Math.ceil(powers / 7));
    const first = Math.ceil(Math.log2(low) / 2);
    return Array.from({ length: Math.floor(powers / step) + 1 }, (_, i) => 4 ** (first + i * step)).filter((tick) =>
      tick <= high
    );
  }
  const powers = Array.from(
    { length: Math.floor(Math.log10(high)) - Math.floor(Math.log10(low)) + 1 },
    (_, i) => 10 ** (Math.floor(Math.log10(low)) + i),
  );
  const within = (steps: readonly number[]) =>
    powers.flatMap((power) => steps.map((step) => step * power)).filter((tick) => tick >= low && tick <= high);
  return [[1, 2, 5], [1, 3], [1]].map(within).find((ticks) => ticks.length <= 7) ?? everyOther(within([1]));
}

function everyOther(ticks: readonly number[]): number[] {
  const step = Math.ceil(ticks.length / 7);
  return ticks.filter((_, i) => i % step === 0);
}
