// Returns to spoil: each bad input gets one of its own, brought to where it can go wrong.
import { CollectionServiceService } from "#gen/backhaul/collection/v1/collection_service.js";
import { ExpectReceiptRequest, InspectionServiceService } from "#gen/backhaul/inspection/v1/inspection_service.js";
import { ImportedOrder } from "#gen/backhaul/sandbox/v1/sandbox_service.js";
import { newId } from "#kit/ids.js";
import { money, toProto } from "#kit/pure/money.js";
import type { Desk } from "../desk.js";
import type { Rest, RestAnswer } from "../rest.js";

const day = 86_400_000;

/** A return that a driver is booked for and the dock expects. */
export type OpenReturn = {
  readonly orderId: string;
  readonly customerId: string;
  readonly resolutionId: string;
  readonly collectionId: string;
  readonly inspectionId: string;
  readonly carrier: string;
  readonly trackingNumber: string;
};

export function openReturns(desk: Desk, rest: Rest) {
  const service = desk.as("inspection", InspectionServiceService, "SERVICE");
  const collections = desk.as("collection", CollectionServiceService, "SERVICE");

  /** Two mugs of a Korean customer, delivered two days ago, to go back. */
  async function opened(): Promise<OpenReturn> {
    const { orderId, customerId } = await sold(desk);
    const lines = [{ lineId: "l-1", quantity: 2, reason: "NO_LONGER_NEEDED" }];
    const answer = await rest.post("CUSTOMER", customerId, "/v1/resolutions", { orderId, kind: "KIND_RETURN", lines });
    if (answer.status !== 200) throw new Error(`a return was answered ${answer.text}`);
    const { resolutionId } = answer.json;
    for (let look = 1; look < 200; look++) {
      const { json } = await rest.get("AGENT", "alice", `/v1/resolutions/${resolutionId}`);
      const { collectionId, inspectionId } = json;
      if (collectionId && inspectionId) {
        const { collection } = await collections.getCollection({ collectionId });
        const { carrier = "", trackingNumber = "" } = collection ?? {};
        const ids = { orderId, customerId, resolutionId, collectionId, inspectionId };
        if (trackingNumber !== "") return { ...ids, carrier, trackingNumber };
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`${resolutionId} was not booked in ten seconds`);
  }

  return {
    /** Delivered there; to a place that is served if nothing is said. */
    sold: (postcode?: string) => sold(desk, postcode),
    opened,
    /** Expected at one centre, with the number on its label. */
    addressed: async (centre: string): Promise<OpenReturn> => {
      const open = await opened();
      await service.expectReceipt(
        ExpectReceiptRequest.fromPartial({
          requestId: newId("req"),
          resolutionId: open.resolutionId,
          orderId: open.orderId,
          market: "KR",
          lines: [{ lineId: "l-1", sku: "mug", quantity: 2 }],
          terms: { centre, trackingNumbers: [open.trackingNumber] },
        }),
      );
      return open;
    },
    /** Both mugs counted at the dock. */
    scanned: async (open: OpenReturn): Promise<RestAnswer> =>
      rest.post("WAREHOUSE", "dora", "/v1/dock/parcels:scan", scanOf({ inspectionId: open.inspectionId })),
    completed: async (open: OpenReturn): Promise<RestAnswer> =>
      rest.post("WAREHOUSE", "bella", `/v1/inspections/${open.inspectionId}:complete`, { findings: [fine(2)] }),
  };
}

/** Two mugs in a parcel, at the dock of Seoul. */
export function scanOf(change: object): object {
  return { centre: "SEL-1", items: [{ sku: "mug", quantity: 2 }], ...change };
}

/** So many mugs, to be sold again. */
export function fine(quantity: number): object {
  return {
    lineId: "l-1",
    quantity,
    verdict: "UNIT_VERDICT_ACCEPTED",
    grade: "GRADE_LIKE_NEW",
    condition: "CONDITION_SELLABLE",
    disposition: "DISPOSITION_RESTOCKED",
  };
}

async function sold(desk: Desk, postcode = ""): Promise<{ orderId: string; customerId: string }> {
  const [orderId, customerId] = [newId("ord"), newId("cus")];
  const time = (await desk.now()).getTime();
  const paid = toProto(money(50_000n, "KRW"));
  const order = ImportedOrder.fromPartial({
    order: {
      orderId,
      customerId,
      market: "KR",
      currencyCode: "KRW",
      orderTime: new Date(time - 4 * day),
      lines: [{ lineId: "l-1", sku: "mug", title: "Mug", quantity: 2, paid, category: "homeware", sellerType: "SHOP" }],
      shipping: toProto(money(0n, "KRW")),
      payments: [{ paymentId: `pay-${orderId}`, method: "CARD", captured: paid }],
    },
    shipTime: new Date(time - 3 * day),
    deliverTime: new Date(time - 2 * day),
    postcode,
  });
  await desk.sandbox.importOrders({ orders: [order] });
  return { orderId, customerId };
}
