import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { status } from "@grpc/grpc-js";
import { accessOf, registry } from "#kit/contracts.js";
import { codes } from "#kit/errors.js";

const root = new URL("../../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8");

describe("kit: what stands in two places is the same in both", () => {
  it("gives each reason the code that the error manual says", () => {
    const manual = read("proto/api/backhaul/type/v1/error_reason.proto");
    const documented = [
      ...manual.matchAll(/\/\/ ([A-Z_]+)\. [^\n]*(?:\n\s*\/\/[^\n]*)*\n\s*ERROR_REASON_([A-Z_]+) = (\d+)/g),
    ];
    const inManual = Object.fromEntries(documented.map(([, code, reason]) => [reason, code]));
    const inCode = Object.fromEntries(Object.entries(codes).map(([reason, code]) => [reason, status[code]]));
    assert.deepEqual(inManual, inCode);
  });

  it("says for every rpc of ours who may call it", () => {
    const services = [...registry].filter((d) => d.kind === "service" && d.typeName.startsWith("backhaul."));
    assert.ok(services.length > 15);
    for (const service of services) {
      if (service.kind !== "service") continue;
      for (const method of service.methods)
        assert.ok(accessOf(method).roles.size > 0, `${service.typeName}/${method.name}`);
    }
  });

  it("gives every service the kit's tables, to the letter", () => {
    const services = readdirSync(new URL("services/", root)).filter(
      (name) => existsSync(new URL(`services/${name}/prisma/schema.prisma`, root)) && name !== "_kit",
    );
    assert.ok(services.length >= 5);
    for (const name of services) {
      for (const [migration, file] of [
        ["20261122000000_kit", "kit.sql"],
        ["20261128010000_audit", "audit.sql"],
        ["20261128010000_operator", "operator.sql"],
      ])
        assert.equal(
          read(`services/${name}/prisma/migrations/${migration}/migration.sql`),
          read(`services/_kit/prisma/${file}`),
          `${name} ${file}`,
        );
      assert.ok(read(`services/${name}/prisma/schema.prisma`).endsWith(read("services/_kit/prisma/kit.prisma")), name);
    }
  });
});
