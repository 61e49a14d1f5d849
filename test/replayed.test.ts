// A request that is sent again, through every room of the mesh: the first answer comes back, and says that it is one.
import assert from "node:assert/strict";
import { Client, credentials, Metadata } from "@grpc/grpc-js";
import { ResolutionServiceService, WithdrawResolutionRequest } from "#gen/backhaul/resolution/v1/resolution_service.js";
import type { UnaryMethod } from "#kit/aggregate.js";
import { newId } from "#kit/ids.js";
import { type Mesh, openMesh } from "./mesh.js";
import { openShop, type Shop } from "./shop.js";

describe("a request sent again", function () {
  this.timeout(60_000);
  let mesh: Mesh;
  let shop: Shop;
  before(async () => {
    mesh = await openMesh({ replicas: 2 });
    shop = await openShop(mesh.doors);
  });
  after(async () => {
    shop?.close();
    await mesh?.stop();
  });

  async function post(subject: string, path: string, body: object | undefined, key: string) {
    const response = await fetch(mesh.gatewayUrl + path, {
      method: "POST",
      headers: {
        authorization: `Bearer ${await mesh.doors.token("CUSTOMER", subject)}`,
        "idempotency-key": key,
        ...(body ? { "content-type": "application/json" } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return {
      status: response.status,
      replayed: response.headers.get("idempotent-replayed"),
      text: await response.text(),
    };
  }

  async function wish() {
    const order = await shop.order();
    const lines = [{ lineId: order.lineId, quantity: 2, reason: "NO_LONGER_NEEDED" }];
    return { order, body: { orderId: order.orderId, kind: "KIND_RETURN", lines } };
  }

  /** What the metadata of an answer over gRPC says of it. */
  async function markOf<Q, R>(rpc: UnaryMethod<Q, R>, request: Q, customer: string): Promise<unknown> {
    const client = new Client(mesh.env("gateway").RESOLUTION_ADDRESS ?? "", credentials.createInsecure());
    const metadata = new Metadata();
    metadata.set("authorization", `Bearer ${await mesh.doors.token("CUSTOMER", customer)}`);
    try {
      return await new Promise((resolve, reject) => {
        const { path, requestSerialize, responseDeserialize } = rpc;
        client
          .makeUnaryRequest(path, requestSerialize, responseDeserialize, request, metadata, (e) => e && reject(e))
          .once("metadata", (answered) => resolve(answered.get("backhaul-replayed")[0]));
      });
    } finally {
      client.close();
    }
  }

  it("gets its first answer, marked Idempotent-Replayed from the second time on", async () => {
    const { order, body } = await wish();
    const key = newId("key");
    const first = await post(order.customerId, "/v1/resolutions", body, key);
    assert.deepEqual([first.status, first.replayed], [200, null], first.text);
    for (let i = 0; i < 2; i++) {
      const again = await post(order.customerId, "/v1/resolutions", body, key);
      assert.deepEqual(again, { ...first, replayed: "true" });
    }
  });

  it("is marked when it changes what is there, too", async () => {
    const { order, body } = await wish();
    const made = await post(order.customerId, "/v1/resolutions", body, newId("key"));
    const path = `/v1/resolutions/${JSON.parse(made.text).resolutionId}:withdraw`;
    const key = newId("key");
    const first = await post(order.customerId, path, undefined, key);
    assert.deepEqual([first.status, first.replayed], [200, null], first.text);
    assert.deepEqual(await post(order.customerId, path, undefined, key), { ...first, replayed: "true" });
  });

  it("is the same request over gRPC, where the metadata of the answer marks it", async () => {
    const { order, body } = await wish();
    const { resolutionId } = JSON.parse((await post(order.customerId, "/v1/resolutions", body, newId("key"))).text);
    const requestId = newId("key");
    const overRest = await post(order.customerId, `/v1/resolutions/${resolutionId}:withdraw`, undefined, requestId);
    assert.equal(overRest.status, 200, overRest.text);
    const request = WithdrawResolutionRequest.fromPartial({ requestId, resolutionId });
    const mark = await markOf(ResolutionServiceService.withdrawResolution, request, order.customerId);
    assert.equal(mark, "true");
  });

  it("is not marked when it is refused, nor when it is another request", async () => {
    const { order, body } = await wish();
    const key = newId("key");
    await post(order.customerId, "/v1/resolutions", body, key);
    const reused = await post(order.customerId, "/v1/resolutions", { ...body, kind: "KIND_CLAIM" }, key);
    assert.deepEqual([reused.status, reused.replayed], [422, null], reused.text);
    const refused = await post(order.customerId, "/v1/resolutions", body, newId("key"));
    assert.deepEqual([refused.status, refused.replayed], [409, null], refused.text);
  });

  it("eight times at once: one answer is the first, seven are marked", async () => {
    const { order, body } = await wish();
    const key = newId("key");
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => post(order.customerId, "/v1/resolutions", body, key)),
    );
    assert.deepEqual([...new Set(answers.map(({ text }) => text))].length, 1, "all say the same");
    assert.deepEqual(
      answers.map(({ replayed }) => replayed).sort(),
      [null, ...Array.from({ length: 7 }, () => "true")].sort(),
    );
  });
});
