// A seller's statement is the ledger, read again: whatever was refunded, by whosever fault, in whatever order.
import assert from "node:assert/strict";
import { SellerStatementServiceService } from "#gen/backhaul/refund/v1/seller_statement_service.js";
import { Fault } from "#gen/backhaul/type/v1/kind.js";
import { fromProto, money } from "#kit/pure/money.js";
import { clientAs } from "#kit/testing/peers.js";
import { soldLine } from "./builders.js";
import { type House, openHouse, refusal } from "./house.js";

const krw = (minor: bigint) => money(minor, "KRW");
const whole = { pageSize: 0, pageToken: "" };

describe("refund: sellers' statements", () => {
  let house: House;
  let month: string;
  const open: { close(): void }[] = [];

  before(async () => {
    house = await openHouse();
    month = house.clock.now().toISOString().slice(0, 7);
    const faults = [Fault.FAULT_SELLER, Fault.FAULT_CUSTOMER, Fault.FAULT_PLATFORM, Fault.FAULT_LOGISTICS];
    for (let n = 0; n < 12; n++) {
      const prices = [10_000n, 20_000n, 7_001n].map((price) => price + BigInt(n * 13));
      const order = house.order({
        market: "KR",
        currency: "KRW",
        lines: ["s-1", "s-2", ""].map((sellerId, i) =>
          soldLine(`l-${i}`, 3, 0n, { paid: krw(prices[i] ?? 0n), sellerId }),
        ),
        shipping: krw(0n),
        payments: [{ paymentId: "card", method: "CARD", captured: krw(prices.reduce((a, b) => a + b)) }],
      });
      const lines = order.lines.map(({ lineId }, i) => ({ lineId, quantity: 1 + ((n + i) % 3) }));
      const refund = await house.issue(order, { lines, fault: faults[n % 4] ?? Fault.FAULT_GENERAL });
      await house.reaches(refund.refundId, "SUCCEEDED");
    }
  });
  after(async () => {
    for (const client of open) client.close();
    await house?.close();
  });

  function as(role: "SELLER" | "FINANCE", subject: string) {
    const client = clientAs(SellerStatementServiceService, house.port, role, subject);
    open.push(client);
    return client;
  }
  /** The ledger's own sum on a seller's account. */
  async function booked(sellerId: string): Promise<{ minor: bigint; entries: number }> {
    const text =
      "SELECT coalesce(sum(amount_minor), 0)::text AS minor, count(*)::int AS entries FROM ledger_entry WHERE account = $1";
    const { rows } = await house.db.query(text, [`seller:${sellerId}`]);
    return { minor: BigInt(rows[0].minor), entries: rows[0].entries };
  }

  it("sum to what the ledger has on the seller's account, line by line and in all", async () => {
    for (const sellerId of ["s-1", "s-2"]) {
      const { lines, totals } = await as("SELLER", sellerId).getSellerStatement({ sellerId, month, ...whole });
      const { minor, entries } = await booked(sellerId);
      const sum = (of: readonly { amount?: Parameters<typeof fromProto>[0] | undefined }[]) =>
        of.reduce((all, { amount }) => all + (amount ? fromProto(amount).minor : 0n), 0n);
      assert.ok(minor > 0n);
      assert.deepEqual([sum(lines), sum(totals), lines.length], [minor, minor, entries]);
      for (const { entryId, refundId } of lines) {
        const ledger = await house.service.listLedgerEntries({ refundId });
        assert.equal(ledger.entries.find((entry) => entry.entryId === entryId)?.account, `seller:${sellerId}`);
      }
    }
  });

  it("have nothing of what the shop or a carrier bears", async () => {
    const { totals } = await as("FINANCE", "fiona").getSellerStatement({ sellerId: "s-1", month, ...whole });
    assert.deepEqual(
      totals.map(({ fault, lines }) => [fault, lines]),
      [
        ["CUSTOMER", 3n],
        ["SELLER", 3n],
      ],
    );
  });

  it("come in pages, and as CSV, with the same lines", async () => {
    const finance = as("FINANCE", "fiona");
    const all = await finance.getSellerStatement({ sellerId: "s-2", month, ...whole });
    const paged: string[] = [];
    let pageToken = "";
    do {
      const page = await finance.getSellerStatement({ sellerId: "s-2", month, pageSize: 4, pageToken });
      paged.push(...page.lines.map(({ entryId }) => entryId));
      assert.deepEqual(page.totals, all.totals);
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    assert.deepEqual(
      paged,
      all.lines.map(({ entryId }) => entryId),
    );
    const { csv } = await finance.exportSellerStatement({ sellerId: "s-2", month });
    const rows = Buffer.from(csv?.data ?? [])
      .toString()
      .trimEnd()
      .split("\r\n")
      .map((row) => row.split(","));
    assert.deepEqual(
      rows.slice(1).map((row) => row[1]),
      paged,
    );
    assert.deepEqual(
      rows.slice(1).map((row) => BigInt(row[8] ?? "")),
      all.lines.map(({ amount }) => amount && fromProto(amount).minor),
    );
  });

  it("are nobody else's, and empty for a month without any", async () => {
    await assert.rejects(
      as("SELLER", "s-1").getSellerStatement({ sellerId: "s-2", month, ...whole }),
      refusal("SELLER_NOT_FOUND"),
    );
    await assert.rejects(
      as("SELLER", "s-1").exportSellerStatement({ sellerId: "s-2", month }),
      refusal("SELLER_NOT_FOUND"),
    );
    const { lines, totals } = await as("SELLER", "s-1").getSellerStatement({
      sellerId: "s-1",
      month: "2031-01",
      ...whole,
    });
    assert.deepEqual([lines, totals], [[], []]);
  });
});
