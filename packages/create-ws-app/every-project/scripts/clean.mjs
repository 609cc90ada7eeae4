import { rmSync } from "node:fs";
import { join } from "node:path";

// What a deleted handler has left behind would still be found.
rmSync(join(process.argv[2] ?? ".", "dist"), { recursive: true, force: true });
