// Writes gen/: TypeScript and the descriptor set from proto/, the REST edge's types and what the client package knows
// from those, a Prisma client from each service's schema.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

const bin = (name) => join("node_modules", ".bin", name);

run(bin("buf"), ["generate"]);
run(bin("buf"), ["build", "-o", "gen/image.binpb", "--as-file-descriptor-set"]);
run(bin("tsx"), ["--conditions=source", "gateway/openapi/writeTypes.ts"]);
run(bin("tsx"), ["--conditions=source", "scripts/client/writeContracts.ts"]);
for (const service of readdirSync("services")) {
  const schema = join("services", service, "prisma", "schema.prisma");
  // The schema engine is only needed by `prisma migrate`; naming any program keeps Prisma from downloading it.
  if (existsSync(schema))
    run(bin("prisma"), ["generate", "--schema", schema], { PRISMA_SCHEMA_ENGINE_BINARY: "/bin/true" });
}

function run(command, args, env = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    env: { ...process.env, PRISMA_HIDE_UPDATE_MESSAGE: "1", ...env },
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  if (status === 0) return;
  console.error(`${command} ${args.join(" ")} failed:\n${stdout ?? ""}${stderr ?? ""}${error ?? ""}`);
  process.exit(1);
}
