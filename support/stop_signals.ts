/** The signals that ask a program to end, and the exit codes that tell of them. */
export const STOPS = { SIGINT: 130, SIGTERM: 143 } as const;

/** What the thread that watches signals is told. */
export type StopMessage =
  | { readonly stopping: SharedArrayBuffer }
  | { readonly path: string; readonly begins: boolean };
