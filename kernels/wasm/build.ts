/**
 * Compiles `maxsim.as.ts` to WebAssembly.
 *
 * `deno task build:wasm` writes the result to `maxsim.wasm`; a test compares the checked-in file with a fresh build.
 */
import asc from "assemblyscript/asc";

const SOURCE = new URL("./maxsim.as.ts", import.meta.url);
const TARGET = new URL("./maxsim.wasm", import.meta.url);

/** The bytes of the compiled module. The same source gives the same bytes. */
export async function buildMaxsim(): Promise<Uint8Array> {
  const source = Deno.readTextFileSync(SOURCE);
  let bytes: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    ["maxsim.ts", "-o", "maxsim.wasm", "-O3", "--runtime", "stub", "--noAssert", "--enable", "simd,relaxed-simd"],
    {
      readFile: (name: string) => name === "maxsim.ts" ? source : null,
      writeFile: (name: string, content: string | Uint8Array) => {
        if (name === "maxsim.wasm" && typeof content !== "string") bytes = content;
      },
      listFiles: () => [],
    },
  );
  if (error || !bytes) throw new Error(`AssemblyScript: ${error?.message ?? "no output"}\n${stderr}`);
  return bytes;
}

if (import.meta.main) Deno.writeFileSync(TARGET, await buildMaxsim());
