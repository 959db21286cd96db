import { endInHalfSquare } from "../../../kernels/k_means/train.ts";

/**
 * Centroids with −½‖centroid‖² behind them: the largest product with a row that ends in 1 is the smallest distance.
 *
 * @param centroids float32 `[partitions, dim]`
 * @returns float32 `[partitions, dim + 1]`, in memory that threads share
 */
export function withHalfSquares(centroids: Float32Array, dim: number): Float32Array<SharedArrayBuffer> {
  const count = centroids.length / dim;
  const longer = new Float32Array(new SharedArrayBuffer(4 * count * (dim + 1)));
  for (let c = 0; c < count; c++) {
    longer.set(centroids.subarray(c * dim, (c + 1) * dim), c * (dim + 1));
    endInHalfSquare(longer.subarray(c * (dim + 1), (c + 1) * (dim + 1)));
  }
  return longer;
}
