import assert from "node:assert/strict";
import { BreakFound } from "#gen/backhaul/reconciler/v1/reconciler_events.js";
import { type Break, BreakKind, BreakState } from "#gen/backhaul/reconciler/v1/reconciler_service.js";
import { RpcError } from "#kit/errors.js";
import { newId } from "#kit/ids.js";
import { until } from "#kit/testing/peers.js";
import { booksOf, spoilable } from "./books.js";
import { type House, openHouse } from "./house.js";
import { spoilers } from "./spoilers.js";

const refused = (reason: string) => (error: unknown) => error instanceof RpcError && error.reason === reason;
const named = ({ kind, reference, refundId }: Break) =>
  `${BreakKind[kind].replace("BREAK_KIND_", "")} ${reference} ${refundId}`;

/** As many refunds, each spoilt in another way, and as many that are well. */
function spoiltBooks() {
  const titles = Object.keys(spoilers);
  const books = booksOf([...titles, ...titles].map(() => spoilable));
  const expected = titles.map((title, i) => spoilers[title]!(books, books.refunds[i]!));
  return {
    books,
    expected: expected.map(({ kind, reference, refundId }) => `${kind} ${reference} ${refundId}`).sort(),
  };
}

describe("reconciler: rpc", () => {
  let house: House;
  before(async () => {
    house = await openHouse();
    // The first run of the schedule, so that none comes between.
    await until("the first run", async () => (await house.rows("SELECT FROM run")).length > 0);
  });
  beforeEach(async () => {
    await house.open(booksOf([]));
    await house.rows("DELETE FROM break");
  });
  after(() => house?.close());

  it("finds each kind of break across all books, owned by finance, and announces each", async () => {
    const { books, expected } = spoiltBooks();
    await house.open(books);
    const run = await house.run();
    assert.equal(run.found, expected.length);
    assert.deepEqual([run.statementLines, run.refunds, run.corrections].map(Number), [
      books.lines.length,
      books.refunds.length,
      books.corrections.length,
    ]);
    const open = await house.breaks("OPEN");
    assert.deepEqual(open.map(named).sort(), expected);
    assert.equal(run.open, open.length);
    for (const found of open) {
      assert.equal(found.owner, "FINANCE");
      assert.match(found.breakId, /^brk_[0-9A-HJKMNP-TV-Z]{26}$/);
      assert.ok(found.findTime && !found.closeTime);
    }
    for (const { breakId, kind, refundId, text, findTime } of open) {
      const facts = await house.rows<{ subject: string; body: Buffer }>(
        "SELECT subject, body FROM outbox WHERE aggregate_id = $1",
        [breakId],
      );
      assert.deepEqual(
        facts.map(({ subject, body }) => [subject, BreakFound.decode(body)]),
        [["backhaul.reconciler.v1.BreakFound", { breakId, kind, refundId, text, findTime }]],
      );
    }
  });

  it("says what either book has", async () => {
    const books = booksOf([spoilable]);
    spoilers["WRONG_AMOUNT: one more"]!(books, books.refunds[0]!);
    await house.open(books);
    await house.run();
    const [found] = await house.breaks("OPEN");
    assert.deepEqual(found?.ours, { currencyCode: "GBP", units: 12n, nanos: 500_000_000 });
    assert.deepEqual(found?.theirs, { currencyCode: "GBP", units: 12n, nanos: 510_000_000 });
    assert.equal(found?.text, "the provider paid £12.51 where we booked £12.50");
  });

  it("finds the same break again, not a second one, and tells of it once", async () => {
    const { books, expected } = spoiltBooks();
    await house.open(books);
    await house.run();
    const before = await house.breaks("OPEN");
    const again = await house.run();
    assert.deepEqual([again.found, again.gone, again.open], [0, 0, expected.length]);
    assert.deepEqual(await house.breaks("OPEN"), before);
    const facts = await house.rows("SELECT FROM outbox WHERE aggregate_id = ANY($1)", [before.map((b) => b.breakId)]);
    assert.equal(facts.length, expected.length);
  });

  it("closes what is gone; what comes back is another break", async () => {
    const { books } = spoiltBooks();
    await house.open(books);
    await house.run();
    const before = await house.breaks("OPEN");
    await house.open(booksOf([spoilable]));
    const run = await house.run();
    assert.deepEqual([run.gone, run.open], [before.length, 0]);
    const ids = new Set(before.map(({ breakId }) => breakId));
    const gone = (await house.breaks("GONE")).filter(({ breakId }) => ids.has(breakId));
    assert.equal(gone.length, before.length);
    for (const { closeTime } of gone) assert.ok(closeTime);
    await house.open(books);
    assert.equal((await house.run()).found, before.length);
    assert.ok((await house.breaks("OPEN")).every(({ breakId }) => !ids.has(breakId)));
  });

  it("leaves a break explained that a person has explained, found again or not", async () => {
    const { books } = spoiltBooks();
    await house.open(books);
    await house.run();
    const [first, ...others] = await house.breaks("OPEN");
    const request = { requestId: newId("req"), breakId: first!.breakId, explanation: "paid by cheque, ref. 17" };
    const { break: explained } = await house.finance.explainBreak(request);
    assert.equal(explained?.state, BreakState.BREAK_STATE_EXPLAINED);
    assert.deepEqual([explained?.explanation, explained?.owner], ["paid by cheque, ref. 17", "fay"]);
    assert.ok(explained?.closeTime);
    assert.deepEqual(await house.finance.explainBreak(request), { break: explained });

    const again = await house.run();
    assert.deepEqual([again.found, again.open], [0, others.length]);
    await house.open(booksOf([]));
    await house.run();
    const kept = (await house.breaks("EXPLAINED")).find(({ breakId }) => breakId === first!.breakId);
    assert.deepEqual(kept, explained);
  });

  it("refuses to explain what is closed or unknown, and keeps roles to their rights", async () => {
    const { books } = spoiltBooks();
    await house.open(books);
    await house.run();
    const [one, other] = await house.breaks("OPEN");
    const explain = (breakId: string, requestId: string = newId("req")) =>
      house.finance.explainBreak({ requestId, breakId, explanation: "seen" });
    await explain(one!.breakId, "explain-1");
    await assert.rejects(explain(one!.breakId), refused("BREAK_STATE"));
    await assert.rejects(explain(other!.breakId, "explain-1"), refused("REQUEST_ID_REUSED"));
    await assert.rejects(explain(newId("brk")), refused("BREAK_NOT_FOUND"));
    await house.open(booksOf([]));
    await house.run();
    await assert.rejects(explain(other!.breakId), refused("BREAK_STATE"));
    const lead = house.as("LEAD", "lea");
    await lead.listBreaks({ state: 0, kind: 0, pageSize: 0, pageToken: "" });
    const request = { requestId: "r", breakId: one!.breakId, explanation: "no" };
    await assert.rejects(lead.explainBreak(request), refused("ROLE_NOT_ALLOWED"));
    await assert.rejects(house.as("AGENT", "ann").reconcile({ requestId: "r" }), refused("ROLE_NOT_ALLOWED"));
  });

  it("lists oldest first, page by page, by state and kind", async () => {
    const { books, expected } = spoiltBooks();
    await house.open(books);
    await house.run();
    const listed: Break[] = [];
    let pageToken = "";
    do {
      const filter = { state: BreakState.BREAK_STATE_OPEN, kind: BreakKind.BREAK_KIND_UNSPECIFIED };
      const page = await house.finance.listBreaks({ ...filter, pageSize: 4, pageToken });
      assert.ok(page.breaks.length <= 4);
      listed.push(...page.breaks);
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    assert.deepEqual(listed.map(named).sort(), expected);
    const times = listed.map(({ findTime }) => findTime!.getTime());
    assert.deepEqual(times, times.toSorted());
    const doubles = await house.finance.listBreaks({
      state: BreakState.BREAK_STATE_OPEN,
      kind: BreakKind.BREAK_KIND_DOUBLE,
      pageSize: 0,
      pageToken: "",
    });
    assert.deepEqual(
      doubles.breaks.map(named).sort(),
      expected.filter((name) => name.startsWith("DOUBLE")),
    );
    const lie = house.finance.listBreaks({ state: 0, kind: 0, pageSize: 0, pageToken: "§" });
    await assert.rejects(lie, refused("PAGE_TOKEN_INVALID"));
  });

  it("answers the same request with the same run, also when it is repeated before the run has ended", async () => {
    const [first, second] = await Promise.all([house.run("twice"), house.run("twice")]);
    assert.deepEqual(first, second);
    assert.deepEqual(await house.run("twice"), first);
    assert.notEqual((await house.run()).runId, first.runId);
  });

  it("goes on when its caller leaves, and gives whoever repeats the request that run", async () => {
    let reads = 0;
    let go = () => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    house.systems.atStatement = async () => {
      reads++;
      await gate;
    };
    const impatient = house.as("FINANCE", "fay", 0, 200);
    await assert.rejects(impatient.reconcile({ requestId: "left" }), /Deadline exceeded/);
    assert.equal(reads, 1);
    go();
    const run = await house.run("left");
    assert.deepEqual(await house.run("left"), run);
    assert.equal(reads, 1);
    house.systems.atStatement = async () => {};
  });

  it("keeps breaks by the thousand, each with its fact", async function () {
    this.timeout(60_000);
    house.systems.pageSize = 2_000;
    const books = booksOf(Array.from({ length: 2_500 }, () => spoilable));
    books.lines = [];
    await house.open(books);
    assert.equal((await house.run()).found, 2_500);
    const [row] = await house.rows<{ n: number }>(
      "SELECT count(*)::int AS n FROM break JOIN outbox ON aggregate_id = break_id WHERE state = 'OPEN'",
    );
    assert.equal(row?.n, 2_500);
  });
});
