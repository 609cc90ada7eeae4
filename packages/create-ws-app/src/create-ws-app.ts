#!/usr/bin/env node
import { join } from "node:path";
import { main } from "./main";

void main(process.argv.slice(2), join(__dirname, "templates")).then((exitCode) => {
  process.exitCode = exitCode;
});
