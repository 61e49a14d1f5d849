import assert from "node:assert/strict";
import { methodOf, registry } from "#kit/contracts.js";
import { bind, buildRoutes, type HttpRule } from "../routes.js";

const routes = buildRoutes(registry);
const find = (path: string) => routes.find((route) => route.path === path);
const withdraw = methodOf("/backhaul.resolution.v1.ResolutionService/WithdrawResolution");
const rule = (changes: Partial<HttpRule>): HttpRule => ({
  pattern: { case: "post", value: "/v1/resolutions/{resolution_id}:withdraw" },
  body: "*",
  responseBody: "resolution",
  additionalBindings: [],
  ...changes,
});

describe("the route table", () => {
  it("holds what the contracts annotate, and nothing else", () => {
    const route = find("/backhaul.resolution.v1.ResolutionService/WithdrawResolution");
    assert.equal(route?.verb, "POST");
    assert.equal(route?.template.text, "/v1/resolutions/{resolution_id}:withdraw");
    assert.equal(route?.domain, "resolution");
    assert.equal(route?.body, "*");
    assert.equal(route?.responseBody?.name, "resolution");
    assert.equal(route?.requestId?.name, "request_id");
    assert.deepEqual([...(route?.access.roles ?? [])], ["CUSTOMER", "GUEST", "AGENT", "LEAD"]);
    assert.equal(find("/backhaul.refund.v1.RefundService/IssueRefund"), undefined);
  });

  it("knows streams, reads and what may be repeated", () => {
    assert.equal(find("/backhaul.resolution.v1.ResolutionService/WatchResolution")?.streaming, true);
    assert.equal(find("/backhaul.resolution.v1.ResolutionService/GetResolution")?.readOnly, true);
    assert.equal(find("/backhaul.resolution.v1.ResolutionService/CreateResolution")?.readOnly, false);
    assert.ok(routes.every((route) => route.repeatable));
  });

  it("asks the service that the path names, where every service answers", () => {
    const route = find("/backhaul.audit.v1.AuditService/ListAudit");
    assert.deepEqual([route?.domain, route?.serviceParam, route?.template.text], ["", "p0", "/v1/audit/{service}"]);
    assert.equal(find("/backhaul.refund.v1.RefundService/GetRefund")?.serviceParam, undefined);
  });

  it("demands no Idempotency-Key where the contract has nowhere to put it", () => {
    assert.equal(find("/backhaul.refund.v1.RefundService/QuoteRefund")?.requestId, undefined);
  });

  it("refuses a contract it could not serve, and says which rpc", () => {
    const broken: [Partial<HttpRule>, RegExp][] = [
      [{ pattern: { case: "post", value: "/v1/x/{nobody}" } }, /WithdrawResolution: .* has no field nobody/],
      [{ pattern: { case: "post", value: "/v1/x/{resolution_id.x}" } }, /goes through a field that is no message/],
      [{ pattern: { case: "custom", value: { kind: "HEAD", path: "/" } } }, /no verb CUSTOM/],
      [{ body: "nobody" }, /has no field nobody/],
      [{ body: "resolution_id" }, /is not a message field/],
      [{ responseBody: "nobody" }, /has no field nobody/],
    ];
    for (const [changes, message] of broken) assert.throws(() => bind(withdraw, rule(changes)), message);
  });
});
