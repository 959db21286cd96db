const LIBC = "libc.so.6";
const STDERR = 2;
const WRITE_ONLY = 1;

/**
 * Runs `act` while what this process writes to stderr is dropped: FAISS's C code has no other switch for its warnings about few rows,
 * which small collections cannot heed.
 */
export function muted(act: () => void): void {
  const library = Deno.dlopen(LIBC, {
    open: { parameters: ["buffer", "i32"], result: "i32" },
    dup: { parameters: ["i32"], result: "i32" },
    dup2: { parameters: ["i32", "i32"], result: "i32" },
    close: { parameters: ["i32"], result: "i32" },
  });
  const libc = library.symbols;
  const nowhere = libc.open(new TextEncoder().encode("/dev/null\0"), WRITE_ONLY);
  const stderr = libc.dup(STDERR);
  libc.dup2(nowhere, STDERR);
  try {
    act();
  } finally {
    libc.dup2(stderr, STDERR);
    libc.close(stderr);
    libc.close(nowhere);
    library.close();
  }
}
