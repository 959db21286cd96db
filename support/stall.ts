/**
 * Waits for `work`, which tells of every step, and gives up where none comes for too long.
 *
 * @param work is given what it has to call after each step
 * @throws `error()` after `seconds` without a step; what still runs is left to whoever owns it
 */
export async function untilStalled<T>(
  seconds: number,
  error: () => Error,
  work: (step: () => void) => Promise<T>,
): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const step = () => {
    clearTimeout(timer);
    timer = setTimeout(() => reject(error()), seconds * 1000);
  };
  step();
  try {
    return await Promise.race([work(step), promise]);
  } finally {
    clearTimeout(timer);
  }
}
