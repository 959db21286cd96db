/** The part of jStat that is used here. */
declare module "jstat" {
  const jStat: {
    readonly studentt: {
      cdf(x: number, degreesOfFreedom: number): number;
    };
  };
  export default jStat;
}
