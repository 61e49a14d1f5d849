// Requests that the eligibility service takes: a policy's life step by step, lists, and what staff decide instead.
import { readFileSync } from "node:fs";
import { newId } from "#kit/ids.js";
import { until } from "#kit/testing/peers.js";
import type { Shop } from "../shop.js";
import { type Post, type Posts, taken } from "./post.js";
import { waiting } from "./returns.js";

export const read = (market: string) =>
  readFileSync(new URL(`../../services/eligibility/policies/${market}.json`, import.meta.url), "utf8");
const document = read("GB");
const taiwan = read("TW");
const author = { role: "POLICY_AUTHOR", who: "ann" } as const;
const approver = { role: "POLICY_APPROVER", who: "bob" } as const;

/** Each a second after the one before: none may come into force with another, nor before one that it replaces. */
let effectiveMs = Date.UTC(2099, 0, 1);

const created = async (shop: Shop): Promise<string> => {
  effectiveMs += 1_000;
  const draft = { document, effectiveTime: new Date(effectiveMs) };
  return (await taken(shop, "POLICY_AUTHOR", "ann", "/v1/policies", draft)).policyId;
};
const step = (
  shop: Shop,
  policyId: string,
  verb: string,
  body: object = {},
  role = author.role as "POLICY_AUTHOR" | "POLICY_APPROVER",
) => taken(shop, role, role === "POLICY_AUTHOR" ? "ann" : "bob", `/v1/policies/${policyId}:${verb}`, body);

async function validated(shop: Shop): Promise<string> {
  const policyId = await created(shop);
  await step(shop, policyId, "validate");
  return policyId;
}

async function range(shop: Shop) {
  const now = await shop.now();
  return { sinceTime: new Date(now.getTime() - 86_400_000), untilTime: now };
}

async function simulated(shop: Shop): Promise<string> {
  const policyId = await created(shop);
  await simulate(shop, policyId);
  return policyId;
}

async function simulate(shop: Shop, policyId: string): Promise<void> {
  await step(shop, policyId, "validate");
  await step(shop, policyId, "simulate", await range(shop));
  await until("it is simulated", async () => {
    const { json } = await shop.rest("POLICY_AUTHOR", "ann", "GET", `/v1/policies/${policyId}`);
    return json.state === "POLICY_STATE_SIMULATED";
  });
}

/** From now on a market's orders are judged by this document. */
export async function putInForce(shop: Shop, policy: string): Promise<void> {
  const draft = { document: policy, effectiveTime: await shop.now() };
  const { policyId } = await taken(shop, "POLICY_AUTHOR", "ann", "/v1/policies", draft);
  await simulate(shop, policyId);
  await step(shop, policyId, "approve", { note: "" }, "POLICY_APPROVER");
  await step(shop, policyId, "activate", {}, "POLICY_APPROVER");
}

/** A verb that says nothing: the same of another policy is another request. */
const bare = (by: Pick<Post, "role" | "who">, policyId: string, otherId: string, verb: string): Post => {
  const path = (id: string) => `/v1/policies/${id}:${verb}`;
  return { ...by, path: path(policyId), body: {}, other: { path: path(otherId) } };
};

const entry = () => ({
  market: "KR",
  kind: "LIST_KIND_BLOCK",
  subject: "LIST_SUBJECT_CUSTOMER",
  value: newId("cus"),
  reason: "bricks in boxes",
  endTime: "2099-01-01T00:00:00Z",
});

export const eligibilityPosts: Posts = {
  "POST /v1/policies": async () => {
    const body = { document, effectiveTime: "2099-01-01T00:00:00Z" };
    const other = { body: { document, effectiveTime: "2099-02-01T00:00:00Z" } };
    return { ...author, path: "/v1/policies", body, other, makes: "policy" };
  },
  "POST /v1/policies/{policy_id}:revise": async (shop) => {
    const path = `/v1/policies/${await created(shop)}:revise`;
    const at = (effectiveTime: string) => ({ document, effectiveTime });
    return { ...author, path, body: at("2099-03-01T00:00:00Z"), other: { body: at("2099-04-01T00:00:00Z") } };
  },
  "POST /v1/policies/{policy_id}:validate": async (shop) =>
    bare(author, await created(shop), await created(shop), "validate"),
  "POST /v1/policies/{policy_id}:simulate": async (shop) => {
    const path = `/v1/policies/${await validated(shop)}:simulate`;
    const body = await range(shop);
    const other = { body: { ...body, sinceTime: new Date(body.sinceTime.getTime() - 1000) } };
    return { ...author, path, body, other };
  },
  "POST /v1/policies/{policy_id}:approve": async (shop) => {
    const path = `/v1/policies/${await simulated(shop)}:approve`;
    return { ...approver, path, body: { note: "read it" }, other: { body: { note: "another" } } };
  },
  "POST /v1/policies/{policy_id}:activate": async (shop) => {
    const policyId = await simulated(shop);
    await step(shop, policyId, "approve", { note: "" }, "POLICY_APPROVER");
    return bare(approver, policyId, await created(shop), "activate");
  },
  "POST /v1/policies/{policy_id}:shadow": async (shop) =>
    bare(author, await validated(shop), await created(shop), "shadow"),
  "POST /v1/policies/{policy_id}:unshadow": async (shop) => {
    const policyId = await validated(shop);
    await step(shop, policyId, "shadow");
    return bare(author, policyId, await created(shop), "unshadow");
  },
  "POST /v1/policies/{policy_id}:rollback": async (shop) => {
    const { json } = await shop.rest("POLICY_AUTHOR", "ann", "GET", "/v1/policies?market=TW");
    const { policyId: former } = json.policies.find(({ state }: { state: string }) => state === "POLICY_STATE_ACTIVE");
    await putInForce(shop, taiwan);
    const path = `/v1/policies/${former}:rollback`;
    return { ...approver, path, body: { reason: "a typo" }, other: { body: { reason: "another" } } };
  },
  "POST /v1/decisions/{decision_id}:override": async (shop) => {
    const { decision } = await waiting(shop);
    const { decisionId } = decision as unknown as { decisionId: string };
    const body = { lines: [{ lineId: "l-1", verdict: "VERDICT_ACCEPT" }], waiveFees: true, reason: "was in hospital" };
    const path = `/v1/decisions/${decisionId}:override`;
    return {
      role: "LEAD",
      who: "lena",
      path,
      body,
      other: { body: { ...body, reason: "another" } },
      makes: "decision",
    };
  },
  "POST /v1/listEntries": async () => {
    const body = entry();
    const other = { body: { ...body, reason: "another" } };
    return { role: "LEAD", who: "lea", path: "/v1/listEntries", body, other, makes: "list_entry" };
  },
  "POST /v1/listEntries/{list_entry_id}:end": async (shop) => {
    const { listEntryId } = await taken(shop, "LEAD", "lea", "/v1/listEntries", entry());
    const { listEntryId: another } = await taken(shop, "LEAD", "lea", "/v1/listEntries", entry());
    const path = (id: string) => `/v1/listEntries/${id}:end`;
    return { role: "LEAD", who: "lea", path: path(listEntryId), body: {}, other: { path: path(another) } };
  },
};
