import { deepStrictEqual, doesNotMatch, match, ok, strictEqual } from "node:assert/strict";
import { linearAxis, logAxis } from "../../reports/charts/axis.ts";
import { barChart } from "../../reports/charts/bars.ts";
import { curveChart } from "../../reports/charts/curves.ts";
import { tickText } from "../../reports/charts/frame.ts";
import { placeLabels } from "../../reports/charts/labels.ts";
import { scatterChart } from "../../reports/charts/scatter.ts";
import { formatBytes, formatMs, formatScore } from "../../reports/format.ts";
import { textOf } from "../../reports/table.ts";

const score = { name: "RR@10", format: formatScore };

Deno.test("a linear axis holds all values, and stays within its bounds", () => {
  const axis = linearAxis([0.2, 0.99], score, { bounds: [0, 1] });
  for (const value of [0.2, 0.99]) ok(axis.position(value) >= 0 && axis.position(value) <= 1);
  ok(axis.ticks.every((tick) => tick >= 0 && tick <= 1), axis.ticks.join());
  strictEqual(linearAxis([5, 9], score, { fromZero: true }).position(0), 0);
});

Deno.test("ticks of bytes are round in binary units, those of a logarithm few", () => {
  const axis = linearAxis([0, 900 * 2 ** 20], { name: "index", format: formatBytes }, { fromZero: true, bytes: true });
  deepStrictEqual(axis.ticks.map((tick) => tickText(axis, tick)).slice(0, 3), ["0 B", "200 MiB", "400 MiB"]);
  for (const [low, high] of [[1, 2], [0.01, 50], [1e3, 1e15]]) {
    const { ticks } = logAxis([low, high], { name: "ms", format: formatMs });
    ok(ticks.length >= 2 && ticks.length <= 7, ticks.join());
  }
  deepStrictEqual(["0.5000", "4.00 MiB", "10", "100 k", "0.05"].map((text) => tickText({ format: () => text }, 0)), [
    "0.5",
    "4 MiB",
    "10",
    "100 k",
    "0.05",
  ]);
});

Deno.test("labels of points that lie together do not hide one another", () => {
  const area = { left: 0, right: 400, top: 0, bottom: 300 };
  const points = [0, 1, 2, 3].map((i) => ({ x: 200 + i, y: 150 + i, text: `system ${i}` }));
  const boxes = placeLabels(points, area).map(({ x, y, anchor }, i) => {
    const width = 6.5 * points[i].text.length;
    const left = anchor === "start" ? x : anchor === "end" ? x - width : x - width / 2;
    return { left, right: left + width, top: y - 10, bottom: y + 3 };
  });
  for (const [i, a] of boxes.entries()) {
    for (const b of boxes.slice(i + 1)) {
      ok(a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top);
    }
  }
});

Deno.test("a scatter chart: hollow symbols are beaten in both, and the table has what is drawn", () => {
  const chart = scatterChart({
    title: "t",
    caption: "c",
    x: { name: "ms", format: formatMs },
    y: score,
    points: [[1, 0.5], [2, 0.4], [3, 0.9]].map(([x, y], series) => ({ label: `s${series}`, series, x, y })),
  });
  deepStrictEqual(String(chart.svg).match(/class="mark s\d( hollow)?/g), [
    'class="mark s0',
    'class="mark s1 hollow',
    'class="mark s2',
  ]);
  deepStrictEqual(chart.table.rows.map(({ cells }) => cells.map(textOf)), [
    ["s0", "1.00", "0.5000"],
    ["s1", "2.00", "0.4000"],
    ["s2", "3.00", "0.9000"],
  ]);
});

Deno.test("curves: marked points only are in the table, with intervals where there are some", () => {
  const points = [{ x: 1, y: 0.1, interval: [0, 0.2] as const }, { x: 2, y: 0.3, marked: false }];
  const { svg, table } = curveChart({
    title: "t",
    caption: "c",
    x: linearAxis([1, 2], score),
    y: linearAxis([0, 1], score),
    curves: [{ label: "<s>", series: 0, points }],
  });
  deepStrictEqual(table.rows.map(({ cells }) => cells.map(textOf)), [["<s>", "1.0000", "0.1000", "0.0000", "0.2000"]]);
  doesNotMatch(String(svg), /<s>/);
  match(String(svg), /&lt;s&gt;/);
});

Deno.test("bars start at 0 and are as long as their values", () => {
  const { svg, table } = barChart({
    title: "t",
    caption: "c",
    label: "ms",
    format: formatMs,
    bars: [{ label: "a", parts: { one: 1, two: 3 } }, { label: "b", parts: { one: 2 } }],
  });
  const widths = [...String(svg).matchAll(/class="part mark p\d+"[\s\S]*?width="([\d.]+)"/g)].map(([, width]) =>
    +width
  );
  strictEqual(widths.length, 3);
  ok(Math.abs(widths[1] / widths[0] - 3) < 0.02 && Math.abs(widths[2] / widths[0] - 2) < 0.02, widths.join());
  deepStrictEqual(table.rows.map(({ cells }) => cells.map(textOf)), [["a", "1.00", "3.00", "4.00"], [
    "b",
    "2.00",
    "–",
    "2.00",
  ]]);
});
