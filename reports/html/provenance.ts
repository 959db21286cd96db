import { html } from "hono/html";
import type { Environment } from "../../eval/results/environment_schema.ts";
import type { Results } from "../../eval/results/schema.ts";
import { formatBytes, formatCount, formatFlops } from "../format.ts";
import type { Source } from "../sources.ts";
import type { Markup } from "./markup.ts";

/** Settings, hashes and machine: everything that is needed to make the figures again. */
export function provenance({ name, results }: Source): Markup {
  const { command, environment, encoder, datasets, cells } = results;
  const systems = new Map(cells.filter(({ backend }) => backend !== null).map((cell) => [cell.system, cell]));
  return html`<section>
<h2>How these figures were made${name === "" ? "" : `: ${name}`}</h2>
${
    list([
      ["command", `deno task ${command.join(" ")}`],
      ["latebench", `${environment.latebench}, commit ${environment.commit ?? "unknown"}`],
      ["runtime", Object.entries(environment.versions).map(([name, version]) => `${name} ${version}`).join(", ")],
      [
        "machine",
        `${environment.cpu}, ${environment.cores} cores, ${formatBytes(environment.memory_bytes)}, ${environment.os}`,
      ],
      ["vector instructions", environment.cpu_flags.join(" ") || "not known"],
      ["limits of the container", limitsLine(environment)],
      ["frequency policy", environment.frequency_policy ?? "not known"],
      ["energy", environment.energy],
      ["began", environment.started],
      ["threads", String(environment.threads)],
      ["load", loadLine(environment)],
    ])
  }
${
    encoder
      ? html`<h3>Encoder</h3>${
        list([
          ["name", encoder.config.name],
          ["hash", encoder.hash],
          ["model file", formatBytes(encoder.model_bytes)],
          [
            "tokenisation",
            `${encoder.config.tokenisation}, queries ${encoder.config.query_maxlen}, passages ${encoder.config.doc_maxlen} positions`,
          ],
          ["query augmentation", encoder.config.mask_augmentation ? "[MASK] up to the full length" : "off"],
          [
            "vectors",
            `${encoder.config.dim}-d, ${encoder.config.similarity}, stored as fp16${
              encoder.config.pool_factor ? `, one in ${encoder.config.pool_factor} of a passage (token pooling)` : ""
            }`,
          ],
        ])
      }`
      : ""
  }
${
    datasets.map((dataset) =>
      html`<h3>${dataset.title}</h3>${
        list([
          ["name", dataset.name],
          ["licence", dataset.licence],
          ["passages", formatCount(dataset.passages) + (dataset.sample ? ` of ${formatCount(dataset.sample.of)}` : "")],
          ["collection hash", dataset.collection_hash],
          ...dataset.topics.map(({ name, qrels_hash }): [string, string] => [`judgements of ${name}`, qrels_hash]),
          ...dataset.embeddings ? [["vectors", encodingLine(dataset.embeddings)] as [string, string]] : [],
        ])
      }`
    )
  }
<h3>Systems</h3>
${
    list(
      [...systems].map((
        [name, { options, kernel }],
      ) => [name, `${JSON.stringify(options)}${kernel ? `, ${kernel} kernel` : ""}`]),
    )
  }
</section>`;
}

function limitsLine({ limits, virtual }: Environment): string {
  const { cores, memory_bytes } = limits;
  const known = [
    ...cores === null ? [] : [`${cores} cores`],
    ...memory_bytes === null ? [] : [formatBytes(memory_bytes)],
  ];
  return `${known.join(", ") || "none"}${virtual ? "; a virtual machine, which shares its host" : ""}`;
}

function loadLine({ load_average, load_average_after, others_share, stolen_share, busy }: Environment): string {
  const percent = (share: number | null) => share === null ? "not known" : `${(100 * share).toFixed(1)} %`;
  return `load average ${load_average.toFixed(2)} before and ${
    load_average_after.toFixed(2)
  } after; other programs took ` +
    `${percent(others_share)} of the processors' time, other machines of the host ${percent(stolen_share)}` +
    `${busy ? ": busy, times are not to be relied on" : ""}`;
}

function encodingLine(embeddings: NonNullable<Results["datasets"][number]["embeddings"]>): string {
  const { tokens, dim, encoded_passages: passages, encode_seconds: seconds, flops } = embeddings;
  const rate = passages > 0 ? `, encoded at ${formatCount(Math.round(passages / seconds))} passages/s` : "";
  return `${formatCount(tokens)} × ${dim}${rate}${
    flops ? `, ${formatFlops(flops.float)}FLOP, ${formatFlops(flops.integer)}OP on integers` : ""
  }`;
}

function list(entries: readonly (readonly [string, string])[]): Markup {
  return html`<dl>${
    entries.map(([term, value]) =>
      html`
        <dt>${term}</dt>
        <dd>${value}</dd>
      `
    )
  }</dl>`;
}
