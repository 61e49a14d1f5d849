import assert from "node:assert/strict";
import { parseOrigins } from "../cors.js";
import { type EdgeUnderTest, edgeBefore, fakeServices } from "./fakes.js";

const shop = "https://shop.example";
const preflight = (origin: string, verb = "POST") => ({
  method: "OPTIONS",
  headers: { authorization: "none", origin, "access-control-request-method": verb },
});

describe("the edge: web pages of other origins", () => {
  let services: Awaited<ReturnType<typeof fakeServices>>;
  before(async () => {
    services = await fakeServices({
      "/backhaul.resolution.v1.ResolutionService/GetResolution": () => ({ resolution: {} }),
    });
  });
  after(() => services.stop());

  const at = (setting: string, test: (edge: EdgeUnderTest) => Promise<void>) => async () => {
    const edge = await edgeBefore(services.address, setting ? { corsOrigins: parseOrigins(setting) } : {});
    try {
      await test(edge);
    } finally {
      await edge.stop();
    }
  };
  const read = (edge: EdgeUnderTest, origin: string) => edge.fetch("/v1/resolutions/res_1", { headers: { origin } });

  it(
    "may not call unless a setting says so",
    at("", async (edge) => {
      const asked = await edge.fetch("/v1/resolutions", preflight(shop));
      assert.deepEqual([asked.status, asked.headers.get("access-control-allow-origin")], [405, null]);
      assert.equal((await read(edge, shop)).headers.get("access-control-allow-origin"), null);
    }),
  );

  it(
    "learn without a token which verbs and headers they may send",
    at(`https://desk.example, ${shop}`, async (edge) => {
      const { status, headers } = await edge.fetch("/v1/resolutions", preflight(shop));
      assert.equal(status, 204);
      assert.equal(headers.get("access-control-allow-origin"), shop);
      assert.equal(headers.get("access-control-allow-methods"), "POST, GET");
      assert.match(headers.get("access-control-allow-headers") ?? "", /authorization, content-type, idempotency-key/);
      assert.equal(headers.get("access-control-allow-credentials"), null);
    }),
  );

  it(
    "read the answer and its headers when theirs is on the list, and nothing when it is not",
    at(shop, async (edge) => {
      const { headers } = await read(edge, shop);
      assert.equal(headers.get("access-control-allow-origin"), shop);
      const exposed = headers.get("access-control-expose-headers")?.split(", ") ?? [];
      for (const name of ["etag", "idempotent-replayed", "retry-after", "traceparent"])
        assert.ok(exposed.includes(name));
      for (const other of ["https://evil.example", `${shop}.evil.example`, "http://shop.example", "null"]) {
        const answer = await read(edge, other);
        assert.equal(answer.headers.get("access-control-allow-origin"), null, other);
        assert.match(answer.headers.get("vary") ?? "", /\borigin\b/, "no cache gives it to the right one");
        assert.equal((await edge.fetch("/v1/resolutions", preflight(other))).status, 405, other);
      }
    }),
  );

  it(
    "read refusals, too",
    at(shop, async (edge) => {
      const refused = await edge.fetch("/v1/resolutions/res_1", { headers: { origin: shop, authorization: "none" } });
      assert.deepEqual([refused.status, refused.headers.get("access-control-allow-origin")], [401, shop]);
    }),
  );

  it(
    "may be any, and none is trusted with what the browser adds",
    at("*", async (edge) => {
      const { headers } = await read(edge, "https://anybody.example");
      assert.equal(headers.get("access-control-allow-origin"), "*");
      assert.equal(headers.get("access-control-allow-credentials"), null);
    }),
  );

  it(
    "are told what is not there as anybody is",
    at(shop, async (edge) => {
      assert.equal((await edge.fetch("/v1/nothing", preflight(shop))).status, 404);
      assert.equal((await edge.fetch("/v1/resolutions", { method: "OPTIONS", headers: { origin: shop } })).status, 405);
    }),
  );

  it("are exact origins in the setting", () => {
    for (const wrong of ["shop.example", `${shop}/`, `${shop}/app`, "https://*.example", `${shop},`, `*,${shop}`]) {
      assert.throws(() => parseOrigins(wrong), /no origin/, wrong);
    }
  });
});
