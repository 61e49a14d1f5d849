import assert from "node:assert/strict";
import { Verdict } from "#gen/backhaul/eligibility/v1/decision.js";
import { type ListEntry, ListKind, ListSubject } from "#gen/backhaul/eligibility/v1/policy.js";
import { newId } from "#kit/ids.js";
import { DomainError } from "#kit/pure/check.js";
import { end, list } from "../core/lists.js";
import { openLists } from "../store/lists.js";
import { type Desk, openDesk, reason } from "./desk.js";

const day = 86_400_000;
const inDays = (n: number) => new Date(Date.now() + n * day);

describe("an entry of the lists", () => {
  const plain = {
    market: "KR",
    kind: "BLOCK",
    subject: "CUSTOMER",
    value: "c-1",
    reason: "fraud",
    author: "lee",
  } as const;
  const at = (n: number) => new Date(Date.UTC(2026, 0, n));
  const entry = (from: number, to: number) =>
    list({ listEntryId: "lst_1", ...plain, createTime: at(from), endTime: at(to) });
  const refuses = (expected: string) => (error: unknown) => error instanceof DomainError && error.reason === expected;

  it("counts from now until its end, which must lie ahead", () => {
    assert.deepEqual([entry(1, 2).ender, entry(1, 2).version], ["", 1]);
    assert.throws(() => entry(2, 2), refuses("LIST_ENTRY_INVALID"));
    assert.throws(() => entry(2, 1), refuses("LIST_ENTRY_INVALID"));
  });

  it("can be ended once, before its time, and keeps who did it", () => {
    const ended = end(entry(1, 9), { subject: "lou", now: at(3) });
    assert.deepEqual([ended.endTime, ended.ender, ended.version], [at(3), "lou", 2]);
    assert.throws(() => end(ended, { subject: "lou", now: at(3) }), refuses("LIST_ENTRY_STATE"));
    assert.throws(() => end(entry(1, 9), { subject: "lou", now: at(9) }), refuses("LIST_ENTRY_STATE"));
  });
});

