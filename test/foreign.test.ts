// What is somebody else's does not exist: at every route that asks for ownership, another customer gets the very answer
// that an id which nobody ever had gets. So do another seller and another carrier.
import assert from "node:assert/strict";
import { accessOf, methodOf, registry } from "#kit/contracts.js";
import { newId } from "#kit/ids.js";
import { buildRoutes } from "../gateway/routes.js";
import type { PersonRole } from "../scripts/mesh/issuer.js";
import { type Mesh, openMesh } from "./mesh.js";
import { openShop, type Shop } from "./shop.js";

type Ids = { orderId: string; resolutionId: string; collectionId: string; refundId: string; decisionId: string };
type Ask = { readonly path: string; readonly body?: object };

const lines = [{ lineId: "l-1", quantity: 1, reason: "NO_LONGER_NEEDED" }];
const asked = { kind: "KIND_RETURN", lines };
const account = { bankCode: "088", accountNumber: "110-123-456789", holderName: "Kim" };

/** How each route that asks for ownership is asked, for somebody's ids. */
const owned: Readonly<Record<string, (ids: Ids) => Ask>> = {
  "POST /v1/resolutions": ({ orderId }) => ({ path: "/v1/resolutions", body: { orderId, ...asked } }),
  "POST /v1/resolutions:preview": ({ orderId }) => ({ path: "/v1/resolutions:preview", body: { orderId, ...asked } }),
  "GET /v1/resolutions/{resolution_id}": ({ resolutionId }) => ({ path: `/v1/resolutions/${resolutionId}` }),
  "GET /v1/resolutions": ({ orderId }) => ({ path: `/v1/resolutions?order_id=${orderId}` }),
  "GET /v1/resolutions/{resolution_id}/timeline": ({ resolutionId }) => ({
    path: `/v1/resolutions/${resolutionId}/timeline`,
  }),
  "GET /v1/resolutions/{resolution_id}:watch": ({ resolutionId }) => ({
    path: `/v1/resolutions/${resolutionId}:watch`,
  }),
  "POST /v1/resolutions/{resolution_id}:withdraw": ({ resolutionId }) => ({
    path: `/v1/resolutions/${resolutionId}:withdraw`,
    body: {},
  }),
  "POST /v1/resolutions/{resolution_id}:reopen": ({ resolutionId }) => ({
    path: `/v1/resolutions/${resolutionId}:reopen`,
    body: {},
  }),
  "GET /v1/orders/{order_id}/hand-over-options": ({ orderId }) => ({ path: `/v1/orders/${orderId}/hand-over-options` }),
  "GET /v1/collections/{collection_id}": ({ collectionId }) => ({ path: `/v1/collections/${collectionId}` }),
  "GET /v1/collections/{collection_id}/slots": ({ collectionId }) => ({
    path: `/v1/collections/${collectionId}/slots`,
  }),
  "POST /v1/collections/{collection_id}:reschedule": ({ collectionId }) => ({
    path: `/v1/collections/${collectionId}:reschedule`,
    body: { slotId: "slot-1" },
  }),
  "POST /v1/collections/{collection_id}:split": ({ collectionId }) => ({
    path: `/v1/collections/${collectionId}:split`,
    body: { parcels: [{ units: 1 }, { units: 1 }] },
  }),
  "GET /v1/collections/{collection_id}/tracking": ({ collectionId }) => ({
    path: `/v1/collections/${collectionId}/tracking`,
  }),
  "GET /v1/collections/{collection_id}/label": ({ collectionId }) => ({
    path: `/v1/collections/${collectionId}/label`,
  }),
  "POST /v1/collections/{collection_id}:enterWaybill": ({ collectionId }) => ({
    path: `/v1/collections/${collectionId}:enterWaybill`,
    body: { carrier: "cj", trackingNumber: "123456789012" },
  }),
  "GET /v1/collections/{collection_id}/door-memo": ({ collectionId }) => ({
    path: `/v1/collections/${collectionId}/door-memo`,
  }),
  "POST /v1/collections/{collection_id}:setDoorMemo": ({ collectionId }) => ({
    path: `/v1/collections/${collectionId}:setDoorMemo`,
    body: { doorMemo: "ring twice" },
  }),
  "GET /v1/collections/{collection_id}/hand-over-code": ({ collectionId }) => ({
    path: `/v1/collections/${collectionId}/hand-over-code`,
  }),
  "POST /v1/refunds:quote": ({ orderId }) => ({
    path: "/v1/refunds:quote",
    body: { orderId, lines: [{ lineId: "l-1", quantity: 1 }] },
  }),
  "GET /v1/refunds/{refund_id}": ({ refundId }) => ({ path: `/v1/refunds/${refundId}` }),
  "POST /v1/refunds/{refund_id}:setAccount": ({ refundId }) => ({
    path: `/v1/refunds/${refundId}:setAccount`,
    body: account,
  }),
  "POST /v1/eligibility:check": ({ orderId }) => ({ path: "/v1/eligibility:check", body: { orderId, ...asked } }),
  "POST /v1/orders/{order_id}:endGuestSessions": ({ orderId }) => ({
    path: `/v1/orders/${orderId}:endGuestSessions`,
    body: {},
  }),
  "GET /v1/decisions/{decision_id}": ({ decisionId }) => ({ path: `/v1/decisions/${decisionId}` }),
};

