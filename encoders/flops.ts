import type { EncoderConfig } from "./config.ts";

/**
 * Multiply–accumulates of one forward pass of a BERT-shaped encoder over a padded batch: the linear layers, the attention
 * products and the projection, as torchprofile counts them for SIGIR'20's Table 1 (softmax, GELU and layer norms count 0).
 * FLOPs are twice this.
 *
 * @param columns of the model's output
 * @param batch texts in the batch
 * @param length positions of each, padding included
 */
export function forwardMacs(
  architecture: EncoderConfig["architecture"],
  columns: number,
  batch: number,
  length: number,
): number | null {
  if (architecture === null) return null;
  const { layers, hidden, intermediate } = architecture;
  const linear = layers * (4 * hidden * hidden + 2 * hidden * intermediate);
  const projection = hidden === columns ? 0 : hidden * columns;
  const attention = layers * 2 * length * hidden;
  return batch * length * (linear + projection + attention);
}
