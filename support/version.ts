import config from "../deno.json" with { type: "json" };

/** Version of latebench. */
export const VERSION: string = config.version;
