import assert from "node:assert/strict";
import { fromJson, toBinary } from "@bufbuild/protobuf";
import { BadRequest, ErrorInfo } from "#gen/google/rpc/error_details.js";
import { Status } from "#gen/google/rpc/status.js";
import { methodOf } from "#kit/contracts.js";
import { InvalidRequest, toStatus } from "#kit/errors.js";
import { DomainError } from "#kit/pure/check.js";
import { receiver } from "#kit/validate.js";

const detailsOf = (error: unknown) => {
  const { metadata, details = "" } = toStatus(error, "");
  const raw = metadata?.get("grpc-status-details-bin")[0] as Buffer;
  const find = (name: string) => Status.decode(raw).details.find(({ typeUrl }) => typeUrl.endsWith(name))?.value;
  return { bytes: raw.length + Buffer.byteLength(details), details, find };
};

describe("an error on its way to a caller", () => {
  it("lists the first of many broken rules, and says how many more there are", () => {
    const all = Array.from({ length: 5000 }, (_, i) => ({ field: `lines[${i}].reason`, description: "must be given" }));
    const { bytes, details, find } = detailsOf(new InvalidRequest(all));
    assert.equal(BadRequest.decode(find("google.rpc.BadRequest") as Buffer).fieldViolations.length, 20);
    assert.ok(details.includes("and 4980 more") && bytes < 10_000, `${bytes} bytes`);
  });

  it("does not take long to be found, however much is wrong", () => {
    const method = methodOf("/backhaul.resolution.v1.ResolutionService/CreateResolution");
    const receive = receiver(method, (bytes) => bytes);
    const lines = Array(80_000).fill({});
    const json = { requestId: "k", orderId: "o", kind: "KIND_RETURN", lines };
    const bytes = Buffer.from(toBinary(method.input, fromJson(method.input, json)));
    const began = process.cpuUsage();
    const received = receive(bytes);
    const { user } = process.cpuUsage(began);
    assert.ok("error" in received && received.error instanceof InvalidRequest);
    assert.ok(user < 500_000, `${user} µs of CPU`);
  });

  it("never ends in half a letter, wherever it is cut: gRPC would end the process that sends it", () => {
    for (let most = 0; most < 2; most++) {
      const long = `${"a".repeat(most)}${"𝄞".repeat(5_000)}`;
      for (const error of [
        new DomainError("ORDER_NOT_FOUND", long, { order_id: long }),
        new InvalidRequest([{ field: long, description: long }]),
        new DomainError("ORDER_NOT_FOUND", "\ud834", {}),
      ]) {
        const { details } = detailsOf(error);
        assert.doesNotThrow(() => encodeURI(details), JSON.stringify(details.slice(-3)));
      }
    }
  });

  it("is never larger than what trailers may hold, whatever it repeats", () => {
    const long = "한".repeat(100_000);
    for (const error of [
      new DomainError("ORDER_NOT_FOUND", long, { order_id: long, line_id: long }),
      new InvalidRequest(Array(5000).fill({ field: long, description: long })),
    ]) {
      const { bytes } = detailsOf(error);
      assert.ok(bytes < 30_000, `${bytes} bytes`);
    }
    const { find } = detailsOf(new DomainError("ORDER_NOT_FOUND", "short", { order_id: "ord_1" }));
    assert.deepEqual(ErrorInfo.decode(find("google.rpc.ErrorInfo") as Buffer).metadata, { order_id: "ord_1" });
  });
});
