import assert from "node:assert/strict";
import { parseTemplate } from "../template.js";

describe("path templates", () => {
  it("become patterns of the router", () => {
    const template = parseTemplate("/v1/refunds/{refund_id}:retry");
    assert.equal(template.pattern, "/v1/refunds/:p0(^[^/:]+)::retry");
    assert.deepEqual(template.fields, ["refund_id"]);
    assert.equal(parseTemplate("/v1/refunds:quote").pattern, "/v1/refunds::quote");
    assert.equal(parseTemplate("/v1/a/{b=*}/c/{d.e}").pattern, "/v1/a/:p0(^[^/:]+)/c/:p1(^[^/:]+)");
    assert.deepEqual(parseTemplate("/v1/a/{b=*}/c/{d.e}").fields, ["b", "d.e"]);
  });

  it("know the paths they stand for", () => {
    const { matcher } = parseTemplate("/v1/refunds/{refund_id}:retry");
    assert.ok(matcher.test("/v1/refunds/rfd_1:retry"));
    for (const other of [
      "/v1/refunds/rfd_1",
      "/v1/refunds/:retry",
      "/v1/refunds/a/b:retry",
      "/v1/refunds/rfd_1:retry/",
    ]) {
      assert.ok(!matcher.test(other), other);
    }
  });

  it("refuse what the edge does not offer", () => {
    for (const text of [
      "v1/refunds",
      "/v1/{name=orders/*}",
      "/v1/{name=**}",
      "/v1/*",
      "/v1/{a",
      "/v1/{A}",
      "/v1/a(b)",
    ]) {
      assert.throws(() => parseTemplate(text), /are understood/, text);
    }
  });
});
