// The pages that tests hold against the code: every Markdown file of the checkout that people wrote.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of package.json. */
export const root = fileURLToPath(new URL("..", import.meta.url));

const notOurs = ["node_modules", "dist", "gen"];
const folders = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !entry.name.startsWith(".") && !notOurs.includes(entry.name))
  .map(({ name }) => name);

/** Paths from the root, its own README first. */
export const pages = [
  "README.md",
  ...folders
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, `${name}`)))
    .filter((file) => file.endsWith(".md") && !file.includes("node_modules"))
    .sort(),
];

export function readPage(page: string): string {
  return readFileSync(join(root, page), "utf8");
}
