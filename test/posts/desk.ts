// Requests that the back office's desk sends: who works on what, notes, queues, tickets, and many at once.
import { newId } from "#kit/ids.js";
import { until } from "#kit/testing/peers.js";
import type { Shop } from "../shop.js";
import { type Post, type Posts, taken } from "./post.js";

const alice = { role: "AGENT", who: "alice" } as const;
const lena = { role: "LEAD", who: "lena" } as const;
const of = (resolutionId: string) => `/v1/desk/cases/${resolutionId}`;

/** A request that somebody has made. */
export async function asked(shop: Shop): Promise<string> {
  return (await shop.ask(await shop.order(), "RETURN")).resolutionId;
}

/** The same as one of a customer whom nobody else has asked for. */
async function ofCustomer(shop: Shop) {
  const order = await shop.order();
  const { resolutionId } = await shop.ask(order, "RETURN");
  return { customerId: order.customerId, resolutionId };
}

async function assigned(shop: Shop): Promise<string> {
  const path = of(await asked(shop));
  await taken(shop, "AGENT", "alice", `${path}:assign`, { assignee: "alice" });
  return path;
}

const queue = (filter: object = {}) => ({ queue: { queueId: `q-${stamp()}`, title: "Some", filter } });
const exported = () => ({
  export: { exportId: `e-${stamp()}`, title: "Some", filter: {}, columns: ["EXPORT_COLUMN_RESOLUTION_ID"] },
});

/** Names of queues and exports are in small letters. */
function stamp(): string {
  return newId("nam").slice(4).toLowerCase();
}

/** A queue with a case in it. */
async function queued(shop: Shop): Promise<string> {
  const { customerId } = await ofCustomer(shop);
  const body = queue({ customerId });
  await taken(shop, "LEAD", "lena", "/v1/desk/queues", body);
  const path = `/v1/desk/queues/${body.queue.queueId}`;
  await until("it waits there", async () => {
    const { json } = await shop.rest("AGENT", "alice", "GET", `${path}/cases`);
    return json.cases.length === 1;
  });
  return path;
}

const says = (by: Pick<Post, "role" | "who">, path: string, body: object, change: object): Post => ({
  ...by,
  path,
  body,
  other: { body: { ...body, ...change } },
});

export const deskPosts: Posts = {
  "POST /v1/desk/cases/{resolution_id}:assign": async (shop) =>
    says(alice, `${of(await asked(shop))}:assign`, { assignee: "alice" }, { assignee: "bob" }),
  "POST /v1/desk/cases/{resolution_id}:unassign": async (shop) =>
    says(alice, `${await assigned(shop)}:unassign`, { reason: "going home" }, { reason: "another" }),
  "POST /v1/desk/cases/{resolution_id}:handOver": async (shop) =>
    says(alice, `${await assigned(shop)}:handOver`, { assignee: "bob", reason: "going home" }, { reason: "another" }),
  "POST /v1/desk/cases/{resolution_id}/notes": async (shop) => ({
    ...says(alice, `${of(await asked(shop))}/notes`, { text: "sounded unsure" }, { text: "another" }),
    makes: "note",
  }),
  "POST /v1/desk/notes/{note_id}:revise": async (shop) => {
    const { noteId } = await taken(shop, "AGENT", "alice", `${of(await asked(shop))}/notes`, { text: "unsure" });
    const body = { version: 1, text: "sounded sure after all" };
    return { ...says(alice, `/v1/desk/notes/${noteId}:revise`, body, { text: "another" }), makes: "note" };
  },
  "POST /v1/desk/queues": async () => ({
    ...says(lena, "/v1/desk/queues", queue(), queue()),
    makes: "queue",
  }),
  "POST /v1/desk/queues/{queue_id}:takeNext": async (shop) => {
    const other = { path: `${await queued(shop)}:takeNext` };
    return { ...alice, path: `${await queued(shop)}:takeNext`, body: {}, other, makes: "assignment_entry" };
  },
  "POST /v1/desk/cases/{resolution_id}/tickets": async (shop) => {
    const body = { subject: "Where is it?", text: "Nothing is heard of the parcel." };
    const path = `${of(await asked(shop))}/tickets`;
    return { ...says(alice, path, body, { text: "another" }), makes: "ticket" };
  },
  "POST /v1/desk/dwells": async () => {
    const dwell = (hours: number) => ({ dwell: { market: "GB", state: "PENDING_REVIEW", hours } });
    return says(lena, "/v1/desk/dwells", dwell(600), dwell(601));
  },
  "POST /v1/desk/bulks": async (shop) => {
    const body = { resolutionIds: [await asked(shop), await asked(shop)], reason: "all genuine", note: {} };
    return { ...says(alice, "/v1/desk/bulks", body, { reason: "another" }), makes: "bulk" };
  },
  "POST /v1/desk/exports": async () => ({
    ...says(alice, "/v1/desk/exports", exported(), exported()),
    makes: "saved_export",
  }),
};
