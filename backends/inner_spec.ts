import { z } from "zod";

/**
 * The option of a backend that names another one: a SPEC, in brackets where that has several options itself.
 *
 * @param fallback the SPEC where none is given
 */
export function innerSpec(fallback: string) {
  return z.string().default(fallback).transform((spec) => spec.replace(/^\[(.*)\]$/, "$1"));
}
