// A project of somebody else's that takes the client package from its tarball, in a folder of its own, without a network:
// npm would unpack the same files beside the same packages.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

export type FreshProject = {
  readonly folder: string;
  readonly tarball: string;
  /** Where the package is installed. */
  readonly installed: string;
  write(name: string, text: string): void;
  /** Compiles everything strictly; what the compiler said, "" if all is well. */
  compile(): string;
};

/** Packs the client, and makes a project that has it. */
export function openProject(folder: string): FreshProject {
  const tarball = run(process.execPath, [join(root, "scripts/client.mjs"), "pack", folder]).trim();
  const installed = join(folder, "node_modules/@backhaul/client");
  mkdirSync(installed, { recursive: true });
  run("tar", ["-xzf", tarball, "-C", installed, "--strip-components=1"]);
  const { dependencies } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
  for (const name of [...Object.keys(dependencies), "@types/node"]) {
    mkdirSync(dirname(join(folder, "node_modules", name)), { recursive: true });
    symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
  }
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  const settings = { target: "es2023", module: "nodenext", strict: true, noUncheckedIndexedAccess: true };
  const compilerOptions = { ...settings, skipLibCheck: false, types: ["node"], rootDir: "src", outDir: "dist" };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["src"] }));
  return {
    folder,
    tarball,
    installed,
    write: (name, text) => {
      mkdirSync(dirname(join(folder, "src", name)), { recursive: true });
      writeFileSync(join(folder, "src", name), text);
    },
    compile: () => {
      const tsc = join(root, "node_modules/typescript/bin/tsc");
      return spawnSync(process.execPath, [tsc, "-p", folder, "--pretty", "false"], { encoding: "utf8" }).stdout;
    },
  };
}

function run(command: string, args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${error?.message ?? stderr}`);
  return stdout;
}
