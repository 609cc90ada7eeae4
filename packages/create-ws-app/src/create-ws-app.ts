#!/usr/bin/env node
import { join } from "node:path";
import { main } from "./main";

// A reader that has seen enough, such as `head`, is no reason to stop halfway.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

void main(process.argv.slice(2), join(__dirname, "templates")).then((exitCode) => {
  process.exitCode = exitCode;
});
