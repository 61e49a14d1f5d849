import assert from "node:assert/strict";
import { status } from "@grpc/grpc-js";
import { briefOf, RpcError } from "#kit/errors.js";
import { declared } from "#kit/log.js";
import { DomainError } from "#kit/pure/check.js";

describe("kit: a line of the log", () => {
  const secret = "Kim Minji, 010-1234-5678";
  const silent = (fields: object) =>
    assert.ok(!JSON.stringify(declared(fields)).includes("Minji"), JSON.stringify(fields));

  it("has the fields that are declared, and names those that it left out", () => {
    const line = declared({ method: "/x.Y/Z", ms: 1.5, code: undefined, note: secret, request: { name: secret } });
    assert.deepEqual(line, { method: "/x.Y/Z", ms: 1.5, left_out: "note,request" });
  });

  it("takes words and numbers under a declared name, and no sentence", () => {
    assert.deepEqual(declared({ reason: "REFUND_STATE", step: "refund.issue", port: 0, migrations: ["a_1", secret] }), {
      reason: "REFUND_STATE",
      step: "refund.issue",
      port: 0,
      migrations: ["a_1", "[text]"],
    });
    silent({ reason: secret, subject: { deep: secret }, [secret]: 1 });
  });

  it("tells an error by what it is and where it was thrown, never by its message", () => {
    const line = declared({ error: new DomainError("REFUND_STATE", secret, { note: secret }) });
    assert.equal((line.error as { brief: string }).brief, "REFUND_STATE");
    assert.match(JSON.stringify(line), /log\.test\.ts/);
    const refused = new RpcError(status.FAILED_PRECONDITION, "PARTNER_REFUSED", secret, { code: "closed" }, "x");
    for (const error of [
      new Error(secret),
      new RangeError(`\n    at ${""}${secret}`.trim()),
      refused,
      secret,
      { message: secret, code: secret },
    ]) {
      silent({ error });
    }
    const system = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:4222"), {
      code: "ECONNREFUSED",
      syscall: "connect",
    });
    assert.match(JSON.stringify(declared({ error: system })), /connect ECONNREFUSED 127/);
  });

  it("is brief with a reason, a partner's code, a status or a name", () => {
    assert.equal(
      briefOf(new RpcError(status.FAILED_PRECONDITION, "PARTNER_REFUSED", secret, { code: "closed" }, "x")),
      "PARTNER_REFUSED closed",
    );
    assert.equal(briefOf(new RpcError(status.UNAVAILABLE, "", secret, {}, "x")), "UNAVAILABLE");
    assert.equal(briefOf(new TypeError(secret)), "TypeError");
    assert.equal(briefOf({ reason: secret, code: secret, name: secret }), "Error");
    assert.equal(briefOf(undefined), "Error");
  });
});
