import assert from "node:assert/strict";
import { status } from "@grpc/grpc-js";
import { codes, InvalidRequest, toStatus, Unavailable } from "../../services/_kit/errors.js";
import { DomainError } from "../../services/_kit/pure/check.js";
import { errorOf } from "../errors.js";
import { BackhaulError, isReason, NotFound } from "../index.js";

/** What a caller gets for what a service threw. */
const received = (thrown: Error) => errorOf(toStatus(thrown, "trace-1"), "backhaul.x.v1.XService/Do", "id-1");

describe("an error", () => {
  it("of every reason in the manual is of its code's class, and known by its reason", () => {
    for (const [reason, code] of Object.entries(codes)) {
      const error = received(new DomainError(reason, "what to do next"));
      assert.ok(error instanceof BackhaulError);
      assert.equal(error.code, status[code]);
      assert.equal(error.reason, reason);
      assert.notEqual(error.name, "BackhaulError");
    }
  });

  it("says which rpc, why, and what to do next", () => {
    const gone = received(new DomainError("ORDER_NOT_FOUND", "look it up again", { order_id: "ord_1" }));
    assert.ok(gone instanceof NotFound);
    assert.equal(gone.message, "XService/Do: ORDER_NOT_FOUND: look it up again");
    assert.deepEqual(gone.metadata, { order_id: "ord_1" });
    assert.equal(gone.retryable, false);
    const away = received(new Unavailable("OVERLOADED", "too many", {}, 1500));
    assert.match(away.message, /too many; repeat it with the same request id, id-1$/);
    assert.deepEqual([away.retryable, away.retryAfterMs], [true, 1500]);
  });

  it("lists what was wrong with a request, field by field", () => {
    const { violations } = received(new InvalidRequest([{ field: "lines", description: "is empty" }]));
    assert.equal(violations[0]?.field, "lines");
    assert.equal(violations[0]?.description, "is empty");
  });

  it("of a mesh that is newer keeps its reason as text", () => {
    const raw = toStatus(new DomainError("ORDER_NOT_FOUND", "?"), "");
    const bytes = Buffer.from(raw.metadata?.get("grpc-status-details-bin")[0] as Buffer);
    raw.metadata?.set(
      "grpc-status-details-bin",
      Buffer.from(bytes.toString("latin1").replace("ORDER_", "OTHER_"), "latin1"),
    );
    const error = errorOf(raw, "backhaul.x.v1.XService/Do");
    assert.deepEqual([error.reason, error.reasonText, error.name], ["UNSPECIFIED", "OTHER_NOT_FOUND", "NotFound"]);
  });

  it("is told apart by reason, and nothing else is taken for one", () => {
    const error: unknown = received(new DomainError("SLOT_GONE", "take another"));
    assert.ok(isReason(error, "ADDRESS_NOT_SERVED", "SLOT_GONE"));
    // Both words are left, and no other: the compiler says so.
    const left: "ADDRESS_NOT_SERVED" | "SLOT_GONE" = error.reason;
    assert.equal(left, "SLOT_GONE");
    assert.equal(isReason(error, "ORDER_NOT_FOUND"), false);
    assert.equal(isReason(new Error("SLOT_GONE"), "SLOT_GONE"), false);
  });
});
