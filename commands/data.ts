import { buildCarCommand } from "./data/build_car.ts";
import { fetchCommand } from "./data/fetch.ts";
import { infoCommand } from "./data/info.ts";
import { initCommand } from "./data/init.ts";
import { listCommand } from "./data/list.ts";
import { showCommand } from "./data/show.ts";
import { verifyCommand } from "./data/verify.ts";
import { usageError } from "../support/errors.ts";
import type { Command } from "./command.ts";

/** `deno task data`: published data sets. */
export const dataCommand: Command = {
  name: "data",
  summary: "list, fetch and verify published data sets; describe a folder of one's own",
  subcommands: [listCommand, fetchCommand, verifyCommand, infoCommand, showCommand, initCommand, buildCarCommand],
  usage: `list|fetch|verify|info|show|init|build-car [options]

  list              the data sets that are known, and which are there
  fetch ID…         download what a data set needs, verify it, unpack it
  verify ID…        read what is there and compare checksums
  info ID           addresses, sizes, checksums, licence, topic sets
  show DATASET PID… passages by id
  init DIR          look at a folder and write its dataset.yaml
  build-car DIR     make a benchmark of a folder of Markdown and HTML documents

Each has a --help of its own.`,
  run: () => Promise.reject(usageError("data: name one of list, fetch, verify, info, show, init, build-car")),
};
