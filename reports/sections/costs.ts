import type { Cell } from "../../eval/results/schema.ts";
import type { FootprintRecord } from "../../eval/results/cost_schema.ts";
import { barChart } from "../charts/bars.ts";
import { formatBytes, formatCount } from "../format.ts";
import type { Leaderboard } from "../leaderboard.ts";
import { columnsOf, figure, type Row, type Table, words } from "../table.ts";
import type { Section } from "./section.ts";

/** A system with an index. */
interface Built {
  readonly system: string;
  readonly series: number;
  readonly footprint: FootprintRecord;
  readonly build: Cell["build"];
}

/** What each index takes on disk and in memory, and what building it took. */
export function costSection({ cells, dataset, topics }: Leaderboard): Section | null {
  const built = cells.flatMap(({ system, footprint, build }, series): Built[] => {
    return footprint ? [{ system, series, footprint, build }] : [];
  });
  if (built.length === 0) return null;
  return {
    title: "Footprint and building",
    charts: [barChart({
      title: `Index on disk, ${dataset} / ${topics}`,
      caption: "Bytes of the index by what its files are for.",
      label: "on disk",
      format: formatBytes,
      unit: "bytes",
      bars: built.map(({ system, series, footprint: { purposes } }) => ({ label: system, series, parts: purposes })),
    })],
    tables: [diskTable(built), memoryTable(built), buildTable(built)],
  };
}

function diskTable(built: readonly Built[]): Table {
  const projected = built[0].footprint.projected.map(({ passages }) => passages);
  const rows = built.map(({ system, series, footprint }): Row => ({
    series,
    cells: [
      system,
      figure(footprint.disk_bytes, formatBytes),
      figure(footprint.bytes_per_passage, (bytes) => bytes.toFixed(1)),
      figure(footprint.bytes_per_token, (bytes) => bytes.toFixed(1)),
      ...footprint.projected.map(({ bytes }) => figure(bytes, formatBytes)),
      Object.entries(footprint.purposes).sort(([, a], [, b]) => b - a)
        .map(([purpose, bytes]) => `${purpose} ${formatBytes(bytes)}`).join(", "),
    ],
  }));
  return {
    caption:
      "On disk. Projected: centroids by the square root of the passages, settings not at all, the rest in proportion.",
    columns: columnsOf(
      words("system"),
      "index",
      "bytes/passage",
      "bytes/token",
      ...projected.map((passages) => `at ${formatCount(passages)}`),
      words("of it"),
    ),
    rows,
  };
}

function memoryTable(built: readonly Built[]): Table {
  const rows = built.map(({ system, series, footprint: { memory_bytes, process } }): Row => {
    const moments = [process?.empty, process?.encoder, process?.loaded, process?.peak];
    return {
      series,
      cells: [
        system,
        figure(memory_bytes, formatBytes),
        ...moments.map((memory) => figure(memory?.pss_bytes, formatBytes)),
        figure(process?.peak.rss_bytes, formatBytes),
        figure(process?.peak.anonymous_bytes, formatBytes),
      ],
    };
  });
  return {
    caption: "In memory: by the index's own account, and of the process that searched (full latency only).",
    columns: columnsOf(
      words("system"),
      "own account",
      "PSS, empty process",
      "with the encoder",
      "with the index",
      "at the peak of searching",
      "RSS then",
      "of it heaps and buffers",
    ),
    rows,
  };
}

function buildTable(built: readonly Built[]): Table {
  const rows = built.flatMap(({ system, series, build }): Row[] =>
    build
      ? [{
        series,
        cells: [
          system,
          figure(build.seconds, (seconds) => seconds.toFixed(2)),
          figure(build.processor_seconds, (seconds) => seconds.toFixed(2)),
          figure(build.threads, String),
          figure(build.tokens_per_second, (rate) => formatCount(Math.round(rate))),
          figure(build.peak_memory_bytes, formatBytes),
        ],
      }]
      : []
  );
  return {
    caption: "Building, encoding excluded, when the index was built.",
    columns: columnsOf(words("system"), "s", "processor s", "threads", "tokens/s", "most memory of the process"),
    rows,
  };
}
