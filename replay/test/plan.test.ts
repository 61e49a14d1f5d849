import assert from "node:assert/strict";
import { matchHistory } from "../match.js";
import { planDays } from "../plan.js";
import { cancellation, day, sale } from "./build.js";

const weekMs = 7 * 86_400_000;

describe("the plan of a replay", () => {
  it("has every day from the first to the last, each with its orders and its minutes, moved by the shift", () => {
    const history = { sales: [sale("500001", 0, [["A", 6]])], cancellations: [cancellation("C1", 3, [["A", 2]])] };
    const days = planDays(history.sales, matchHistory(history).requests, weekMs);
    assert.deepEqual(
      days.map(({ start }) => start.toISOString().slice(0, 10)),
      ["2011-06-08", "2011-06-09", "2011-06-10", "2011-06-11"],
    );
    assert.deepEqual(
      days.map(({ orders, moments }) => [orders.length, moments.length]),
      [
        [1, 0],
        [0, 0],
        [0, 0],
        [0, 1],
      ],
    );
    assert.equal(days[3]?.moments[0]?.time.getTime(), day(10).getTime());
  });

  it("sells at quantity × price to the penny, on one payment, leaving after 24 hours and arriving 24 later", () => {
    const one = sale("500001", 0, [
      ["A", 7],
      ["B", 1],
    ]);
    const [first, second] = one.lines;
    if (first) first.unitPriceMinor = 1999n;
    if (second) second.unitPriceMinor = 5n;
    const imported = planDays([one], [], 0)[0]?.orders[0];
    const gbp = (units: bigint, nanos: number) => ({ currencyCode: "GBP", units, nanos });
    assert.deepEqual(
      imported?.order?.lines.map(({ paid }) => paid),
      [gbp(139n, 930_000_000), gbp(0n, 50_000_000)],
    );
    assert.deepEqual(imported?.order?.payments, [
      { paymentId: "pay-500001", method: "CARD", captured: gbp(139n, 980_000_000) },
    ]);
    const hours = (time: Date | undefined) => ((time?.getTime() ?? 0) - one.time.getTime()) / 3_600_000;
    assert.deepEqual([hours(imported?.shipTime), hours(imported?.deliverTime)], [24, 48]);
  });

  it("asks for a cancellation before the order left, for a return after", () => {
    const sales = [sale("500001", 0, [["A", 6]])];
    const kindAfter = (days: number) => {
      const { requests } = matchHistory({ sales, cancellations: [cancellation("C1", days, [["A", 1]])] });
      return planDays(sales, requests, 0).flatMap(({ moments }) => moments)[0]?.byOrder[0]?.[0]?.body.kind;
    };
    assert.deepEqual([kindAfter(0.99), kindAfter(1)], ["KIND_CANCELLATION", "KIND_RETURN"]);
  });

  it("lets requests of one order wait for each other within a minute, and no others", () => {
    const sales = [
      sale("500001", 0, [
        ["A", 6],
        ["B", 1],
      ]),
      sale("500002", 0, [["A", 1]], "999"),
    ];
    const cancellations = [
      cancellation("C1", 1, [["A", 1]]),
      cancellation("C2", 1, [["A", 1]], "999"),
      cancellation("C3", 1, [["B", 1]]),
    ];
    const { requests } = matchHistory({ sales, cancellations });
    const moments = planDays(sales, requests, 0).flatMap((each) => each.moments);
    assert.equal(moments.length, 1);
    const ids = moments[0]?.byOrder.map((same) => same.map(({ request }) => request.requestId));
    assert.deepEqual(ids, [["C1-500001", "C3-500001"], ["C2-500002"]]);
  });
});
