import assert from "node:assert/strict";
import { isGoods } from "../goods.js";
import { historyOf, kindOf } from "../history.js";
import { day, line } from "./build.js";

describe("the history", () => {
  it("numbers an order's lines by their place in the invoice, so that a repeated SKU stays two lines", () => {
    const { sales, counts } = historyOf([line({ quantity: 6 }), line({ stockCode: "POST" }), line({ quantity: 2 })]);
    assert.deepEqual(
      sales.map((sale) => sale.lines.map(({ lineId, quantity }) => [lineId, quantity])),
      [
        [
          ["500001-1", 6],
          ["500001-3", 2],
        ],
      ],
    );
    assert.equal(counts.invoicesRepeatingSku, 1);
  });

  it("keeps exact duplicates as lines, and counts them", () => {
    const { sales, counts } = historyOf([line(), line({ rowNumber: 3 }), line({ rowNumber: 4 })]);
    assert.equal(sales[0]?.lines.length, 3);
    assert.equal(counts.duplicateRows, 2);
  });

  it("takes the earliest time of an invoice that carries two", () => {
    const { sales, counts } = historyOf([line({ time: day(2) }), line({ time: day(1) })]);
    assert.deepEqual(sales[0]?.time, day(1));
    assert.equal(counts.invoicesWithTwoTimes, 1);
  });

  it("makes an order of a guest's sale, and none of fees alone", () => {
    const { customerId: _, ...anonymous } = line({ invoiceNo: "500001" });
    const { sales, counts } = historyOf([anonymous, line({ invoiceNo: "500002", stockCode: "POST" })]);
    assert.deepEqual(
      sales.map((sale) => [sale.orderId, "customerId" in sale]),
      [["500001", false]],
    );
    assert.deepEqual([counts.sales, counts.orders, counts.guestOrders], [2, 1, 1]);
  });

  it("gathers an invoice whose rows do not stand together", () => {
    const { sales } = historyOf([line(), line({ invoiceNo: "500002", time: day(1) }), line()]);
    assert.deepEqual(
      sales.map((sale) => sale.lines.map((each) => each.lineId)),
      [["500001-1", "500001-2"], ["500002-1"]],
    );
  });

  it("takes a cancellation's articles with positive units, and leaves its fees", () => {
    const cancelled = { invoiceNo: "C500001", quantity: -2 };
    const { cancellations } = historyOf([line({ ...cancelled, stockCode: "M" }), line(cancelled)]);
    assert.deepEqual(cancellations[0]?.lines, [{ n: 2, stockCode: "85123A", quantity: 2 }]);
  });

  it("gives every line one kind", () => {
    const { customerId: _, ...anonymous } = line({ invoiceNo: "C1", quantity: -1 });
    const kinds = [
      [line(), "sold"],
      [line({ stockCode: "DOT" }), "fee"],
      [line({ unitPriceMinor: 0n }), "free"],
      [line({ unitPriceMinor: 0n, quantity: -3 }), "writeOff"],
      [line({ invoiceNo: "C1", quantity: -1 }), "cancelled"],
      [anonymous, "cancelledAnonymous"],
      [line({ invoiceNo: "C1", quantity: -1, stockCode: "D" }), "cancelledFee"],
      [line({ invoiceNo: "A1", stockCode: "B" }), "adjustment"],
      [line({ invoiceNo: "X1" }), "unclear"],
      [line({ invoiceNo: "C1", quantity: 1 }), "unclear"],
      [line({ quantity: 0 }), "unclear"],
      [line({ unitPriceMinor: -5n }), "unclear"],
      [line({ unitPriceMinor: 0n, priceRounded: true }), "unclear"],
    ] as const;
    for (const [each, kind] of kinds) assert.equal(kindOf(each), kind);
  });

  it("tells articles from fees and vouchers", () => {
    for (const code of ["85123A", "22423", "15056BL", "85123a", "DCGS0076", "DCGSSBOY"]) assert.ok(isGoods(code), code);
    const fees = ["POST", "DOT", "M", "m", "D", "S", "B", "C2", "BANK CHARGES", "AMAZONFEE", "CRUK", "PADS"];
    for (const code of [...fees, "gift_0001_20", "1234", ""]) assert.ok(!isGoods(code), code);
  });
});
