import { rmSync } from "node:fs";

// What a deleted handler has left behind would still be found.
rmSync("dist", { recursive: true, force: true });
