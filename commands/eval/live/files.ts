/** Beside results that are not whole yet: how far the run is, and what it has found. */
export const STATUS_FILE = "status.json";
/** Results of the cells that are done. */
export const PARTIAL_FILE = "partial.json";
