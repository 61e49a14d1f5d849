// Bad input of carriers, and of customers who move their visit.
import { randomBytes } from "node:crypto";
import { newId } from "#kit/ids.js";
import { type Field, type Input, word } from "./field.js";
import type { OpenReturn } from "./returns.js";

export function carrierInputs({ desk, rest, returns, count }: Field): Input[] {
  const secret = desk.webhookSecret;
  const reports = async ({ collectionId }: OpenReturn) =>
    `${await count("collection", '"{}".tracking_event WHERE collection_id = $1', [collectionId])} reports`;

  return [
    {
      input: "a report of a parcel that nobody knows",
      answer: "404 COLLECTION_NOT_FOUND",
      books: "0 reports",
      tell: async () => {
        const all = () => count("collection", '"{}".tracking_event');
        const before = await all();
        const answer = await rest.carrier("cj", "", report("CJ-NEVER-SEEN"), { secret });
        return [word(answer), `${(await all()) - before} reports`];
      },
    },
    {
      input: "a forged webhook",
      answer: "401 WEBHOOK_SIGNATURE",
      books: "0 reports",
      tell: async () => {
        const open = await returns.opened();
        const forged = `whsec_${randomBytes(32).toString("base64")}`;
        const answer = await rest.carrier(open.carrier, "", report(open.trackingNumber), { secret: forged });
        return [word(answer), await reports(open)];
      },
    },
    {
      input: "a stale webhook, six minutes old",
      answer: "401 WEBHOOK_SIGNATURE",
      books: "0 reports",
      tell: async () => {
        const open = await returns.opened();
        const stale = { secret, ageSeconds: 360 };
        return [word(await rest.carrier(open.carrier, "", report(open.trackingNumber), stale)), await reports(open)];
      },
    },
    {
      input: "a webhook of another carrier's parcel",
      answer: "404 COLLECTION_NOT_FOUND",
      books: "0 reports",
      tell: async () => {
        const open = await returns.opened();
        return [word(await rest.carrier("seven", "", report(open.trackingNumber), { secret })), await reports(open)];
      },
    },
    {
      input: "a webhook three times",
      answer: "204 204 204",
      books: "1 reports",
      tell: async () => {
        const open = await returns.opened();
        const body = report(open.trackingNumber);
        const id = newId("msg");
        const send = () => rest.carrier(open.carrier, "", body, { secret, id });
        const answers = [...(await Promise.all([send(), send()])), await send()];
        return [answers.map(word).join(" "), await reports(open)];
      },
    },
    {
      input: "a carrier's message that cannot be read",
      answer: "400 CARRIER_MESSAGE_UNREADABLE",
      books: "0 reports",
      tell: async () => {
        const open = await returns.opened();
        const body = JSON.stringify({ parcelResultMap: { resultList: [{ invcNo: open.trackingNumber }] } });
        return [word(await rest.carrier("cj", "/messages", body, { secret })), await reports(open)];
      },
    },
    {
      input: "a slot that is gone",
      answer: "409 SLOT_GONE",
      books: "the slot stays",
      tell: async () => {
        const open = await returns.opened();
        const path = `/v1/collections/${open.collectionId}`;
        const before = (await rest.get("CUSTOMER", open.customerId, path)).json;
        const body = { slotId: "slt_2020-01-02_0912" };
        const answer = await rest.post("CUSTOMER", open.customerId, `${path}:reschedule`, body);
        const after = (await rest.get("CUSTOMER", open.customerId, path)).json;
        const same = JSON.stringify([before.slot, before.state]) === JSON.stringify([after.slot, after.state]);
        return [word(answer), same ? "the slot stays" : "the slot moved"];
      },
    },
    {
      input: "an address outside every area",
      answer: "409 ADDRESS_NOT_SERVED",
      books: "0 collections",
      tell: async () => {
        const { orderId, customerId } = await returns.sold("99999");
        const answer = await rest.get("CUSTOMER", customerId, `/v1/orders/${orderId}/hand-over-options`);
        const collections = await count("collection", '"{}".collection WHERE order_id = $1', [orderId]);
        return [word(answer), `${collections} collections`];
      },
    },
  ];
}

/** A pick-up, in our words. */
function report(trackingNumber: string): string {
  const event = { eventId: newId("trk"), kind: "TRACKING_KIND_PICKED_UP", code: "PICK", eventTime: new Date() };
  return JSON.stringify({ trackingNumber, event });
}
