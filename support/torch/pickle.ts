import { badInput } from "../errors.ts";

/** A class or function that a pickle names. It is a name here, and nothing is ever called. */
export interface PickledName {
  readonly kind: "name";
  readonly name: string;
}

/** A call that a pickle asks for, as data. */
export interface PickledCall {
  readonly kind: "call";
  readonly callee: PickledValue;
  readonly args: PickledValue;
}

/** Something that lies outside the pickle (for torch: the bytes of a tensor). */
export interface PickledReference {
  readonly kind: "reference";
  readonly id: PickledValue;
}

/** What a pickle holds. Tuples, lists and dictionaries' pairs are arrays. */
export type PickledValue =
  | null
  | boolean
  | number
  | string
  | PickledName
  | PickledCall
  | PickledReference
  | PickledValue[];

/** Values on the stack, or in a list: no tensor needs so many, and a pickle can ask for more than there is memory. */
const MOST_VALUES = 100_000;

/** Integers that do not fit into a number are refused: no tensor has so many entries. */
const MOST_BYTES = 7;

/**
 * Reads the part of Python's pickle format that `torch.save` writes for tensors (protocols 2 to 4). Nothing is imported and nothing
 * called: names and calls come out as data, and every other opcode is refused.
 *
 * @throws {LatebenchError} with file and byte for damaged and for other pickles
 */
export function readPickle(file: string, bytes: Uint8Array): PickledValue {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const text = new TextDecoder("utf-8", { fatal: true });
  const stack: PickledValue[] = [];
  const marks: number[] = [];
  const memo = new Map<number, PickledValue>();
  let at = 0;
  const fault = (found: string) => badInput({ file, byte: at }, found, "a pickle of tensors");
  const take = (size: number): number => {
    if (at + size > bytes.length) throw fault("the end of the pickle");
    at += size;
    return at - size;
  };
  const pop = (): PickledValue => {
    if (stack.length <= (marks.at(-1) ?? 0)) throw fault("an empty stack");
    return stack.pop()!;
  };
  const popMark = (): PickledValue[] => {
    const mark = marks.pop();
    if (mark === undefined) throw fault("no mark");
    return stack.splice(mark);
  };
  const string = (size: number) => {
    const from = take(size);
    try {
      return text.decode(bytes.subarray(from, from + size));
    } catch {
      throw fault("invalid UTF-8");
    }
  };
  const line = () => {
    const end = bytes.indexOf(0x0a, at);
    if (end < 0) throw fault("a name without an end");
    const name = string(end - at);
    at++;
    return name;
  };
  const integer = (size: number) => {
    if (size > MOST_BYTES) throw fault(`an integer of ${size} bytes`);
    const from = take(size);
    let value = 0n;
    for (let i = size - 1; i >= 0; i--) value = value * 256n + BigInt(bytes[from + i]);
    return Number(BigInt.asIntN(8 * size, value));
  };
  const recall = (key: number) => {
    if (!memo.has(key)) throw fault(`a memo ${key} that was never written`);
    return memo.get(key)!;
  };
  const append = (items: PickledValue[]) => {
    const list = stack.at(-1);
    if (!Array.isArray(list)) throw fault("entries without a list");
    if (list.length + items.length > MOST_VALUES) throw fault("a list without end");
    for (const item of items) list.push(item);
  };
  for (;;) {
    if (stack.length > MOST_VALUES || marks.length > MOST_VALUES) throw fault("a stack without end");
    const code = String.fromCharCode(bytes[take(1)]);
    switch (code) {
      case "\x80": // PROTO
        if (view.getUint8(take(1)) > 4) throw fault("a later protocol");
        break;
      case "\x95": // FRAME
        take(8);
        break;
      case ".":
        if (stack.length !== 1) throw fault(`${stack.length} values`);
        return stack[0];
      case "(":
        marks.push(stack.length);
        break;
      case ")":
      case "]":
      case "}":
        stack.push([]);
        break;
      case "t":
        stack.push(popMark());
        break;
      case "\x85":
        stack.push([pop()]);
        break;
      case "\x86":
        stack.push([pop(), pop()].reverse());
        break;
      case "\x87":
        stack.push([pop(), pop(), pop()].reverse());
        break;
      case "a":
        append([pop()]);
        break;
      case "s": {
        const [value, key] = [pop(), pop()];
        append([[key, value]]);
        break;
      }
      case "e":
        append(popMark());
        break;
      case "u": {
        const items = popMark();
        for (let i = 0; i + 1 < items.length; i += 2) append([[items[i], items[i + 1]]]);
        break;
      }
      case "N":
        stack.push(null);
        break;
      case "\x88":
        stack.push(true);
        break;
      case "\x89":
        stack.push(false);
        break;
      case "K":
        stack.push(view.getUint8(take(1)));
        break;
      case "M":
        stack.push(view.getUint16(take(2), true));
        break;
      case "J":
        stack.push(view.getInt32(take(4), true));
        break;
      case "\x8a": // LONG1
        stack.push(integer(view.getUint8(take(1))));
        break;
      case "G":
        stack.push(view.getFloat64(take(8), false));
        break;
      case "X":
        stack.push(string(view.getUint32(take(4), true)));
        break;
      case "\x8c":
        stack.push(string(view.getUint8(take(1))));
        break;
      case "c":
        stack.push({ kind: "name", name: `${line()}.${line()}` });
        break;
      case "\x93": { // STACK_GLOBAL
        const [name, module] = [pop(), pop()];
        if (typeof name !== "string" || typeof module !== "string") throw fault("a name that is no text");
        stack.push({ kind: "name", name: `${module}.${name}` });
        break;
      }
      case "q":
        memo.set(view.getUint8(take(1)), stack.at(-1) ?? null);
        break;
      case "r":
        memo.set(view.getUint32(take(4), true), stack.at(-1) ?? null);
        break;
      case "\x94":
        memo.set(memo.size, stack.at(-1) ?? null);
        break;
      case "h":
        stack.push(recall(view.getUint8(take(1))));
        break;
      case "j":
        stack.push(recall(view.getUint32(take(4), true)));
        break;
      case "Q":
        stack.push({ kind: "reference", id: pop() });
        break;
      case "R": {
        const [args, callee] = [pop(), pop()];
        stack.push({ kind: "call", callee, args });
        break;
      }
      default:
        at--;
        throw fault(`opcode 0x${code.charCodeAt(0).toString(16)}`);
    }
  }
}
