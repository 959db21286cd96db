/** The part of jStat that is used here. */
declare module "jstat" {
  const jStat: {
    /** Regularised incomplete beta function. */
    ibeta(x: number, a: number, b: number): number;
    readonly studentt: {
      inv(p: number, degreesOfFreedom: number): number;
    };
    readonly normal: {
      cdf(x: number, mean: number, deviation: number): number;
    };
    readonly binomial: {
      /** Probability of at most `k` of `n`. */
      cdf(k: number, n: number, p: number): number;
    };
  };
  export default jStat;
}
