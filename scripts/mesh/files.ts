// Small files of a mesh's folder that hold secrets: made once, by whoever is first, and readable by their owner only.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Reads the JSON file, or writes it with what `make` gives. Of several processes at once one writes, and all read that. */
export async function readOrMake<T>(file: string, make: () => T | Promise<T>): Promise<T> {
  const found = read<T>(file);
  if (found !== undefined) return found;
  mkdirSync(dirname(file), { recursive: true });
  try {
    writeFileSync(file, `${JSON.stringify(await make(), undefined, 2)}\n`, { flag: "wx", mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  return read<T>(file) as T;
}

function read<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Error(`${file} cannot be read: ${(error as Error).message}; delete it to have a new one made`, {
      cause: error,
    });
  }
}
