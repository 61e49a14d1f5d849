import assert from "node:assert/strict";
import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { codes, InvalidRequest, toStatus, Unavailable } from "#kit/errors.js";
import { DomainError } from "#kit/pure/check.js";
import { titles } from "../manual.js";
import { answerOf } from "../problem.js";

/** The error that grpc-js raises at the caller of a service that threw this. */
function over(error: unknown): ServiceError {
  const { code = status.UNKNOWN, details = "", metadata = new Metadata() } = toStatus(error, "trace-7");
  return Object.assign(new Error(`${code} ${details}`), { code, details, metadata });
}

const bare = (code: status, details: string): ServiceError =>
  Object.assign(new Error(details), {
    code,
    details,
    metadata: new Metadata(),
    target: "backhaul.refund.v1.RefundService",
  });

describe("a problem", () => {
  it("carries reason, metadata and trace of the service's status", () => {
    const error = new DomainError("RESOLUTION_STATE", "res_1 is CLOSED and cannot be withdrawn", { state: "CLOSED" });
    const { body, headers } = answerOf(over(error), "trace-7");
    assert.deepEqual(body, {
      type: "urn:backhaul:error:RESOLUTION_STATE",
      title: "The resolution's state does not allow this.",
      status: 409,
      detail: "res_1 is CLOSED and cannot be withdrawn",
      reason: "RESOLUTION_STATE",
      metadata: { state: "CLOSED" },
      trace_id: "trace-7",
    });
    assert.equal(headers["content-type"], "application/problem+json");
  });

  it("lists every broken rule", () => {
    const broken = [{ field: "lines[0].quantity", description: "must be greater than 0" }];
    for (const error of [new InvalidRequest(broken), over(new InvalidRequest(broken))]) {
      const { body } = answerOf(error, "");
      assert.equal(body.status, 400);
      assert.deepEqual(body.violations, broken);
    }
  });

  it("says when to come back", () => {
    const error = new Unavailable("STORE_UNAVAILABLE", "the database is away", {}, 2500);
    for (const one of [error, over(error)]) {
      const { body, headers } = answerOf(one, "");
      assert.equal(body.status, 503);
      assert.equal(headers["retry-after"], "3");
    }
  });

  it("challenges whoever is not known", () => {
    const missing = new DomainError("UNAUTHENTICATED", "send a token", { cause: "no authorization header" });
    const broken = new DomainError("UNAUTHENTICATED", "send a token", { cause: "ERR_JWT_EXPIRED" });
    assert.equal(answerOf(missing, "").body.status, 401);
    assert.equal(answerOf(missing, "").headers["www-authenticate"], 'Bearer realm="backhaul"');
    assert.equal(answerOf(broken, "").headers["www-authenticate"], 'Bearer realm="backhaul", error="invalid_token"');
  });

  it("has a status of its own where the code would mislead", () => {
    const http = (reason: string) => answerOf(over(new DomainError(reason, "")), "").body.status;
    assert.equal(http("REQUEST_ID_REUSED"), 422);
    assert.equal(http("UNITS_EXCEED_PURCHASED"), 422);
    assert.equal(http("UNITS_UNAVAILABLE"), 409);
    assert.equal(http("CONTENTION"), 409);
    assert.equal(http("ORDER_NOT_FOUND"), 404);
    assert.equal(http("ROLE_NOT_ALLOWED"), 403);
    assert.equal(answerOf(new DomainError("BODY_TOO_LARGE", ""), "").body.status, 413);
  });

  it("gives nothing away of what nobody meant to say", () => {
    const secretive = [
      bare(status.UNKNOWN, "password=hunter2"),
      bare(status.INTERNAL, "at Object.<anonymous>"),
      bare(status.UNIMPLEMENTED, "unknown method"),
      bare(status.RESOURCE_EXHAUSTED, "Received message larger than max (5000000 vs 4194304)"),
      new TypeError("Cannot read properties of undefined"),
      "thrown text",
    ];
    for (const error of secretive) {
      const { body } = answerOf(error, "trace-7");
      assert.equal(body.status, 500);
      assert.equal(body.reason, "INTERNAL");
      assert.equal(body.detail, "internal error; quote trace trace-7 to us");
    }
  });

  it("tells a service that is away from a slow one, and not where it would be", () => {
    const away = answerOf(bare(status.UNAVAILABLE, "connect ECONNREFUSED 10.0.0.7:7051"), "");
    assert.equal(away.body.status, 503);
    assert.equal(away.body.reason, "UPSTREAM_UNAVAILABLE");
    assert.deepEqual(away.body.metadata, { target: "backhaul.refund.v1.RefundService" });
    assert.equal(away.headers["retry-after"], "1");
    assert.ok(!JSON.stringify(away.body).includes("10.0.0.7"));
    const slow = answerOf(bare(status.DEADLINE_EXCEEDED, "Deadline exceeded after 10.001s"), "");
    assert.equal(slow.body.status, 504);
    assert.equal(slow.body.reason, "DEADLINE_EXCEEDED");
  });
});

describe("the error manual", () => {
  it("has a title for each reason", () => {
    assert.deepEqual([...titles.keys()].sort(), Object.keys(codes).sort());
    for (const [reason, title] of titles) assert.match(title, /^[A-Z].*\.$/, reason);
  });
});
