import assert from "node:assert/strict";
import diagnostics from "node:diagnostics_channel";
import { rmSync } from "node:fs";
import type { FastifyInstance } from "fastify";
import { registry } from "#kit/contracts.js";
import { passingFolder } from "#kit/local/folder.js";
import { openIssuer } from "../../scripts/mesh/issuer.js";
import { readGatewayConfig } from "../config.js";
import { documentOf } from "../openapi/document.js";
import { buildRoutes } from "../routes.js";
import { start } from "../service.js";
import { carrierRoutes } from "../webhooks.js";

/** What the edge serves that is no part of its API: nothing. Metrics have a port of their own, METRICS_PORT. */
const apart: readonly string[] = [];

const contracts = buildRoutes(registry);
const templates = new Map([...contracts, ...carrierRoutes].map(({ template }) => [template.pattern, template.text]));
const documented = Object.entries(documentOf(contracts).paths).flatMap(([path, item]) =>
  Object.keys(item).map((verb) => `${verb.toUpperCase()} ${path}`),
);

describe("the inventory of the gateway, started as it is in production", () => {
  const folder = passingFolder("inventory");
  const served: string[] = [];
  let gateway: Awaited<ReturnType<typeof start>>;

  before(async () => {
    diagnostics.subscribe("fastify.initialization", listen);
    const domains = new Set([...contracts, ...carrierRoutes].map(({ domain }) => `${domain.toUpperCase()}_ADDRESS`));
    gateway = await start(
      readGatewayConfig({
        PORT: "0",
        MESH_SECRET: "m".repeat(32),
        TOKEN_JWKS: (await openIssuer(folder)).jwks,
        LOG_LEVEL: "silent",
        ...Object.fromEntries([...domains].map((name) => [name, "127.0.0.1:1"])),
      }),
    );
  });
  after(async () => {
    diagnostics.unsubscribe("fastify.initialization", listen);
    await gateway.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Hears of every route that anybody adds to the server, from its first moment on. */
  function listen(message: unknown): void {
    const { fastify } = message as { fastify: FastifyInstance };
    fastify.addHook("onRoute", ({ method, url }) => {
      for (const verb of [method].flat()) served.push(`${verb} ${templates.get(url) ?? url}`);
    });
  }

  const answer = async (route: string) => {
    const [verb = "", path = ""] = route.split(" ");
    const url = `http://127.0.0.1:${gateway.port}${path.replaceAll(/\{[^}]+\}/g, "x")}`;
    const response = await fetch(url, { method: verb });
    const problem = response.headers.get("content-type") === "application/problem+json";
    return { status: response.status, reason: problem ? ((await response.json()) as { reason: string }).reason : "" };
  };

  it("serves nothing that the document does not tell, but for what stands apart", () => {
    assert.ok(served.length > 80, `${served.length} routes were heard of`);
    assert.deepEqual(
      served.filter((route) => !documented.includes(route) && !apart.includes(route)),
      [],
    );
  });

  it("tells of nothing that is not served", async () => {
    assert.deepEqual(
      documented.filter((route) => !served.includes(route)),
      [],
    );
    for (const route of documented) {
      const { status, reason } = await answer(route);
      const missing = reason === "ROUTE_NOT_FOUND" || reason === "METHOD_NOT_ALLOWED";
      assert.ok(!missing, `${route} is answered ${status} ${reason}`);
    }
  });

  it("answers nothing under the names that other servers use for what is nobody's business", async () => {
    const names = [
      "/metrics",
      "/debug",
      "/debug/pprof",
      "/admin",
      "/actuator",
      "/.env",
      "/.git/HEAD",
      "/graphql",
      "/v0",
    ];
    for (const name of names) assert.deepEqual(await answer(`GET ${name}`), { status: 404, reason: "ROUTE_NOT_FOUND" });
  });

  it("has no route that nobody is said to be let into", () => {
    const open = contracts.filter(({ access }) => access.roles.size === 0);
    assert.deepEqual(
      open.map(({ path }) => path),
      [],
    );
  });
});
