// What the database itself refuses, whatever the code above it does.
import assert from "node:assert/strict";
import { newId } from "#kit/ids.js";
import { fromProto, money } from "#kit/pure/money.js";
import type { SoldOrder } from "../core/types.js";
import { soldLine } from "./builders.js";
import { type House, keyOf, openHouse, refusal } from "./house.js";

describe("refund: caps in the database", () => {
  let house: House;
  let order: SoldOrder;
  let paymentId: string;
  let refundId: string;
  let key: string;
  before(async () => {
    house = await openHouse();
    order = house.order();
    paymentId = order.payments[0]!.paymentId;
    const refund = await house.issue(order, { lines: [{ lineId: "mugs", quantity: 2 }] });
    refundId = refund.refundId;
    key = keyOf(await house.reaches(refundId, "SUCCEEDED"));
  });
  after(() => house?.close());

  /** Refused by this constraint, or with this code of a trigger of ours; and nothing has changed. */
  async function refused(what: string, sql: string, ...values: unknown[]): Promise<void> {
    const book = () => house.db.query("SELECT * FROM payment, refund_line, tender, refund ORDER BY 1, 2, 3, 4");
    const before = (await book()).rows;
    await assert.rejects(
      house.db.query(sql, values),
      (error: { constraint?: string; code?: string; message: string }) => {
        assert.ok(
          error.constraint === what || error.code === what,
          `${error.constraint} ${error.code} ${error.message}`,
        );
        return true;
      },
    );
    assert.deepEqual((await book()).rows, before);
  }
  const allowed = (sql: string, ...values: unknown[]) => house.db.query(sql, values);

  it("per payment: never more than was captured", async () => {
    await refused(
      "payment_cap_check",
      "UPDATE payment SET refunded_minor = captured_minor + 1 WHERE payment_id = $1",
      paymentId,
    );
    await refused("payment_cap_check", "UPDATE payment SET refunded_minor = -1 WHERE payment_id = $1", paymentId);
    const entered =
      "INSERT INTO payment (payment_id, order_id, currency, captured_minor, refunded_minor, charged_back_minor)";
    await refused("payment_cap_check", `${entered} VALUES ('p-new', 'o', 'GBP', 100, 101, 0)`);
    await refused("payment_cap_check", `${entered} VALUES ('p-new', 'o', 'GBP', 100, 60, 50)`);
  });

  it("per payment: never more than a chargeback left, though one that comes later is recorded", async () => {
    await allowed("UPDATE payment SET charged_back_minor = 3000 WHERE payment_id = $1", paymentId);
    await refused(
      "payment_cap_check",
      "UPDATE payment SET refunded_minor = refunded_minor + 280 WHERE payment_id = $1",
      paymentId,
    );
    await allowed("UPDATE payment SET refunded_minor = refunded_minor + 279 WHERE payment_id = $1", paymentId);
    await allowed("UPDATE payment SET charged_back_minor = 3945 WHERE payment_id = $1", paymentId);
    await refused(
      "payment_cap_check",
      "UPDATE payment SET refunded_minor = refunded_minor + 1 WHERE payment_id = $1",
      paymentId,
    );
    await allowed("UPDATE payment SET refunded_minor = 666, charged_back_minor = 0 WHERE payment_id = $1", paymentId);
    await refused(
      "payment_charged_back_check",
      "UPDATE payment SET charged_back_minor = 3946 WHERE payment_id = $1",
      paymentId,
    );
    await refused(
      "payment_charged_back_check",
      "UPDATE payment SET charged_back_minor = -1 WHERE payment_id = $1",
      paymentId,
    );
    await refused("payment_goodwill_check", "UPDATE payment SET goodwill_minor = 667 WHERE payment_id = $1", paymentId);
  });

  it("what was captured never changes, nor its currency", async () => {
    await refused("BH004", "UPDATE payment SET captured_minor = 9999 WHERE payment_id = $1", paymentId);
    await refused("BH004", "UPDATE payment SET currency = 'EUR' WHERE payment_id = $1", paymentId);
  });

  it("per line: never more units than were bought, nor more money than they brought", async () => {
    const line = "WHERE order_id = $1 AND line_id = 'mugs'";
    await refused("refund_line_units_check", `UPDATE refund_line SET refunded_units = 4 ${line}`, order.orderId);
    await refused("refund_line_units_check", `UPDATE refund_line SET refunded_units = -1 ${line}`, order.orderId);
    await refused("refund_line_money_check", `UPDATE refund_line SET refunded_minor = 1001 ${line}`, order.orderId);
    await refused("refund_line_money_check", `UPDATE refund_line SET refunded_minor = -1 ${line}`, order.orderId);
  });

  it("per unit: none twice, none that was not bought", async () => {
    const item =
      "INSERT INTO refund_item (order_id, line_id, from_unit, quantity, purchased, refund_id, amount_minor) VALUES";
    const { orderId } = order;
    await refused("refund_item_pkey", `${item} ($1, 'mugs', 0, 1, 3, 'rfd_2', 333)`, orderId);
    await refused("refund_item_units_check", `${item} ($1, 'mugs', 2, 2, 3, 'rfd_2', 333)`, orderId);
    await refused("refund_item_units_check", `${item} ($1, 'mugs', 3, 0, 3, 'rfd_2', 0)`, orderId);
    await refused("refund_item_amount_check", `${item} ($1, 'mugs', 2, 1, 3, 'rfd_2', -1)`, orderId);
  });

  it("per key: what was asked under it never changes, and it is kept for ever", async () => {
    for (const change of [
      "provider_key = 'key-2'",
      "refund_id = 'rfd_2'",
      "payment_id = 'p-2'",
      "currency = 'EUR'",
      "amount_minor = 667",
    ])
      await refused("BH004", `UPDATE tender SET ${change} WHERE provider_key = $1`, key);
    await refused("BH004", "DELETE FROM tender WHERE provider_key = $1", key);
    await refused("BH004", "DELETE FROM tender");
    await refused("BH004", "TRUNCATE tender");
    const again =
      "INSERT INTO tender (provider_key, refund_id, payment_id, route, currency, amount_minor, state) VALUES";
    await refused("tender_pkey", `${again} ($1, 'rfd_2', 'p-2', 'ORIGINAL', 'GBP', 1, 'GRANTED')`, key);
    await refused("tender_amount_check", `${again} ('key-3', 'rfd_2', 'p-2', 'ORIGINAL', 'GBP', 0, 'GRANTED')`);
  });

  it("per order: no two refunds are decided from the same past", async () => {
    await refused(
      "refund_sequence",
      `INSERT INTO refund (refund_id, resolution_id, order_id, customer_id, market, state, currency, amount_minor, quote,
         tenders, create_time, version, sequence)
       SELECT 'rfd_2', resolution_id, order_id, customer_id, market, state, currency, amount_minor, quote, tenders,
         create_time, version, sequence FROM refund WHERE refund_id = $1`,
      refundId,
    );
    await refused("refund_amount_check", "UPDATE refund SET amount_minor = -1 WHERE refund_id = $1", refundId);
  });

  it("per journal: it balances, is of one source once, and is never touched again", async () => {
    const journal = "INSERT INTO ledger_journal (journal_id, refund_id, kind, source, create_time) VALUES";
    await refused("ledger_journal_source", `${journal} ('jnl_2', $1, 'PAY', $2, now())`, refundId, key);
    const entry = `INSERT INTO ledger_entry (entry_id, journal_id, refund_id, account, currency, amount_minor, create_time)
      SELECT v.id, j.journal_id, j.refund_id, 'x', v.currency, v.minor, now() FROM ledger_journal j,`;
    const of = "AS v(id, currency, minor) WHERE j.refund_id = $1 AND j.kind = 'PAY'";
    await refused("BH002", `${entry} (VALUES ('led_a', 'GBP', 5), ('led_b', 'GBP', -4)) ${of}`, refundId);
    await refused("BH002", `${entry} (VALUES ('led_a', 'GBP', 5), ('led_b', 'EUR', -5)) ${of}`, refundId);
    await refused(
      "ledger_entry_journal",
      "INSERT INTO ledger_entry VALUES ('led_a', 'jnl_none', 'r', 'x', 'GBP', 5, now()), ('led_b', 'jnl_none', 'r', 'y', 'GBP', -5, now())",
    );
    for (const table of ["ledger_entry", "ledger_journal"]) {
      await refused("BH003", `UPDATE ${table} SET create_time = now()`);
      await refused("BH003", `DELETE FROM ${table}`);
      await refused("BH003", `TRUNCATE ${table} CASCADE`);
    }
  });
});

