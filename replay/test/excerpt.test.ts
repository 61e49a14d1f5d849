import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type History, readHistory } from "../history.js";
import { type Matching, matchHistory } from "../match.js";
import { readRecord } from "../record.js";

const path = fileURLToPath(new URL("../excerpt/online-retail-excerpt.csv", import.meta.url));

describe("the shipped excerpt", () => {
  let history: History;
  let matching: Matching;

  before(async () => {
    history = await readHistory(readRecord(path));
    matching = matchHistory(history);
  });

  it("holds what its README says, and stays small", () => {
    const { lines, invoices, orders, cancellationInvoices, adjustmentInvoices } = history.counts;
    assert.deepEqual([lines, invoices, orders, cancellationInvoices, adjustmentInvoices], [2766, 397, 308, 81, 2]);
    assert.deepEqual(matching.counts.kinds, { matched: 97, unknown: 32, over: 2 });
    assert.equal(matching.requests.length, 83);
    assert.ok(statSync(path).size < 400_000);
  });

  it("holds every kind of line but the unclear, and every trap", () => {
    const { kinds, guestOrders, duplicateRows, invoicesWithTwoTimes, roundedPrices, withoutDescription } =
      history.counts;
    for (const [kind, count] of Object.entries(kinds)) assert.equal(count > 0, kind !== "unclear", kind);
    for (const count of [guestOrders, duplicateRows, invoicesWithTwoTimes, roundedPrices, withoutDescription]) {
      assert.ok(count > 0);
    }
    assert.ok(history.sales.some((sale) => sale.lines.some((line) => line.description.includes('"'))));
    assert.ok(history.counts.sales > history.counts.orders);
  });

  it("holds every kind of return", () => {
    const { requests, counts } = matching;
    assert.ok(counts.partOfOneLine > 0 && counts.spread > 0 && counts.withoutOrder > 0);
    const matched = requests.filter((request) => request.kind === "matched");
    assert.ok(matched.some(({ hoursSincePurchase = 0 }) => hoursSincePurchase > 30 * 24));
    const whole = matched.filter(({ orderId, lines, hoursSincePurchase = 0 }) => {
      const sale = history.sales.find((each) => each.orderId === orderId);
      const given = new Map(lines.map((line) => [line.lineId, line.quantity]));
      return hoursSincePurchase < 6 && sale?.lines.every((line) => given.get(line.lineId) === line.quantity);
    });
    assert.ok(whole.length > 0);
  });
});
