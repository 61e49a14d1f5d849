// Returns in which everybody writes what they should not: customer, desk, seller, guest, driver's dock and bench.
import { ImportedOrder } from "#gen/backhaul/sandbox/v1/sandbox_service.js";
import { newId } from "#kit/ids.js";
import { money, toProto } from "#kit/pure/money.js";
import type { PersonRole } from "../../scripts/mesh/issuer.js";
import { staffActs } from "../../test/canaries.js";
import type { Desk } from "../desk.js";
import { fine } from "../inputs/returns.js";
import type { Rest, RestAnswer } from "../rest.js";
import type { Known } from "./strays.js";

const day = 86_400_000;
const seller = "seller-a";

export type Told = { readonly known: Known; readonly readBack: boolean };

export function openStories(desk: Desk, rest: Rest, note: (what: string, answer: RestAnswer) => void) {
  const post = async (what: string, role: PersonRole, subject: string, path: string, body: object) => {
    const answer = await rest.post(role, subject, path, body);
    note(what, answer);
    return answer.json ?? {};
  };

  /** A line of the shop's and one of a seller's, delivered two days ago. */
  async function sold(phone: string, email: string) {
    const [orderId, customerId] = [newId("ord"), newId("cus")];
    const time = (await desk.now()).getTime();
    const paid = toProto(money(20_000n, "KRW"));
    const line = (lineId: string, sellerId: string) => ({
      ...{ lineId, sellerId, paid, sku: "mug", title: "Mug", quantity: 2, category: "homeware" },
      sellerType: sellerId === "" ? "SHOP" : "MARKETPLACE",
    });
    const order = ImportedOrder.fromPartial({
      order: {
        ...{ orderId, customerId, market: "KR", currencyCode: "KRW", orderTime: new Date(time - 4 * day) },
        lines: [line("l-1", ""), line("l-2", seller)],
        shipping: toProto(money(0n, "KRW")),
        payments: [{ paymentId: `pay-${orderId}`, method: "CARD", captured: toProto(money(40_000n, "KRW")) }],
        contact: { phone, email },
      },
      shipTime: new Date(time - 3 * day),
      deliverTime: new Date(time - 2 * day),
    });
    await desk.sandbox.importOrders({ orders: [order] });
    return { orderId, customerId };
  }

  /** Reads until it is so; undefined if it does not come to that in ten seconds. */
  // biome-ignore lint/suspicious/noExplicitAny: JSON of whatever the edge answers
  async function found(path: string, fits: (json: any) => unknown): Promise<any> {
    for (let look = 0; look < 100; look++) {
      const { json } = await rest.get("LEAD", "lena", path);
      if (fits(json)) return json;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return undefined;
  }

  /** One return; `dock` is whether its goods are looked at, which takes longer. */
  async function told(words: string, contact: { phone: string; email: string }, dock: boolean): Promise<Told> {
    const { orderId, customerId } = await sold(contact.phone, contact.email);
    const lines = ["l-1", "l-2"].map((lineId) => {
      return { lineId, quantity: 2, reason: "NO_LONGER_NEEDED", note: words };
    });
    const body = { orderId, kind: "KIND_RETURN", lines };
    const { resolutionId, decision } = await post("customers", "CUSTOMER", customerId, "/v1/resolutions", body);
    const at = `/v1/desk/cases/${resolutionId}`;
    const until = new Date((await desk.now()).getTime() + day).toISOString();
    const { noteId } = await post("desk", "AGENT", "alice", `${at}/notes`, { text: words });
    await post("desk", "AGENT", "alice", `/v1/desk/notes/${noteId}:revise`, { version: 1, text: `again ${words}` });
    const about = { resolutionId, decisionId: decision?.decisionId, customerId, market: "KR", until };
    for (const act of staffActs(about, words)) await post("desk", act.role, "lena", act.path, act.body);
    for (const filter of [{ phone: contact.phone, market: "KR" }, { email: contact.email }])
      await post("desk", "AGENT", "alice", "/v1/desk/cases:search", { filter });
    const goodwill = { orderId, reason: "DELIVERY_LATE", note: words, amount: { currencyCode: "KRW", units: "100" } };
    await post("desk", "LEAD", "lena", "/v1/refunds:grantGoodwill", goodwill);
    for (const contactText of [contact.phone, contact.email]) {
      const asked = { orderId, contact: contactText };
      note("guests", await rest.anonymous("/v1/guests:requestCode", asked));
      note("guests", await rest.anonymous("/v1/guests:exchangeCode", { ...asked, code: "000000" }));
    }
    const asked = await found(`/v1/seller-cases?resolution_id=${resolutionId}`, (json) => json?.sellerCases?.length);
    const sellerCaseId = asked?.sellerCases[0].sellerCaseId ?? "none";
    const dispute = { answer: "SELLER_ANSWER_DISPUTE", statement: words };
    await post("sellers", "SELLER", seller, `/v1/seller-cases/${sellerCaseId}:answer`, dispute);
    await post("sellers", "AGENT", "alice", `/v1/seller-cases/${sellerCaseId}:settle`, { note: words });
    const ids = dock ? await looked(resolutionId, customerId, words) : {};
    const { json } = await rest.get("AGENT", "alice", `${at}/notes`);
    const known = {
      ...{ order_id: orderId, customer_id: customerId, resolution_id: resolutionId, line_id: "l-1", sku: "mug" },
      ...{ seller_case_id: sellerCaseId, note_id: noteId, decision_id: about.decisionId, market: "KR", queue_id: "q" },
      ...{ refund_id: `${resolutionId}.refund`, assignee: "alice", seller_id: seller, centre: "SEL-1", ...ids },
    };
    return { known, readBack: json?.notes?.[0]?.text === `again ${words}` };
  }

  /** Driver, dock and bench write, too. */
  async function looked(resolutionId: string, customerId: string, words: string): Promise<Known> {
    const seen = await found(`/v1/resolutions/${resolutionId}`, (json) => json.collectionId && json.inspectionId);
    if (!seen) return {};
    const { collectionId, inspectionId } = seen;
    const memo = { doorMemo: words.slice(0, 90) };
    await post("customers", "CUSTOMER", customerId, `/v1/collections/${collectionId}:setDoorMemo`, memo);
    const bench = `/v1/inspections/${inspectionId}`;
    await post("dock", "WAREHOUSE", "wendy", `${bench}:receive`, {});
    const findings = ["l-1", "l-2"].map((lineId) => ({ ...fine(2), lineId, note: words }));
    await post("dock", "WAREHOUSE", "wendy", `${bench}:complete`, { findings });
    const dispute = { party: "DISPUTE_PARTY_CUSTOMER", lineId: "l-1", statement: words };
    await post("dock", "AGENT", "alice", `${bench}:dispute`, dispute);
    return { collection_id: collectionId, inspection_id: inspectionId };
  }

  return { told };
}
