// Requests that the inspection service takes.
import { newId } from "#kit/ids.js";
import type { Shop } from "../shop.js";
import { type Posts, taken } from "./post.js";
import { waiting } from "./returns.js";

const clerk = { role: "WAREHOUSE", who: "wendy" } as const;

const finding = (quantity: number, more: object = {}) => ({
  lineId: "l-1",
  quantity,
  verdict: "UNIT_VERDICT_ACCEPTED",
  grade: "GRADE_LIKE_NEW",
  condition: "CONDITION_SELLABLE",
  disposition: "DISPOSITION_RESTOCKED",
  ...more,
});

/** An inspection whose goods are at the dock. */
async function received(shop: Shop) {
  const open = await waiting(shop);
  await taken(shop, "WAREHOUSE", "wendy", `/v1/inspections/${open.inspectionId}:receive`, {});
  return open;
}

/** One that is complete. */
async function complete(shop: Shop) {
  const open = await received(shop);
  const body = { findings: [finding(2)] };
  await taken(shop, "WAREHOUSE", "wendy", `/v1/inspections/${open.inspectionId}:complete`, body);
  return open;
}

const scan = (more: object = {}) => ({ centre: "SEL-1", items: [{ sku: "mug", quantity: 2 }], ...more });

/** Goods that nobody expected. */
async function quarantined(shop: Shop): Promise<string> {
  const json = await taken(shop, "WAREHOUSE", "wendy", "/v1/dock/parcels:scan", scan({ trackingNumber: newId("trk") }));
  return json.quarantined[0].quarantineId;
}

const claim = { party: "DISPUTE_PARTY_CUSTOMER", lineId: "l-1", statement: "it came like that" };

export const inspectionPosts: Posts = {
  "POST /v1/dock/parcels:scan": async () => {
    const body = scan({ trackingNumber: newId("trk") });
    const other = { body: { ...body, note: "wet" } };
    return { ...clerk, path: "/v1/dock/parcels:scan", body, other, makes: "quarantined" };
  },
  "POST /v1/inspections/{inspection_id}/evidence": async (shop, { photo }) => {
    const { inspectionId, orderId } = await waiting(shop);
    const body = { stage: "CUSTODY_STAGE_DOCK", photo: await photo(orderId) };
    const path = `/v1/inspections/${inspectionId}/evidence`;
    return { ...clerk, path, body, other: { body: { ...body, note: "another" } }, makes: "custody_entry" };
  },
  "POST /v1/inspections/{inspection_id}:receive": async (shop) => {
    const [one, other] = [await waiting(shop), await waiting(shop)];
    const path = ({ inspectionId }: typeof one) => `/v1/inspections/${inspectionId}:receive`;
    return { ...clerk, path: path(one), body: {}, other: { path: path(other) } };
  },
  "POST /v1/inspections/{inspection_id}:complete": async (shop) => {
    const path = `/v1/inspections/${(await received(shop)).inspectionId}:complete`;
    const worn = finding(2, { grade: "GRADE_GOOD" });
    return { ...clerk, path, body: { findings: [finding(2)] }, other: { body: { findings: [worn] } } };
  },
  "POST /v1/inspections/{inspection_id}:record": async (shop) => {
    const path = `/v1/inspections/${(await received(shop)).inspectionId}:record`;
    const unit = (grade: string) => ({ finding: finding(1, { grade, detail: { unitNumber: 1 } }) });
    return { ...clerk, path, body: unit("GRADE_LIKE_NEW"), other: { body: unit("GRADE_GOOD") } };
  },
  "POST /v1/inspections/{inspection_id}:dispute": async (shop) => {
    const path = `/v1/inspections/${(await complete(shop)).inspectionId}:dispute`;
    return { role: "AGENT", who: "alice", path, body: claim, other: { body: { ...claim, statement: "it was new" } } };
  },
  "POST /v1/inspections/{inspection_id}:decideDispute": async (shop) => {
    const at = `/v1/inspections/${(await complete(shop)).inspectionId}`;
    const { disputes } = await taken(shop, "AGENT", "alice", `${at}:dispute`, claim);
    const body = { disputeId: disputes[0].disputeId, outcome: "DISPUTE_OUTCOME_DISMISSED", note: "the photos show it" };
    return {
      role: "LEAD",
      who: "lena",
      path: `${at}:decideDispute`,
      body,
      other: { body: { ...body, note: "another" } },
    };
  },
  "POST /v1/quarantine/{quarantine_id}:assign": async (shop) => {
    const path = `/v1/quarantine/${await quarantined(shop)}:assign`;
    const body = { inspectionId: (await waiting(shop)).inspectionId };
    return { ...clerk, path, body, other: { body: { ...body, note: "another" } } };
  },
  "POST /v1/quarantine/{quarantine_id}:dispose": async (shop) => {
    const path = `/v1/quarantine/${await quarantined(shop)}:dispose`;
    const body = { disposition: "DISPOSITION_RESTOCKED", note: "nobody's" };
    return { ...clerk, path, body, other: { body: { ...body, note: "another" } } };
  },
};
