import { widthOf } from "./frame.ts";

/** A point, and the text that goes beside it. */
export interface Labelled {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

/** Where a label goes: the beginning (or end) of its baseline. */
export interface PlacedLabel {
  readonly x: number;
  readonly y: number;
  readonly anchor: "start" | "end" | "middle";
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const LINE = 12;
/** Half of a symbol, and a little air. */
const NEAR = 8;

/** Places labels where they hide as little as possible of symbols and of one another, and stay inside `area`. */
export function placeLabels(points: readonly Labelled[], area: Box): PlacedLabel[] {
  const symbols = points.map(({ x, y }): Box => ({ left: x - 6, right: x + 6, top: y - 6, bottom: y + 6 }));
  const taken: Box[] = [];
  return points.map((point, i) => {
    const others = symbols.filter((_, s) => s !== i);
    const best = candidates(point).map((label) => {
      const box = boxOf(label, point.text);
      const hidden = [...others, ...taken].reduce((sum, other) => sum + overlap(box, other), 0);
      const distance = Math.abs(label.y - point.y - 4);
      return { label, box, cost: hidden * 4 + outside(box, area) * 40 + distance };
    }).reduce((a, b) => b.cost < a.cost ? b : a);
    taken.push(best.box);
    return best.label;
  });
}

/** Right, left, above, below; then right and left further up and down. */
function candidates({ x, y }: Labelled): PlacedLabel[] {
  const beside = [0, -1, 1, -2, 2, -3, 3].flatMap((lines): PlacedLabel[] => [
    { x: x + NEAR, y: y + 4 + lines * LINE, anchor: "start" },
    { x: x - NEAR, y: y + 4 + lines * LINE, anchor: "end" },
  ]);
  return [...beside, { x, y: y - NEAR - 2, anchor: "middle" }, { x, y: y + NEAR + LINE - 2, anchor: "middle" }];
}

function boxOf({ x, y, anchor }: PlacedLabel, text: string): Box {
  const width = widthOf(text);
  const left = anchor === "start" ? x : anchor === "end" ? x - width : x - width / 2;
  return { left, right: left + width, top: y - LINE + 2, bottom: y + 3 };
}

/** Area that two boxes share, px². */
function overlap(a: Box, b: Box): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return Math.max(width, 0) * Math.max(height, 0);
}

/** How far a box leaves another, px. */
function outside(box: Box, area: Box): number {
  return Math.max(0, area.left - box.left) + Math.max(0, box.right - area.right) +
    Math.max(0, area.top - box.top) + Math.max(0, box.bottom - area.bottom);
}
