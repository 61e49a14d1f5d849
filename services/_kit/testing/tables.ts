// The kit's own tables as migrations, for tests that have no service around them.
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** Fills a folder with migrations: the kit's, and these by name. */
export function kitMigrations(folder: string, more: Readonly<Record<string, string>> = {}): URL {
  for (const [name, file] of [
    ["1_kit", "kit.sql"],
    ["1_kit_audit", "audit.sql"],
    ["1_kit_bus", "bus.sql"],
    ["1_kit_operator", "operator.sql"],
  ] as const) {
    mkdirSync(join(folder, name), { recursive: true });
    cpSync(new URL(`../prisma/${file}`, import.meta.url), join(folder, name, "migration.sql"));
  }
  for (const [name, sql] of Object.entries(more)) {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, "migration.sql"), sql);
  }
  return pathToFileURL(`${folder}/`);
}