describe("refund: many at once on one payment", () => {
  let house: House;
  before(async () => {
    house = await openHouse();
  });
  after(() => house?.close());
  const gbp = (minor: bigint) => money(minor, "GBP");
  const inBook = (id: string) => house.psp.payments.get(id)!.refunded;

  it("sixteen who each want a third of it: three get theirs, thirteen are told what is left", async () => {
    const order = house.order({
      lines: Array.from({ length: 16 }, (_, i) => soldLine(`l-${i}`, 1, 1_000n)),
      shipping: gbp(0n),
      payments: [{ paymentId: "card", method: "CARD", captured: gbp(3_000n) }],
    });
    const results = await Promise.allSettled(
      order.lines.map(({ lineId }) => house.issue(order, { lines: [{ lineId, quantity: 1 }] })),
    );
    const granted = results.flatMap((r) => (r.status === "fulfilled" ? [r.value] : []));
    await Promise.all(granted.map(({ refundId }) => house.reaches(refundId, "SUCCEEDED")));
    assert.equal(granted.length, 3);
    for (const r of results) if (r.status === "rejected") refusal("REFUND_EXCEEDS_CAPTURED")(r.reason);
    assert.equal(inBook(order.payments[0]!.paymentId), 3_000n);
  });

  it("sixteen who want the same three units, and sixteen with the same request", async () => {
    const order = house.order();
    const lines = [{ lineId: "mugs", quantity: 1 }];
    const results = await Promise.allSettled(Array.from({ length: 16 }, () => house.issue(order, { lines })));
    const granted = results.flatMap((r) => (r.status === "fulfilled" ? [r.value] : []));
    assert.deepEqual(granted.map(({ quote }) => fromProto(quote!.amount!).minor).sort(), [333n, 333n, 334n]);
    for (const r of results) if (r.status === "rejected") refusal("UNITS_EXCEED_PURCHASED")(r.reason);
    const same = { requestId: newId("req"), resolutionId: newId("res"), lines: [{ lineId: "lamp", quantity: 1 }] };
    const answers = await Promise.all(Array.from({ length: 16 }, () => house.issue(order, same)));
    assert.equal(new Set(answers.map(({ refundId }) => refundId)).size, 1);
    await Promise.all([...granted, answers[0]!].map(({ refundId }) => house.reaches(refundId, "SUCCEEDED")));
    assert.equal(
      inBook(order.payments[0]!.paymentId),
      3_945n,
      "all of it, delivery with the last of them, and no more",
    );
  });

  it("refunds and goodwill race for the same money, and never get more than there is", async () => {
    const order = house.order();
    const { paymentId } = order.payments[0]!;
    const asks = Array.from({ length: 16 }, (_, i) =>
      i % 2 === 0 ? house.goodwill(order, 1_500n) : house.issue(order, { lines: [{ lineId: "mugs", quantity: 1 }] }),
    );
    const results = await Promise.allSettled(asks);
    const granted = results.flatMap((r) => (r.status === "fulfilled" ? [r.value] : []));
    await Promise.all(granted.map(({ refundId }) => house.reaches(refundId, "SUCCEEDED")));
    const sum = granted.reduce((total, { quote }) => total + fromProto(quote!.amount!).minor, 0n);
    assert.equal(inBook(paymentId), sum);
    assert.ok(sum <= 3_945n, `${sum}`);
    for (const r of results) {
      if (r.status === "fulfilled") continue;
      const reason = (r.reason as { reason: string }).reason;
      assert.ok(["REFUND_EXCEEDS_CAPTURED", "UNITS_EXCEED_PURCHASED"].includes(reason), reason);
    }
  });
});
