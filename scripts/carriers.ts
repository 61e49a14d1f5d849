// Writes services/collection/carriers: what carriers' raw codes mean to us, made from the published code lists in a folder,
// and the table of them in its README. Usage: node --import tsx --conditions=source scripts/carriers.ts <folder>
import { readFileSync, writeFileSync } from "node:fs";
import { readSources } from "./carriers/sources.js";
import { withTable } from "./carriers/table.js";

const folder = process.argv[2];
const target = new URL("../services/collection/carriers/", import.meta.url);
if (folder === undefined) {
  console.error("carriers: name the folder of the code lists");
  process.exitCode = 1;
} else {
  const books = readSources(folder);
  for (const [name, book] of Object.entries(books)) {
    writeFileSync(new URL(name, target), `${JSON.stringify(book, null, 1)}\n`);
  }
  const readme = new URL("README.md", target);
  writeFileSync(readme, withTable(readFileSync(readme, "utf8"), books));
}
