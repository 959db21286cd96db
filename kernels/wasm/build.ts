/**
 * Compiles `loops.as.ts`, and the files that it names, to WebAssembly.
 *
 * `deno task build:wasm` writes the result to `loops.wasm`; a test compares the checked-in file with a fresh build.
 */
import asc from "assemblyscript/asc";

const TARGET = new URL("./loops.wasm", import.meta.url);

/** The bytes of the compiled module. The same source gives the same bytes. */
export async function buildLoops(): Promise<Uint8Array> {
  let bytes: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    [
      ...["loops.as.ts", "-o", "loops.wasm", "-O3", "--runtime", "stub", "--noAssert"],
      ...[
        "--enable",
        "simd,relaxed-simd,threads",
        "--importMemory",
        "--sharedMemory",
        "--initialMemory",
        "65536",
        "--maximumMemory",
        "65536",
      ],
    ],
    {
      readFile: (name: string) =>
        /^\w+\.as\.ts$/.test(name) ? Deno.readTextFileSync(new URL(name, import.meta.url)) : null,
      writeFile: (name: string, content: string | Uint8Array) => {
        if (name === "loops.wasm" && typeof content !== "string") bytes = content;
      },
      listFiles: () => [],
    },
  );
  if (error || !bytes) throw new Error(`AssemblyScript: ${error?.message ?? "no output"}\n${stderr}`);
  return bytes;
}

if (import.meta.main) Deno.writeFileSync(TARGET, await buildLoops());
