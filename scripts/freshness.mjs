// Whether gen/ was made from what lies here now: setup.mjs makes it again where it was not, the check only says so.
// Plain Node, no dependencies: setup runs before there are any.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, "gen", ".stamp");

/** What the generated code should have been made from. */
export function wantedStamp() {
  const inputs = [
    ...filesUnder(join(root, "proto")),
    join(root, "buf.yaml"),
    join(root, "buf.gen.yaml"),
    ...names(join(root, "services")).map((name) => join(root, "services", name, "prisma", "schema.prisma")),
    ...names(join(root, "scripts"))
      .filter((name) => name.startsWith("generate"))
      .flatMap((name) => filesUnder(join(root, "scripts", name))),
    join(root, "gateway", "routes.ts"),
    ...filesUnder(join(root, "gateway", "openapi")),
    ...filesUnder(join(root, "scripts", "client")),
    join(root, "package-lock.json"),
  ];
  return hash(inputs.filter(existsSync));
}

/** What it was made from; undefined when that is not known. */
export function foundStamp() {
  return existsSync(stamp) ? readFileSync(stamp, "utf8") : undefined;
}

export function writeStamp(wanted) {
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
}

export function removeStamp() {
  rmSync(stamp, { force: true });
}

/** One hash over the names and contents of those files. */
export function hash(files) {
  const sum = createHash("sha256");
  for (const file of files) {
    const content = readFileSync(file);
    sum.update(`\0${relative(root, file)}\0${content.length}\0`).update(content);
  }
  return sum.digest("hex");
}

export function names(dir) {
  return existsSync(dir) ? readdirSync(dir).sort() : [];
}

/** Every file below a directory, or the file itself. */
export function filesUnder(path) {
  return statSync(path).isDirectory() ? names(path).flatMap((name) => filesUnder(join(path, name))) : [path];
}
