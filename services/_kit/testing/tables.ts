// The kit's own tables as migrations, for tests that have no service around them.
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { testFolder } from "./stage.js";

/** A folder of migrations: the kit's, and these by name. */
export function kitMigrations(more: Readonly<Record<string, string>> = {}): URL {
  const folder = testFolder("migrations");
  for (const [name, file] of [
    ["1_kit", "kit.sql"],
    ["1_kit_audit", "audit.sql"],
    ["1_kit_operator", "operator.sql"],
  ] as const) {
    mkdirSync(join(folder, name));
    cpSync(new URL(`../prisma/${file}`, import.meta.url), join(folder, name, "migration.sql"));
  }
  for (const [name, sql] of Object.entries(more)) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "migration.sql"), sql);
  }
  return pathToFileURL(`${folder}/`);
}