describe("what is somebody else's", function () {
  this.timeout(60_000);
  let mesh: Mesh;
  let shop: Shop;
  let owner: string;
  let theirs: Ids & { inspectionId: string };
  /** Of the same customer. */
  let anotherOrder: string;
  let nobodys: Ids & { inspectionId: string };

  before(async () => {
    mesh = await openMesh();
    shop = await openShop(mesh.doors);
    const order = await shop.order({ more: soldBy("seller-a") });
    anotherOrder = (await shop.order({ more: () => ({ customerId: order.customerId }) })).orderId;
    owner = order.customerId;
    const { resolutionId } = await shop.ask(order, "RETURN", { quantity: 1 });
    await shop.pass(5);
    const closed = await shop.reaches(resolutionId, "CLOSED");
    const { collectionId, refundId, inspectionId } = closed;
    const { decisionId } = closed.decision as unknown as { decisionId: string };
    theirs = { orderId: order.orderId, resolutionId, collectionId, refundId, decisionId, inspectionId };
    const madeUp = Object.entries(theirs).map(([name, id]) => [name, `${id.slice(0, -6)}ZZZZZZ`]);
    nobodys = Object.fromEntries(madeUp) as typeof theirs;
  });
  after(async () => {
    shop?.close();
    await mesh?.stop();
  });

  /** Everything of an answer that could tell one id from another but the id itself. */
  async function answered(role: PersonRole, who: string, verb: string, { path, body }: Ask, ids: Ids) {
    const [subject = "", guestOf] = who.split(" of ");
    const leaving = new AbortController();
    const response = await fetch(`${mesh.gatewayUrl}${path}`, {
      method: verb,
      headers: {
        authorization: `Bearer ${await mesh.stage.token(role, subject, guestOf)}`,
        ...(body && { "content-type": "application/json" }),
        ...(verb === "POST" && { "idempotency-key": newId("key") }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: leaving.signal,
    });
    const { status, headers } = response;
    const lasting = status === 200 && path.endsWith(":watch");
    let text = lasting ? "" : await response.text();
    leaving.abort();
    for (const id of Object.values(ids)) text = text.replaceAll(id, "ID");
    return { status, type: headers.get("content-type"), text: text.replace(/"trace_id":"\w*"/, "") };
  }

  it("is asked for here at every route that the contracts say is for owners", () => {
    const declared = buildRoutes(registry)
      .filter(({ access }) => access.owner)
      .map(({ verb, template }) => `${verb} ${template.text}`);
    assert.deepEqual(Object.keys(owned).sort(), declared.sort());
  });

  for (const [route, ask] of Object.entries(owned)) {
    it(`is not there: ${route}`, async () => {
      const [verb = ""] = route.split(" ");
      const { access } = buildRoutes(registry).find((one) => `${one.verb} ${one.template.text}` === route) ?? {};
      const strangers = [
        ["CUSTOMER", "cus_another"],
        ["GUEST", "cus_another of another"],
        ["GUEST", `cus_another of ${theirs.orderId}`],
        ["GUEST", `${owner} of ${anotherOrder}`],
        ["GUEST", owner],
      ] as const;
      for (const [role, who] of strangers) {
        if (!access?.roles.has(role)) continue;
        // Whose order it is does not matter there: a guest of it may send its guests away.
        if (route.endsWith(":endGuestSessions") && who.endsWith(theirs.orderId)) continue;
        const foreign = await answered(role, who, verb, ask(theirs), theirs);
        const unknown = await answered(role, who, verb, ask(nobodys), nobodys);
        assert.deepEqual(foreign, unknown, who);
        // A list of nothing is how a search says that there is none.
        if (route === "GET /v1/resolutions") assert.deepEqual(JSON.parse(foreign.text).resolutions, []);
        else assert.equal(foreign.status, 404, foreign.text);
      }
      const own = await answered("CUSTOMER", owner, verb, ask(theirs), theirs);
      assert.notEqual(own.status, 404, own.text);
      if (route === "GET /v1/resolutions") assert.ok(JSON.parse(own.text).resolutions.length > 0);
      if (!access?.roles.has("GUEST")) return;
      const guest = await answered("GUEST", `${owner} of ${theirs.orderId}`, verb, ask(theirs), theirs);
      assert.notEqual(guest.status, 404, guest.text);
      if (verb === "GET") assert.deepEqual(guest, own, "the guest of an order sees what its customer sees");
    });
  }

  it("is not there for another seller: an inspection, an order", async () => {
    const dispute = ({ inspectionId }: typeof theirs): Ask => ({
      path: `/v1/inspections/${inspectionId}:dispute`,
      body: { party: "DISPUTE_PARTY_SELLER", lineId: "l-1", statement: "it was whole" },
    });
    const cancel = ({ orderId }: Ids): Ask => ({
      path: `/v1/orders/${orderId}:cancelLines`,
      body: { lines: [{ lineId: "l-1", quantity: 1 }], code: "CANCEL_CODE_OUT_OF_STOCK" },
    });
    for (const ask of [dispute, cancel]) {
      const foreign = await answered("SELLER", "seller-b", "POST", ask(theirs), theirs);
      assert.deepEqual(foreign, await answered("SELLER", "seller-b", "POST", ask(nobodys), nobodys));
      assert.equal(foreign.status, 404, foreign.text);
      const own = await answered("SELLER", "seller-a", "POST", ask(theirs), theirs);
      assert.notEqual(own.status, 404, own.text);
    }
  });

  it("is not there for another carrier: the custody of goods, a parcel", async () => {
    const { json } = await shop.rest("AGENT", "alice", "GET", `/v1/collections/${theirs.collectionId}`);
    const { carrier, trackingNumber } = json as { carrier: string; trackingNumber: string };
    assert.ok(carrier && trackingNumber, JSON.stringify(json));
    const another = carrier === "cj" ? "hanjin" : "cj";
    const evidence = ({ inspectionId }: typeof theirs): Ask => ({
      path: `/v1/inspections/${inspectionId}/evidence`,
      body: { stage: "CUSTODY_STAGE_DRIVER", photo: { mediaId: newId("med"), sha256: "0".repeat(64) } },
    });
    const foreign = await answered("CARRIER", another, "POST", evidence(theirs), theirs);
    assert.deepEqual(foreign, await answered("CARRIER", another, "POST", evidence(nobodys), nobodys));
    assert.equal(foreign.status, 404, foreign.text);

    const parcel = (number: string): Ask => ({
      path: `/v1/parcels/${carrier}/${number}:confirmHandOver`,
      body: { driverId: "d-1", inPerson: true },
    });
    const number = (id: string) => ({ ...theirs, resolutionId: id });
    const unknown = trackingNumber.replace(/.$/, (last) => (last === "9" ? "8" : "9"));
    const known = await answered("CARRIER", another, "POST", parcel(trackingNumber), number(trackingNumber));
    assert.deepEqual(known, await answered("CARRIER", another, "POST", parcel(unknown), number(unknown)));
    assert.equal(known.status, 404, known.text);
    const own = await answered("CARRIER", carrier, "POST", parcel(trackingNumber), number(trackingNumber));
    assert.notEqual(own.status, 404, own.text);
  });

  it("is nobody's at the routes of staff: customers are refused by role, whatever they ask for", async () => {
    for (const rpc of [
      "InspectionService/GetInspection",
      "CustodyService/ListEvidence",
      "CustodyService/VerifyCustody",
    ]) {
      const { roles } = accessOf(methodOf(`/backhaul.inspection.v1.${rpc}`));
      assert.ok(!roles.has("CUSTOMER") && !roles.has("GUEST") && !roles.has("SELLER") && !roles.has("CARRIER"), rpc);
    }
    const read = ({ inspectionId }: typeof theirs): Ask => ({ path: `/v1/inspections/${inspectionId}` });
    const foreign = await answered("CUSTOMER", owner, "GET", read(theirs), theirs);
    assert.deepEqual(foreign, await answered("CUSTOMER", owner, "GET", read(nobodys), nobodys));
    assert.equal(foreign.status, 403);
  });
});

/** Two units of one product of this seller's. */
function soldBy(sellerId: string): NonNullable<Parameters<Shop["order"]>[0]>["more"] {
  return ({ money }) => ({
    lines: [
      {
        lineId: "l-1",
        sku: newId("sku"),
        title: "Mug",
        quantity: 2,
        paid: money(50_000n),
        category: "homeware",
        sellerType: "MARKETPLACE",
        sellerId,
      },
    ],
  });
}
