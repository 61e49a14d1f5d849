// The example client against the whole mesh, so that it goes on working as its page says.
import assert from "node:assert/strict";
import { newId } from "#kit/ids.js";
import { type Edge, openEdge, Refused } from "../examples/rest-client/client.js";
import { returnGoods, type Step } from "../examples/rest-client/returnGoods.js";
import { type Mesh, openMesh } from "./mesh.js";
import { openShop, type Shop } from "./shop.js";

describe("the example client", function () {
  this.timeout(60_000);
  let mesh: Mesh;
  let shop: Shop;
  before(async () => {
    mesh = await openMesh();
    shop = await openShop(mesh.doors);
  });
  after(async () => {
    shop?.close();
    await mesh?.stop();
  });

  const edgeOf = async (customerId: string): Promise<Edge> =>
    openEdge(mesh.gatewayUrl, await mesh.doors.token("CUSTOMER", customerId));

  it("asks for a return, and sees each step of it once, to the end, over a restart of the edge", async () => {
    const order = await shop.order({ market: "KR", quantity: 1 });
    const edge = await edgeOf(order.customerId);
    const steps: Step[] = [];
    let passing: Promise<void> | undefined;
    for await (const step of returnGoods(edge, order.orderId, order.lineId, newId("key"))) {
      steps.push(step);
      if (steps.length > 1) continue;
      // It was accepted, and is watched. The edge goes and comes back; then time passes.
      await mesh.stopService("gateway");
      await mesh.startService("gateway");
      passing = shop.pass(4.2);
    }
    await passing;
    const [resolution] = (await edge.ask("GET /v1/resolutions", { query: { order_id: order.orderId } })).resolutions;
    assert.equal(resolution?.state, "RESOLUTION_STATE_CLOSED");
    const { entries } = await edge.ask("GET /v1/resolutions/{resolution_id}/timeline", {
      path: { resolution_id: resolution?.resolutionId ?? "" },
    });
    const names = steps.map(({ name }) => name);
    assert.ok(names.length > 3, names.join());
    assert.equal(steps.at(-1)?.state, "RESOLUTION_STATE_CLOSED");
    assert.deepEqual(
      names,
      entries.slice(0, names.length).map(({ name }) => name),
    );
  });

  it("is told why it was refused, by a reason that the types know", async () => {
    const order = await shop.order();
    const stranger = await edgeOf("cus_somebody_else");
    const refused = await returnGoods(stranger, order.orderId, order.lineId, newId("key"))
      .next()
      .catch((error) => error);
    assert.ok(refused instanceof Refused);
    assert.equal(refused.problem.reason, "ORDER_NOT_FOUND");
    assert.equal(refused.problem.status, 404);
  });
});