describe("eligibility: allow and block lists", () => {
  let desk: Desk;
  before(async () => {
    desk = await openDesk();
  });
  after(() => desk?.close());

  const entry = (over: Partial<ListEntry> = {}) => ({
    requestId: newId("req"),
    market: "KR",
    kind: ListKind.LIST_KIND_BLOCK,
    subject: ListSubject.LIST_SUBJECT_CUSTOMER,
    value: newId("cus"),
    reason: "returns empty boxes",
    endTime: inDays(30),
    ...over,
  });
  const put = async (over: Partial<ListEntry> = {}) => (await desk.lead.createListEntry(entry(over))).listEntry!;
  const ended = async (listEntryId: string) =>
    (await desk.lead.endListEntry({ requestId: newId("req"), listEntryId })).listEntry!;
  const entriesOf = async (filter: { market?: string; value?: string }) => {
    const found: ListEntry[] = [];
    for (let pageToken = ""; ; ) {
      const page = await desk.lead.listListEntries({ market: "", value: "", pageSize: 2, ...filter, pageToken });
      found.push(...page.listEntries);
      pageToken = page.nextPageToken;
      if (pageToken === "") return found;
    }
  };
  /** What the decision path looks up. */
  const listed = async (orderId: string, customerId: string, skus: string[], now = new Date(), market = "KR") => {
    const { listed } = openLists(desk.db, undefined as never, undefined as never, undefined as never);
    const { entries } = await listed(market, { customerId, orderId, skus }, now);
    return entries.map(({ entryId }) => entryId).sort();
  };

  it("hold who was put on them, by whom, why and until when", async () => {
    const asked = entry();
    const { listEntry } = await desk.lead.createListEntry(asked);
    assert.match(listEntry?.listEntryId ?? "", /^lst_/);
    const { requestId: _, ...said } = asked;
    const { listEntryId, author, createTime, ender, ...kept } = listEntry!;
    assert.deepEqual(kept, said);
    assert.deepEqual([author, ender], ["lee", ""]);
    assert.ok(createTime! <= new Date());
    assert.deepEqual(await entriesOf({ value: asked.value }), [listEntry]);
  });

  it("are about an id as orders have them: inside it a space, nothing around it", async () => {
    for (const value of ["sku 1", "c-1_x.y", "a", "x".repeat(80)]) assert.equal((await put({ value })).value, value);
    for (const value of ["", " c-1", "c-1 ", "c-1\n", "c\u0000", "*", "x".repeat(81)]) {
      await assert.rejects(put({ value }), reason("INVALID_REQUEST"), JSON.stringify(value));
    }
  });

  it("are listed newest first, by market and by whom they are about", async () => {
    const value = newId("cus");
    const made: ListEntry[] = [];
    for (const market of ["KR", "TW", "KR", "GB", "KR"]) made.unshift(await put({ market, value }));
    assert.deepEqual(await entriesOf({ value }), made);
    assert.deepEqual(
      await entriesOf({ value, market: "KR" }),
      made.filter(({ market }) => market === "KR"),
    );
    const all = (await entriesOf({ market: "TW" })).map(({ listEntryId }) => listEntryId);
    assert.deepEqual(all, all.toSorted().reverse());
    await assert.rejects(
      desk.lead.listListEntries({ market: "", value: "", pageSize: 0, pageToken: "%" }),
      reason("PAGE_TOKEN_INVALID"),
    );
  });

  it("refuse an end that has passed, and a market without policies", async () => {
    await assert.rejects(put({ endTime: new Date(Date.now() - 1) }), reason("LIST_ENTRY_INVALID"));
    await assert.rejects(put({ market: "FR" }), reason("NO_POLICY", { market: "FR" }));
  });

  it("are the leads' to write", async () => {
    const agent = desk.policiesAs("AGENT", "amy");
    await assert.rejects(agent.createListEntry(entry()), reason("ROLE_NOT_ALLOWED"));
    const { listEntryId } = await put();
    const end = agent.endListEntry({ requestId: newId("req"), listEntryId });
    await assert.rejects(end, reason("ROLE_NOT_ALLOWED"));
  });

  it("let an entry be ended once", async () => {
    const { listEntryId, endTime } = await put();
    const entry = await ended(listEntryId);
    assert.equal(entry.ender, "lee");
    assert.ok(entry.endTime! < endTime!);
    await assert.rejects(
      ended(listEntryId),
      reason("LIST_ENTRY_STATE", { list_entry_id: listEntryId, state: "ENDED" }),
    );
    const nobodys = newId("lst");
    await assert.rejects(ended(nobodys), reason("LIST_ENTRY_NOT_FOUND", { list_entry_id: nobodys }));
  });

  it("do the same request once, at both replicas, and give its first answer for ever", async () => {
    const leads = [desk.lead, desk.policiesAs("LEAD", "lee", 1)] as const;
    const asked = entry();
    const made = await Promise.all(Array.from({ length: 8 }, (_, i) => leads[(i % 2) as 0 | 1].createListEntry(asked)));
    assert.equal(new Set(made.map(({ listEntry }) => listEntry?.listEntryId)).size, 1);
    assert.equal((await entriesOf({ value: asked.value })).length, 1);
    const [{ listEntry }] = made as [{ listEntry: ListEntry }];
    const ending = { requestId: newId("req"), listEntryId: listEntry.listEntryId };
    const ends = await Promise.all(Array.from({ length: 8 }, (_, i) => leads[(i % 2) as 0 | 1].endListEntry(ending)));
    for (const end of ends) assert.deepEqual(end, ends[0]);
    assert.deepEqual(await desk.lead.createListEntry(asked), made[0]);
    await assert.rejects(
      desk.lead.createListEntry({ ...asked, reason: "another" }),
      reason("REQUEST_ID_REUSED", { request_id: asked.requestId }),
    );
  });

  describe("are looked up for a decision", () => {
    it("by customer, order and product, in its market, while the entries count", async () => {
      const [customerId, orderId, sku, other] = [newId("cus"), newId("ord"), "sku-a", "sku-b"];
      const customer = await put({ value: customerId });
      const order = await put({ value: orderId, subject: ListSubject.LIST_SUBJECT_ORDER });
      const product = await put({
        value: sku,
        subject: ListSubject.LIST_SUBJECT_SKU,
        kind: ListKind.LIST_KIND_ALLOW,
        endTime: inDays(1),
      });
      await put({ value: customerId, market: "TW" });
      await put({ value: customerId, subject: ListSubject.LIST_SUBJECT_ORDER }); // an order that is called so
      const over = await ended((await put({ value: customerId })).listEntryId);
      const ids = (...entries: ListEntry[]) => entries.map(({ listEntryId }) => listEntryId).sort();
      assert.deepEqual(await listed(orderId, customerId, [sku, other]), ids(customer, order, product));
      assert.deepEqual(await listed(orderId, customerId, [other]), ids(customer, order));
      assert.deepEqual(await listed(orderId, customerId, []), ids(customer, order));
      assert.deepEqual(await listed(orderId, customerId, [sku], inDays(2)), ids(customer, order));
      assert.deepEqual(await listed(orderId, customerId, [sku], product.endTime!), ids(customer, order));
      assert.deepEqual(await listed("ord-x", "cus-x", [sku], new Date(), "GB"), []);
      assert.ok(!(await listed(orderId, customerId, [])).includes(over.listEntryId));
    });

    it("say with what they are about, so that a line knows its own", async () => {
      const { listed } = openLists(desk.db, undefined as never, undefined as never, undefined as never);
      const { listEntryId, value } = await put({ subject: ListSubject.LIST_SUBJECT_SKU });
      const found = await listed("KR", { customerId: "c", orderId: "o", skus: [value] }, new Date());
      assert.deepEqual(found, {
        entries: [{ entryId: listEntryId, kind: "BLOCK", subject: "SKU", value }],
        bookVersion: (
          await desk.db.query({ name: "test.book", text: "SELECT version FROM policy_book WHERE market = 'KR'" })
        )[0].version,
      });
    });
  });

  describe("are heard by the tables", () => {
    it("within the law: whoever is blocked keeps a statutory right", async () => {
      const customerId = newId("cus");
      await put({ value: customerId });
      const decision = await desk.decide(desk.world.sell({ customerId }));
      assert.equal(decision.verdict, Verdict.VERDICT_ACCEPT);
      assert.deepEqual((await listed("ord-x", customerId, [])).length, 1);
    });

    it("from the moment an entry is made until it ends, at every replica", async () => {
      const customerId = newId("cus");
      const late = () => desk.world.sell({ customerId, delivered: 60, orderTime: new Date(Date.now() - 62 * day) });
      const verdict = async (replica: 0 | 1) => Verdict[(await desk.decide(late(), replica)).verdict];
      assert.equal(await verdict(1), "VERDICT_DECLINE");
      const { listEntryId } = await put({ value: customerId, kind: ListKind.LIST_KIND_ALLOW });
      assert.deepEqual([await verdict(0), await verdict(1)], ["VERDICT_REVIEW", "VERDICT_REVIEW"]);
      await ended(listEntryId);
      assert.deepEqual([await verdict(0), await verdict(1)], ["VERDICT_DECLINE", "VERDICT_DECLINE"]);
    });
  });
});
