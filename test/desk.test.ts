// A day of the back office, over REST: it finds its work, shares it out, and acts on it.
import assert from "node:assert/strict";
import { newId } from "#kit/ids.js";
import { until } from "#kit/testing/peers.js";
import { type Mesh, openMesh } from "./mesh.js";
import { openShop, type Shop } from "./shop.js";

describe("the back office", function () {
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

  type Case = { resolutionId: string; state: string; assignee: string; createTime: string; dueTime?: string };
  type Role = Parameters<Shop["rest"]>[0];
  /** What an answer of 200 says; fails on any other. */
  async function ok(role: Role, subject: string, path: string, body?: object, key = newId("key")) {
    const { status, json } = await shop.rest(role, subject, body ? "POST" : "GET", path, body, key);
    assert.equal(status, 200, `${path}: ${JSON.stringify(json)}`);
    return json;
  }
  async function refusal(role: Role, subject: string, path: string, body: object): Promise<string> {
    const { status, json } = await shop.rest(role, subject, "POST", path, body);
    assert.ok(status >= 400, `${path} was let through: ${JSON.stringify(json)}`);
    return json.reason;
  }
  const search = async (filter: object, more: object = {}): Promise<{ cases: Case[]; nextPageToken: string }> =>
    ok("AGENT", "alice", "/v1/desk/cases:search", { filter, ...more });
  const desk = (resolutionId: string) => `/v1/desk/cases/${resolutionId}`;

  async function asked(reason = "NO_LONGER_NEEDED") {
    const order = await shop.order();
    return { order, ...(await shop.ask(order, "RETURN", { reason })) };
  }
  /** Requests of one customer, for a queue of its own. */
  async function severalOf(count: number) {
    const orders = await Promise.all(Array.from({ length: count }, () => shop.order()));
    const seen = await Promise.all(orders.map((order) => shop.ask(order, "RETURN", { reason: "COLOR" })));
    return { ids: seen.map(({ resolutionId }) => resolutionId), orders };
  }

  it("finds a request by order, customer, parcel number, kind, state, reason, market, assignee and time", async () => {
    const { order, resolutionId } = await asked("COLOR");
    await ok("AGENT", "alice", `${desk(resolutionId)}:assign`, { assignee: "alice" });
    const { json } = await shop.rest("AGENT", "alice", "GET", `/v1/resolutions/${resolutionId}`);
    const collection = await until("the booking", async () => {
      const { collectionId } = await shop.see(resolutionId);
      if (!collectionId) return false;
      const seen = await shop.rest("AGENT", "alice", "GET", `/v1/collections/${collectionId}`);
      return seen.json.trackingNumber ? seen.json : false;
    });
    await until("the number is known", async () => {
      const { cases } = await search({ trackingNumber: collection.trackingNumber });
      return cases.length === 1 && cases[0]?.resolutionId === resolutionId;
    });
    const only = { orderId: order.orderId };
    const yes = [
      only,
      { customerId: order.customerId },
      { ...only, kinds: ["KIND_RETURN", "KIND_CLAIM"] },
      { ...only, states: ["RESOLUTION_STATE_OPEN"] },
      { ...only, reason: "COLOR" },
      { ...only, market: "KR" },
      { ...only, assignee: "alice" },
      { ...only, createdFrom: json.createTime, updatedFrom: json.createTime },
      { ...only, dueBefore: new Date(Date.parse(json.createTime) + 90 * 86_400_000).toISOString() },
    ];
    const no = [
      { ...only, kinds: ["KIND_EXCHANGE"] },
      { ...only, states: ["RESOLUTION_STATE_CLOSED"] },
      { ...only, reason: "NO_LONGER_NEEDED" },
      { ...only, market: "TW" },
      { ...only, assignee: "bob" },
      { ...only, unassigned: true },
      { ...only, overdue: true },
      { ...only, onHold: true },
      { ...only, dueBefore: json.createTime },
      { ...only, createdBefore: json.createTime },
      { ...only, updatedBefore: json.createTime },
    ];
    for (const filter of yes) {
      const { cases } = await search(filter);
      assert.deepEqual(
        cases.map((one) => one.resolutionId),
        [resolutionId],
        JSON.stringify(filter),
      );
    }
    for (const filter of no) assert.deepEqual((await search(filter)).cases, [], JSON.stringify(filter));
  });

  it("turns pages in every order, each case once, while more come in", async () => {
    const { ids } = await severalOf(5);
    for (const order of ["DESK_ORDER_NEWEST", "DESK_ORDER_OLDEST", "DESK_ORDER_DUE"]) {
      const found: Case[] = [];
      let pageToken = "";
      do {
        const page = await search({ reason: "COLOR" }, { order, pageSize: 2, pageToken });
        found.push(...page.cases);
        pageToken = page.nextPageToken;
        if (found.length === 2) await asked("COLOR");
      } while (pageToken !== "");
      const seen = found.map(({ resolutionId }) => resolutionId);
      assert.equal(new Set(seen).size, seen.length, `${order} gave one twice`);
      assert.ok(
        ids.every((id) => seen.includes(id)),
        `${order} left one out`,
      );
    }
    const { status, json } = await shop.rest("AGENT", "alice", "POST", "/v1/desk/cases:search", {
      pageToken: "cmVzXzE",
    });
    assert.deepEqual([status, json.reason], [400, "PAGE_TOKEN_INVALID"]);
  });

  it("gives each of fifty who take at once another case of the queue, and the eight same requests the same", async () => {
    const { ids, orders } = await severalOf(3);
    const queueId = "one-customer";
    const filter = { customerId: orders[0]?.customerId };
    await ok("LEAD", "lena", "/v1/desk/queues", { queue: { queueId, title: "One", filter, slaMinutes: 60 } });
    const body = {
      queue: { queueId, title: "Three", filter: { reason: "COLOR" }, order: "DESK_ORDER_OLDEST" },
      version: 1,
    };
    await ok("LEAD", "lena", "/v1/desk/queues", body);
    assert.equal(await refusal("LEAD", "lena", "/v1/desk/queues", body), "QUEUE_CHANGED");
    const waiting = async () => (await ok("AGENT", "alice", `/v1/desk/queues/${queueId}/cases?pageSize=100`)).cases;
    const before = (await waiting()).length;
    assert.ok(before >= ids.length);
    const takes = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        shop.rest("AGENT", `agent-${n}`, "POST", `/v1/desk/queues/${queueId}:takeNext`, {}),
      ),
    );
    const taken = takes.filter(({ status }) => status === 200).map(({ json }) => json.resolutionId);
    assert.equal(new Set(taken).size, taken.length, "two got the same");
    assert.equal(taken.length, Math.min(50, before), JSON.stringify(takes.find(({ status }) => status !== 200)?.json));
    for (const { status, json } of takes) if (status !== 200) assert.equal(json.reason, "QUEUE_EMPTY");
    assert.deepEqual(await waiting(), []);

    const { resolutionId } = await asked("COLOR");
    await asked("COLOR");
    const key = newId("key");
    const same = await Promise.all(
      Array.from({ length: 8 }, () => ok("AGENT", "alice", `/v1/desk/queues/${queueId}:takeNext`, {}, key)),
    );
    assert.deepEqual(new Set(same.map((one) => one.resolutionId)), new Set([resolutionId]));
    assert.equal((await waiting()).length, 1);
  });

  it("lets an agent pass on only what is theirs, a lead anything, and tells how it went", async () => {
    const { resolutionId } = await asked();
    const path = desk(resolutionId);
    await ok("AGENT", "alice", `${path}:assign`, { assignee: "alice" });
    assert.equal(await refusal("AGENT", "bob", `${path}:assign`, { assignee: "bob" }), "ASSIGNED_TO_OTHER");
    assert.equal(await refusal("AGENT", "bob", `${path}:unassign`, { reason: "mine" }), "ASSIGNED_TO_OTHER");
    await ok("AGENT", "alice", `${path}:handOver`, { assignee: "bob", reason: "Called twice, nobody answers." });
    await ok("LEAD", "lena", `${path}:unassign`, { reason: "Bob is away." });
    const { assignments } = await ok("AGENT", "alice", `${path}/assignments`);
    assert.deepEqual(
      assignments.map((one: { assignee: string; actor: string }) => [one.assignee, one.actor]),
      [
        ["alice", "alice"],
        ["bob", "alice"],
        ["", "lena"],
      ],
    );
  });

  it("keeps every version of a note, and shows the customer none of it", async () => {
    const { order, resolutionId } = await asked();
    const path = `${desk(resolutionId)}/notes`;
    const note = await ok("AGENT", "alice", path, { text: "Sounded unsure." });
    const revise = `/v1/desk/notes/${note.noteId}:revise`;
    assert.equal(await refusal("AGENT", "bob", revise, { version: 1, text: "no" }), "ROLE_NOT_ALLOWED");
    await ok("AGENT", "alice", revise, { version: 1, text: "Sounded sure after all." });
    assert.equal(await refusal("AGENT", "alice", revise, { version: 1, text: "late" }), "NOTE_CHANGED");
    const texts = async (query: string) =>
      (await ok("AGENT", "alice", `${path}${query}`)).notes.map((one: { text: string }) => one.text);
    assert.deepEqual(await texts(""), ["Sounded sure after all."]);
    assert.deepEqual(await texts("?everyVersion=true"), ["Sounded unsure.", "Sounded sure after all."]);
    const attachments = [{ mediaId: "med_none", sha256: "0".repeat(64) }];
    assert.equal(await refusal("AGENT", "alice", path, { text: "see", attachments }), "PARTNER_NOT_FOUND");
    const { status } = await shop.rest("CUSTOMER", order.customerId, "GET", path);
    assert.equal(status, 403);
  });
});
