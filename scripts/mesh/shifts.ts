// By how much each part of the record was moved when it was first played on this mesh; kept in the mesh's folder.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RunOptions } from "../../replay/run.js";

export function keptShifts(dir: string): RunOptions["shifts"] {
  const file = join(dir, "replays.json");
  const all = (): Record<string, number> => (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {});
  return {
    find: (part) => all()[part],
    keep: (part, shiftMs) => {
      mkdirSync(dir, { recursive: true });
      writeFileSync(file, `${JSON.stringify({ ...all(), [part]: shiftMs }, undefined, 2)}\n`);
    },
  };
}
