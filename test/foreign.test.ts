// What is somebody else's does not exist: at every route that asks for ownership, another customer gets the very answer
// that an id which nobody ever had gets. So do another seller and another carrier.
import assert from "node:assert/strict";
import { accessOf, methodOf, registry } from "#kit/contracts.js";
import { newId } from "#kit/ids.js";
import { buildRoutes } from "../gateway/routes.js";
import type { PersonRole } from "../scripts/mesh/issuer.js";
import { type Ids, owned } from "./foreign/owners.js";
import { type Ask, ofSellers, ownOnly, type SellerIds, subscribedBy } from "./foreign/sellers.js";
import { type Mesh, openMesh } from "./mesh.js";
import { soldBy } from "./posts/sellers.js";
import { openShop, type Shop } from "./shop.js";

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
    const order = await shop.order(soldBy("seller-a"));
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
  async function answered(
    role: PersonRole,
    who: string,
    verb: string,
    { path, body }: Ask,
    ids: Readonly<Record<string, string>>,
  ) {
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

  /** What the contracts let this role do at the front door. */
  const offered = (role: PersonRole) =>
    buildRoutes(registry)
      .filter(({ access }) => access.roles.has(role))
      .map(({ verb, template }) => `${verb} ${template.text}`);

  it("is asked for here at every route of sellers and carriers", () => {
    assert.deepEqual([...Object.keys(ofSellers), ...Object.keys(ownOnly)].sort(), offered("SELLER").sort());
    assert.deepEqual(offered("CARRIER").sort(), [
      "POST /v1/inspections/{inspection_id}/evidence",
      "POST /v1/orders/{order_id}:reportUnaskedReturn",
      "POST /v1/parcels/{carrier}/{tracking_number}:confirmHandOver",
    ]);
  });

  it("is not there for another seller, at any route of sellers", async () => {
    const { orderId, inspectionId, resolutionId } = theirs;
    const { json } = await shop.rest("AGENT", "alice", "GET", `/v1/seller-cases?resolution_id=${resolutionId}`);
    const { sellerCaseId } = json.sellerCases[0] as { sellerCaseId: string };
    const [webhooks, others] = [await subscribedBy(shop, "seller-a"), await subscribedBy(shop, "seller-b")];
    const ids: SellerIds = { orderId, inspectionId, sellerId: "seller-a", sellerCaseId, ...webhooks };
    const madeUp = Object.entries(ids).map(([name, id]) => [name, `${id.slice(0, -6)}ZZZZZZ`]);
    const unknown: SellerIds = Object.fromEntries(madeUp);
    for (const [route, ask] of Object.entries(ofSellers)) {
      const [verb = ""] = route.split(" ");
      // Behind a subscription of their own another's delivery is no more there than behind the other's.
      const tries: [SellerIds, SellerIds][] = [[ids, unknown]];
      if (route.includes("{delivery_id}")) {
        const { subscriptionId } = others;
        tries.push([
          { ...ids, subscriptionId },
          { ...unknown, subscriptionId },
        ]);
      }
      for (const [foreign, nobodys] of tries) {
        const told = await answered("SELLER", "seller-b", verb, ask(foreign), foreign);
        assert.deepEqual(told, await answered("SELLER", "seller-b", verb, ask(nobodys), nobodys), route);
        assert.equal(told.status, 404, `${route} ${told.text}`);
      }
      const own = await answered("SELLER", "seller-a", verb, ask(ids), ids);
      assert.notEqual(own.status, 404, `${route} ${own.text}`);
    }
    for (const [route, path] of Object.entries(ownOnly)) {
      if (!route.startsWith("GET ")) continue;
      const rows = JSON.stringify((await shop.rest("SELLER", "seller-b", "GET", path)).json);
      assert.ok(!rows.includes("seller-a"), rows);
    }
    const wish = { url: "http://127.0.0.1:9/hooks", sellerId: "seller-a" };
    const made = await shop.rest("SELLER", "seller-b", "POST", "/v1/webhook-subscriptions", wish);
    assert.equal(made.json.subscription.sellerId, "seller-b", "nobody subscribes for somebody else");
  });

  it("is not there for another carrier: the custody of goods, a parcel, what comes back unasked", async () => {
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

    const { orderId } = await shop.order({ shipsInDays: 1 });
    await shop.sandbox.shipOrder({ orderId });
    const report = (order: string): Ask => ({
      path: `/v1/orders/${order}:reportUnaskedReturn`,
      body: { shipmentId: `shp-${order}`, reason: "UNASKED_REASON_REFUSED_DELIVERY" },
    });
    const never = `${orderId.slice(0, -6)}ZZZZZZ`;
    const reported = await answered("CARRIER", "hanjin", "POST", report(orderId), { orderId });
    assert.deepEqual(reported, await answered("CARRIER", "hanjin", "POST", report(never), { orderId: never }));
    assert.equal(reported.status, 404, reported.text);
    assert.equal((await answered("CARRIER", "cj", "POST", report(orderId), { orderId })).status, 200);
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
