import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { status } from "@grpc/grpc-js";
import { accessOf, registry } from "#kit/contracts.js";
import { codes } from "#kit/errors.js";
import { looksPersonal, textFields } from "#kit/personal.js";

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

  it("has every field whose name looks personal say what it tells of a person", () => {
    const fields = textFields();
    assert.ok(fields.length > 500);
    const silent = fields.filter(({ field, said }) => said === undefined && looksPersonal(field));
    const named = silent.map(({ message, field }) => `${message}.${field}`);
    assert.deepEqual(named, [], "say it with backhaul.type.v1.personal; PERSONAL_NONE if it tells nothing");
    assert.ok(!looksPersonal("order_id") && looksPersonal("holder_name") && looksPersonal("phone"));
  });

  it("gives every service that keeps words of people the keys' table, to the letter", () => {
    const sealing = ["collection", "eligibility", "inspection", "refund", "resolution"];
    const made = readdirSync(new URL("services/", root)).filter((name) =>
      existsSync(new URL(`services/${name}/prisma/migrations/20261128000000_personal`, root)),
    );
    assert.deepEqual(made.sort(), sealing);
    for (const name of sealing) {
      const migration = read(`services/${name}/prisma/migrations/20261128000000_personal/migration.sql`);
      assert.ok(migration.startsWith(read("services/_kit/prisma/personal.sql")), name);
      assert.ok(
        read(`services/${name}/prisma/schema.prisma`).includes(read("services/_kit/prisma/personal.prisma")),
        name,
      );
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
        ["20261129010000_bus", "bus.sql"],
      ])
        assert.equal(
          read(`services/${name}/prisma/migrations/${migration}/migration.sql`),
          read(`services/_kit/prisma/${file}`),
          `${name} ${file}`,
        );
      assert.ok(read(`services/${name}/prisma/schema.prisma`).endsWith(read("services/_kit/prisma/kit.prisma")), name);
      assert.equal(
        read(`services/${name}/prisma/migrations/20261128000000_retention/migration.sql`),
        read("services/_kit/prisma/retention.sql"),
        name,
      );
    }
  });
});
