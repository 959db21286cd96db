import { html } from "hono/html";
import { formatBytes, formatCount } from "../format.ts";
import type { Leaderboard } from "../leaderboard.ts";
import { dataTable } from "./data_table.ts";
import type { Markup } from "./markup.ts";

type Cell = Leaderboard["cells"][number];

/** What each index takes on disk and in memory, and what building it took. */
export function costTables({ cells }: Leaderboard): Markup {
  const built = cells.filter(({ footprint }) => footprint !== null);
  if (built.length === 0) return html``;
  return html`<details>
<summary>Footprint and building</summary>
${diskTable(built)}
${memoryTable(built)}
${buildTable(built)}
</details>`;
}

function diskTable(cells: readonly Cell[]): Markup {
  const projected = cells[0].footprint!.projected.map(({ passages }) => passages);
  const rows = cells.map(({ system, footprint }) => [
    system,
    formatBytes(footprint!.disk_bytes),
    footprint!.bytes_per_passage.toFixed(1),
    footprint!.bytes_per_token?.toFixed(1) ?? "–",
    ...footprint!.projected.map(({ bytes }) => formatBytes(bytes)),
    Object.entries(footprint!.purposes).sort(([, a], [, b]) => b - a)
      .map(([purpose, bytes]) => `${purpose} ${formatBytes(bytes)}`).join(", "),
  ]);
  return dataTable(
    "On disk. Projected: centroids by the square root of the passages, settings not at all, the rest in proportion.",
    [
      "system",
      "index",
      "bytes/passage",
      "bytes/token",
      ...projected.map((passages) => `at ${formatCount(passages)}`),
      { text: "of it" },
    ],
    rows,
  );
}

function memoryTable(cells: readonly Cell[]): Markup {
  const rows = cells.map(({ system, footprint }) => {
    const { memory_bytes, process } = footprint!;
    const moments = [process?.empty, process?.encoder, process?.loaded, process?.peak];
    return [
      system,
      formatBytes(memory_bytes),
      ...moments.map((memory) => memory ? formatBytes(memory.pss_bytes) : "–"),
      process ? formatBytes(process.peak.rss_bytes) : "–",
      process ? formatBytes(process.peak.anonymous_bytes) : "–",
    ];
  });
  const moments = ["PSS, empty process", "with the encoder", "with the index", "at the peak of searching"];
  return dataTable(
    "In memory: by the index's own account, and of the process that searched (full latency only).",
    ["system", "own account", ...moments, "RSS then", "of it heaps and buffers"],
    rows,
  );
}

function buildTable(cells: readonly Cell[]): Markup {
  const rows = cells.flatMap(({ system, build }) =>
    build
      ? [[
        system,
        build.seconds.toFixed(2),
        build.processor_seconds?.toFixed(2) ?? "–",
        String(build.threads),
        build.tokens_per_second === null ? "–" : formatCount(Math.round(build.tokens_per_second)),
        build.peak_memory_bytes === null ? "–" : formatBytes(build.peak_memory_bytes),
      ]]
      : []
  );
  return dataTable(
    "Building, encoding excluded, when the index was built.",
    ["system", "s", "processor s", "threads", "tokens/s", "most memory of the process"],
    rows,
  );
}
