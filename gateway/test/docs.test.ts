import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fastify, { type FastifyInstance } from "fastify";
import { registry } from "#kit/contracts.js";
import { documentOf } from "../openapi/document.js";
import { pageOf } from "../openapi/page.js";
import { addDocs } from "../openapi/serve.js";
import { buildRoutes } from "../routes.js";

describe("the reference", () => {
  let app: FastifyInstance;
  const routes = buildRoutes(registry);
  const document = documentOf(routes);

  before(() => {
    app = fastify();
    addDocs(app, routes);
  });
  after(() => app.close());

  const get = (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers });

  it("is there for programs, without a token", async () => {
    const { statusCode, headers, body } = await get("/openapi.json");
    assert.deepEqual([statusCode, headers["content-type"]], [200, "application/json; charset=utf-8"]);
    assert.deepEqual(JSON.parse(body), JSON.parse(JSON.stringify(document)));
  });

  it("is loaded once: who has it is told that it still holds", async () => {
    for (const url of ["/openapi.json", "/docs"]) {
      const { headers } = await get(url);
      assert.equal(headers["cache-control"], "no-cache");
      const again = await get(url, { "if-none-match": String(headers.etag) });
      assert.deepEqual([again.statusCode, again.body], [304, ""]);
      assert.equal((await get(url, { "if-none-match": '"another"' })).statusCode, 200);
    }
  });

  it("is packed for who can unpack it, and plain for everybody else", async () => {
    const packed = await get("/docs", { "accept-encoding": "gzip, br" });
    const plain = await get("/docs");
    assert.equal(packed.headers["content-encoding"], "gzip");
    assert.equal(plain.headers["content-encoding"], undefined);
    assert.ok(packed.rawPayload.length * 5 < plain.rawPayload.length);
    assert.equal(plain.headers.vary, "accept-encoding");
  });

  it("is a page that runs its own script, and nothing that was put into it", async () => {
    const { headers, body } = await get("/docs");
    assert.equal(headers["content-type"], "text/html; charset=utf-8");
    const policy = String(headers["content-security-policy"]);
    assert.match(policy, /^default-src 'none';/);
    assert.doesNotMatch(policy, /unsafe|\*|https?:/);
    for (const tag of ["style", "script"]) {
      const [, text = ""] = new RegExp(`<${tag}>(.*?)</${tag}>`, "s").exec(body) ?? [];
      const hash = createHash("sha256").update(text).digest("base64");
      assert.ok(policy.includes(`${tag}-src 'sha256-${hash}'`), tag);
    }
    assert.doesNotMatch(body, / (on\w+|style|src)=/);
  });

  it("shows every operation, reason and message, and leads only to what it shows", () => {
    const page = pageOf(document);
    const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    for (const { operationId } of Object.values(document.paths).flatMap((item) => Object.values(item))) {
      assert.ok(ids.has(operationId), operationId);
    }
    for (const reason of Object.keys(document.components.examples)) assert.ok(ids.has(`reason-${reason}`), reason);
    for (const name of Object.keys(document.components.schemas)) assert.ok(ids.has(`schema-${name}`), name);
    const targets = [...page.matchAll(/ href="#([^"]+)"/g)].map(([, target]) => target);
    assert.deepEqual(
      targets.filter((target) => !ids.has(target)),
      [],
    );
  });

  it("takes a contract's words as text, not as HTML", () => {
    const [path = "", item = {}] = Object.entries(document.paths)[0] ?? [];
    const hostile = Object.fromEntries(
      Object.entries(item).map(([verb, operation]) => [
        verb,
        { ...operation, summary: '<img src=x onerror="alert(1)">' },
      ]),
    );
    const page = pageOf({ ...document, paths: { [path]: hostile } });
    assert.ok(page.includes("&lt;img src=x onerror=&quot;"));
    assert.ok(!page.includes("<img"));
  });
});
