// A day of the back office, over REST: it finds its work, shares it out, and acts on it.
import assert from "node:assert/strict";
import { Twist } from "#gen/backhaul/sandbox/v1/scenario_service.js";
import { newId } from "#kit/ids.js";
import { until } from "#kit/testing/peers.js";
import { breaches } from "./invariants.js";
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

  describe("acts", () => {
    const act = (resolutionId: string, verb: string) => `${desk(resolutionId)}:${verb}`;
    const reason = "They called.";
    const lines = (quantity: number, more: object = {}) => [{ lineId: "l-1", quantity, reason: "COLOR", ...more }];
    /** Asked for, booked, and the dock told. */
    async function collecting() {
      const { order, resolutionId } = await asked("COLOR");
      await until("everybody was told", async () => {
        const { collectionId, inspectionId } = await shop.see(resolutionId);
        return collectionId !== "" && inspectionId !== "";
      });
      return { order, resolutionId };
    }
    /** The same request eight times at once: every answer is the same, and it happened once. */
    async function eightTimes(path: string, body: object, name: string) {
      const key = newId("key");
      const all = await Promise.all(Array.from({ length: 8 }, () => ok("AGENT", "alice", path, body, key)));
      for (const one of all) assert.deepEqual(one, all[0], path);
      const resolutionId = path.slice("/v1/desk/cases/".length).split(":")[0] as string;
      const entries = await shop.timeline(resolutionId);
      assert.equal(entries.filter((entry) => entry.name === name).length, 1, `${path}: ${name}`);
      return all[0];
    }

    it("the same act eight times at once is one act: hold, release, more time, conversion, units, taking up", async () => {
      const { resolutionId } = await collecting();
      const until = new Date((await shop.now()).getTime() + 86_400_000).toISOString();
      await eightTimes(act(resolutionId, "hold"), { until, reason }, "Held");
      const { staffHold } = await ok("LEAD", "lena", desk(resolutionId));
      assert.deepEqual([staffHold.holder, staffHold.reason], ["alice", reason]);
      await eightTimes(act(resolutionId, "release"), { reason }, "Released");
      const before = (await shop.see(resolutionId)).deadlines.find(({ step }) => step === "handover");
      const longer = { step: "handover", days: 3, reason };
      const extended = await eightTimes(act(resolutionId, "extendDeadline"), longer, "DeadlineExtended");
      const after = extended.deadlines.find(({ step }: { step: string }) => step === "handover");
      assert.equal(Date.parse(after.dueTime) - Date.parse(before?.dueTime ?? ""), 3 * 86_400_000);
      const fewer = await eightTimes(act(resolutionId, "changeUnits"), { lines: lines(1), reason }, "UnitsChanged");
      assert.equal(fewer.lines[0].quantity, 1);
      const exchange = { kind: "KIND_EXCHANGE", lines: lines(1, { replacementSku: "mug-large" }), reason };
      const converted = await eightTimes(act(resolutionId, "convert"), exchange, "Converted");
      assert.deepEqual([converted.kind, converted.money], ["KIND_EXCHANGE", "MONEY_STATE_NONE"]);
      await shop.pass(5);
      const closed = await shop.reaches(resolutionId, "CLOSED");
      assert.deepEqual([closed.stock, closed.lines[0]?.accepted], ["STOCK_STATE_FULFILLED", 1]);

      const taken = await asked();
      await ok("CUSTOMER", taken.order.customerId, `/v1/resolutions/${taken.resolutionId}:withdraw`, {});
      const again = await eightTimes(act(taken.resolutionId, "takeUp"), { reason }, "Reopened");
      assert.equal(again.state, "RESOLUTION_STATE_OPEN");
    });

    it("a change that the policy does not accept is refused, and so are more units than were bought", async () => {
      const { resolutionId } = await collecting();
      const cancel = { kind: "KIND_CANCELLATION", lines: lines(2), reason };
      assert.equal(await refusal("AGENT", "alice", act(resolutionId, "convert"), cancel), "RESOLUTION_STATE");
      const many = { lines: lines(3), reason };
      assert.equal(await refusal("AGENT", "alice", act(resolutionId, "changeUnits"), many), "UNITS_EXCEED_PURCHASED");
      const unknown = { lines: [{ lineId: "l-1", quantity: 1, reason: "MOON_PHASE" }], reason };
      assert.equal(await refusal("AGENT", "alice", act(resolutionId, "changeUnits"), unknown), "REASON_UNKNOWN");
      const another = { lines: lines(1), decisionId: "dec_01K00000000000000000000000", reason };
      assert.equal(await refusal("AGENT", "alice", act(resolutionId, "changeUnits"), another), "DECISION_NOT_FOUND");
      const order = await shop.order({ quantity: 2 });
      const first = await shop.ask(order, "RETURN", { quantity: 1, reason: "COLOR" });
      await shop.ask(order, "RETURN", { quantity: 1, reason: "COLOR" });
      await until("the dock is told", async () => (await shop.see(first.resolutionId)).inspectionId !== "");
      const taken = { lines: lines(2), reason };
      assert.equal(await refusal("AGENT", "alice", act(first.resolutionId, "changeUnits"), taken), "UNITS_UNAVAILABLE");
    });

    it("units removed while the driver is at the door: either fewer go, or it was too late", async () => {
      const races = await Promise.all(Array.from({ length: 5 }, collecting));
      const outcomes = await Promise.all(
        races.map(async ({ resolutionId }) => {
          const [changed] = await Promise.all([
            shop.rest("AGENT", "alice", "POST", act(resolutionId, "changeUnits"), { lines: lines(1), reason }),
            // Its driver may not be booked yet.
            until("its driver comes", async () => !!(await shop.sandbox.moveParcel({ resolutionId }))),
          ]);
          return changed.status === 200 ? 1 : changed.json.reason === "ALREADY_HANDED_OVER" ? 2 : changed.json;
        }),
      );
      for (const [n, { resolutionId }] of races.entries()) {
        assert.equal((await shop.see(resolutionId)).lines[0]?.quantity, outcomes[n], JSON.stringify(outcomes[n]));
      }
      await shop.pass(5);
      for (const [n, { resolutionId }] of races.entries()) {
        const closed = await shop.reaches(resolutionId, "CLOSED");
        assert.equal(closed.lines[0]?.accepted, outcomes[n]);
      }
    });

    it("a step that gave up is told of, tried dry, then again", async () => {
      const order = await shop.order();
      await shop.scenario({ twist: Twist.TWIST_REFUSED, orderId: order.orderId, method: "HoldStock", times: 1 });
      const sku = { replacementSku: "mug-large" };
      const { resolutionId } = await shop.ask(order, "EXCHANGE", { reason: "SIZE_TOO_SMALL", more: sku });
      const stuck = await until("it gave up", async () => {
        const { steps } = await ok("AGENT", "alice", `${desk(resolutionId)}/stuckSteps`);
        return steps[0];
      });
      assert.deepEqual([stuck.step, stuck.skipEffect], ["stock.hold", ""]);
      const retry = { step: "stock.hold", reason };
      const dry = await ok("AGENT", "alice", act(resolutionId, "retryStep"), { ...retry, dryRun: true });
      assert.deepEqual([dry.step, dry.resolution.onHold], [stuck, false]);
      assert.equal((await shop.see(resolutionId)).onHold, true, "nothing was changed");
      await eightTimes(act(resolutionId, "retryStep"), retry, "Resumed");
      await until("it is held", async () => (await shop.see(resolutionId)).stock === "STOCK_STATE_HELD");
      const skip = { step: "SKIPPABLE_STEP_NOTIFY", reason };
      assert.equal(await refusal("AGENT", "alice", act(resolutionId, "skipStep"), skip), "STEP_NOT_STUCK");
    });
  });

  describe("many at once", () => {
    type Row = { resolutionId: string; state: string; reason: string };
    /** Claims, which a person has to look at first. */
    async function reviews(count: number) {
      const orders = await Promise.all(Array.from({ length: count }, () => shop.order()));
      const seen = await Promise.all(
        orders.map((order) => shop.ask(order, "CLAIM", { reason: "OTHER_PROBLEM", more: { note: '=1+1, "broken"' } })),
      );
      for (const { state } of seen) assert.equal(state, "RESOLUTION_STATE_PENDING_REVIEW");
      return { orders, ids: seen.map(({ resolutionId }) => resolutionId) };
    }

    it("a bulk grants each by itself, says which it could not, and gives the same results when it is sent again", async () => {
      const { ids } = await reviews(4);
      await ok("AGENT", "alice", `/v1/resolutions/${ids[1]}:decline`, { text: "No." });
      const body = { resolutionIds: [...ids, "res_01K00000000000000000000000"], reason: "All genuine.", approve: {} };
      const key = newId("key");
      const all = await Promise.all(Array.from({ length: 8 }, () => ok("AGENT", "alice", "/v1/desk/bulks", body, key)));
      for (const one of all) assert.deepEqual(one, all[0]);
      const rows: Row[] = all[0].rows;
      assert.deepEqual(
        rows.map(({ state, reason }) => [state.slice("BULK_ROW_STATE_".length), reason]),
        [
          ["DONE", ""],
          ["REFUSED", "RESOLUTION_STATE"],
          ["DONE", ""],
          ["DONE", ""],
          ["REFUSED", "RESOLUTION_NOT_FOUND"],
        ],
      );
      assert.equal(all[0].pending, 0);
      assert.deepEqual(await ok("LEAD", "lena", `/v1/desk/bulks/${all[0].bulkId}`), all[0]);
      const granted = (await shop.timeline(ids[0] as string)).filter(({ name }) => name === "Approved");
      assert.equal(granted.length, 1);
      assert.equal(
        await refusal("AGENT", "alice", "/v1/desk/bulks", { ...body, approve: undefined }),
        "INVALID_REQUEST",
      );
    });

    it("an export streams what a search finds, as harmless cells, and what is personal to those alone who may", async () => {
      const { ids, orders } = await reviews(2);
      const [order] = orders;
      await ok("LEAD", "lena", `${desk(ids[0] as string)}:assign`, { assignee: "=cmd()" });
      const columns = (...words: string[]) => words.map((word) => `EXPORT_COLUMN_${word}`);
      const one = {
        exportId: "claims",
        title: "Claims",
        filter: { kinds: ["KIND_CLAIM"], customerId: order?.customerId },
        columns: columns("RESOLUTION_ID", "REASONS", "ASSIGNEE", "CUSTOMER_ID"),
        byteOrderMark: true,
      };
      await ok("AGENT", "alice", "/v1/desk/exports", { export: one });
      assert.equal(await refusal("AGENT", "alice", "/v1/desk/exports", { export: one }), "EXPORT_CHANGED");
      const download = async (role: Role, subject: string) => {
        const authorization = `Bearer ${await mesh.doors.token(role, subject)}`;
        return fetch(`${mesh.gatewayUrl}/v1/desk/exports/claims:download`, { headers: { authorization } });
      };
      assert.equal((await download("AGENT", "alice")).status, 403);
      const answer = await download("LEAD", "lena");
      assert.match(answer.headers.get("content-type") ?? "", /^text\/csv/);
      const bytes = Buffer.from(await answer.arrayBuffer());
      assert.equal(
        bytes.toString(),
        `\uFEFFresolution_id,reasons,assignee,customer_id\r\n${ids[0]},OTHER_PROBLEM,'=cmd(),${order?.customerId}\r\n`,
      );
      const all = { ...one, filter: {}, columns: columns("RESOLUTION_ID"), byteOrderMark: false };
      await ok("AGENT", "alice", "/v1/desk/exports", { export: all, version: 1 });
      const lines = (await (await download("AGENT", "alice")).text()).split("\r\n");
      assert.ok(lines.length > ids.length && ids.every((id) => lines.includes(id)), `${lines.length} lines`);
    });

    it("the attention list has what is still for too long by its market's own measure, and says what to do", async () => {
      const { ids } = await reviews(1);
      const id = ids[0] as string;
      const listed = async () =>
        (await ok("AGENT", "alice", "/v1/desk/attention?market=KR&pageSize=100")).cases.some(
          (one: Case) => one.resolutionId === id,
        );
      assert.equal(await listed(), false);
      await ok("LEAD", "lena", "/v1/desk/dwells", { dwell: { market: "KR", state: "PENDING_REVIEW", hours: 6 } });
      await shop.pass(0.5);
      assert.equal(await listed(), true);
      const diagnosis = await ok("AGENT", "alice", `${desk(id)}/diagnosis`);
      assert.match(diagnosis.waitsFor.join(), /grant or decline/);
      assert.match(diagnosis.advice.join(), /approve or decline/);
      assert.equal(Date.parse(diagnosis.limitTime) - Date.parse(diagnosis.stillSince), 6 * 3_600_000);
      await ok("LEAD", "lena", "/v1/desk/dwells", { dwell: { market: "KR", state: "PENDING_REVIEW", hours: 600 } });
      assert.equal(await listed(), false);
    });
  });

  it("a ticket is kept while the ticket system is away, handed over once, and its state comes back", async () => {
    const { order, resolutionId } = await asked();
    await shop.scenario({ twist: Twist.TWIST_ERROR, orderId: order.orderId, method: "OpenTicket", times: 3 });
    const lost = { twist: Twist.TWIST_TIMEOUT_AFTER_SUCCESS, orderId: order.orderId, method: "OpenTicket", times: 1 };
    await shop.scenario(lost);
    const path = `${desk(resolutionId)}/tickets`;
    const key = newId("key");
    const body = { subject: "Where is it?", text: "Nothing is heard of the parcel." };
    const all = await Promise.all(Array.from({ length: 8 }, () => ok("AGENT", "alice", path, body, key)));
    assert.equal(new Set(all.map(({ ticketId }) => ticketId)).size, 1);
    const ticket = async () => {
      const { tickets } = await ok("AGENT", "alice", path);
      assert.equal(tickets.length, 1);
      return tickets[0];
    };
    await until("it was taken", async () => (await ticket()).state === "CASE_TICKET_STATE_OPEN", 20_000);
    await shop.pass(1.5);
    const { state, answer, opener } = await ticket();
    assert.deepEqual([state, answer, opener], ["CASE_TICKET_STATE_SOLVED", "Seen to.", "alice"]);
  });

  describe("afterwards", () => {
    it("every invariant stands", async () => {
      await shop.pass(1);
      const { databaseUrl, nats, env } = mesh.stage;
      assert.deepEqual(await breaches(databaseUrl, nats.url, (service) => env(service).DATABASE_SCHEMA ?? service), []);
    });
  });
});
