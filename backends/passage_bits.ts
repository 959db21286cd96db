/** Numbers of the bits that are set, ascending. */
export function numbersOfBits(bits: Uint32Array): Int32Array<ArrayBuffer> {
  const numbers = new Int32Array(countOfBits(bits));
  let at = 0;
  for (let word = 0; word < bits.length; word++) {
    for (let left = bits[word]; left !== 0; left &= left - 1) numbers[at++] = 32 * word + 31 - Math.clz32(left & -left);
  }
  return numbers;
}

/** How many bits are set. */
export function countOfBits(bits: Uint32Array): number {
  let count = 0;
  for (let word = 0; word < bits.length; word++) count += countBits(bits[word]);
  return count;
}

/** Whether the bit of a number is set. */
export function hasBit(bits: Uint32Array, number: number): boolean {
  return ((bits[number >> 5] >>> (number & 31)) & 1) === 1;
}

function countBits(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
