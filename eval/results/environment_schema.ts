import { z } from "zod";

/** The machine and the program that measured. */
export const environmentSchema = z.strictObject({
  latebench: z.string(),
  commit: z.string().nullable().describe("git commit, with + where files were changed; null outside a checkout"),
  lock_hash: z.string().describe("of deno.lock, which fixes all libraries"),
  versions: z.record(z.string(), z.string()).describe("runtime, libraries and kernel build"),
  os: z.string(),
  cpu: z.string(),
  cpu_flags: z.array(z.string()).describe("vector instructions among them; empty where not known"),
  cores: z.int(),
  memory_bytes: z.int(),
  limits: z.strictObject({
    cores: z.number().nullable(),
    memory_bytes: z.number().nullable(),
  }).describe("of the container; null: none, or not known"),
  frequency_policy: z.string().nullable().describe(
    "scaling governor; null where not known, as on most virtual machines",
  ),
  virtual: z.boolean().nullable().describe("a virtual machine, which shares its host"),
  threads: z.int().describe("threads that encoding and search were allowed"),
  energy: z.enum(["RAPL", "not available"]),
  started: z.string().describe("date and time, UTC"),
  load_average: z.number().describe("of the last minute, when the run began"),
  load_average_after: z.number().describe("when it ended"),
  others_share: z.number().nullable().describe(
    "processors' time that other programs took during the run; null where not known",
  ),
  stolen_share: z.number().nullable().describe("and other machines of the same host"),
  busy: z.boolean().nullable().describe("both together above 5 %: times are not to be relied on"),
});

/** The machine and the program that measured. */
export type Environment = z.infer<typeof environmentSchema>;
