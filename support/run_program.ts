/** What a program that was run has said. */
export interface Ran {
  readonly ok: boolean;
  /** It is not there, or may not be run. */
  readonly missing: boolean;
  readonly output: string;
  /** In one line what it complained about. */
  readonly problem: string;
}

/** Runs a program of this machine; one that is missing or may not be run is a problem like any other. */
export async function runProgram(program: string, args: readonly string[]): Promise<Ran> {
  try {
    const command = new Deno.Command(program, { args: [...args], stdin: "null", stdout: "piped", stderr: "piped" });
    const { success, stdout, stderr } = await command.output();
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    const lines = decode(stderr).split("\n");
    const problem = lines.find((line) => /error:|^E:/i.test(line)) ?? lines[0];
    return { ok: success, missing: false, output: decode(stdout), problem: `${program}: ${problem.trim()}` };
  } catch (error) {
    // Deno refuses to run what `--allow-run` could not resolve.
    const missing = error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable;
    const problem = missing ? `no ${program} that may be run` : (error as Error).message.split("\n")[0];
    return { ok: false, missing, output: "", problem };
  }
}
