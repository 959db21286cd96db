/** What trec_eval's options change about a measure. */
export interface MeasureContext {
  readonly version: 9 | 10;
  /** `-l`. */
  readonly rel: number;
  /** `-N`: passages in the collection; `utility` alone looks at it. */
  readonly collectionSize: number;
}

/**
 * How a measure's parameters are written after its name: cut-offs and fractions give one value each, numbers, gains
 * (`grade=gain`) and pairs (`name=value`) belong to one value.
 */
export type ParameterKind = "none" | "cutoffs" | "fractions" | "numbers" | "gains" | "pairs";

/** Parameters as the command line gives them, in the form that the measure takes. */
export interface Parameters {
  readonly numbers: readonly number[];
  readonly pairs: ReadonlyMap<string, number>;
}

/** A measure, or a family of measures over cut-offs, under trec_eval's name; `View` is what it sees of a query. */
export interface TrecEvalMeasure<View> {
  readonly name: string;
  readonly parameters: ParameterKind;
  readonly defaults?: readonly number[];
  /** `mean` and `sum` over queries; `geometric`: the values are logarithms; `none`: text, printed for queries only. */
  readonly over: "mean" | "sum" | "geometric" | "none";
  /** One value for each cut-off, or one. */
  values(view: View, parameters: Parameters, context: MeasureContext): readonly number[];
  /** What is printed for a query where the measure is text. */
  text?(view: View, parameters: Parameters): string;
}

/** The smallest value that a geometric mean takes for a query. */
export const MIN_GEOMETRIC = 0.00001;
