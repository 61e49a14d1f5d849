import assert from "node:assert/strict";
import fc from "fast-check";
import type { Cancellation, Sale, SaleLine } from "../history.js";
import { newLedger } from "../ledger.js";
import { matchHistory, type ReplayRequest } from "../match.js";
import { cancellation, sale } from "./build.js";

describe("the matcher", () => {
  it("gives back on the latest earlier purchase of the same customer and SKU", () => {
    const sales = [
      sale("1", 0, [["A", 5]]),
      sale("2", 1, [["A", 5]]),
      sale("3", 2, [["B", 5]]),
      sale("4", 2, [["A", 5]], "99999"),
      sale("5", 9, [["A", 5]]),
    ];
    const [request, ...more] = matchHistory({ sales, cancellations: [cancellation("C6", 3, [["A", 2]])] }).requests;
    assert.deepEqual(more, []);
    assert.deepEqual(request, {
      requestId: "C6-2",
      cancellationId: "C6",
      time: request?.time,
      customerId: "17850",
      orderId: "2",
      kind: "matched",
      lines: [{ lineId: "2-1", stockCode: "A", quantity: 2, bought: 5 }],
      hoursSincePurchase: 48,
      stockCodes: ["A"],
    });
  });

  it("counts a purchase of the same minute as earlier", () => {
    assert.deepEqual(summary([sale("1", 3, [["A", 1]])], [cancellation("C2", 3, [["A", 1]])]), ["matched C2-1 1-1×1"]);
  });

  it("prefers an older single line with enough left to spreading over the latest ones", () => {
    const sales = [sale("1", 0, [["A", 5]]), sale("2", 1, [["A", 3]])];
    assert.deepEqual(summary(sales, [cancellation("C3", 2, [["A", 4]])]), ["matched C3-1 1-1×4"]);
  });

  it("spreads over the latest lines when none has enough, one request an order", () => {
    const sales = [sale("1", 0, [["A", 5]]), sale("2", 1, [["A", 3]]), sale("3", 2, [["A", 3]])];
    const expected = ["matched C4-3 3-1×3", "matched C4-2 2-1×3", "matched C4-1 1-1×1"];
    assert.deepEqual(summary(sales, [cancellation("C4", 3, [["A", 7]])]), expected);
  });

  it("adds up cancelled lines that take from one purchase line", () => {
    const found = summary(
      [sale("1", 0, [["A", 5]])],
      [
        cancellation("C2", 1, [
          ["A", 2],
          ["A", 3],
        ]),
      ],
    );
    assert.deepEqual(found, ["matched C2-1 1-1×5"]);
  });

  it("gives no unit back twice", () => {
    const cancellations = [cancellation("C2", 1, [["A", 3]]), cancellation("C3", 2, [["A", 3]])];
    const expected = ["matched C2-1 1-1×3", "over C3-1-over-1 1-1×3"];
    assert.deepEqual(summary([sale("1", 0, [["A", 5]])], cancellations), expected);
  });

  it("lets an over line take what was left", () => {
    const cancellations = [cancellation("C2", 1, [["A", 7]]), cancellation("C3", 2, [["A", 1]])];
    const expected = ["over C2-1-over-1 1-1×7", "over C3-1-over-1 1-1×1"];
    assert.deepEqual(summary([sale("1", 0, [["A", 5]])], cancellations), expected);
  });

  it("sends over and unknown lines apart from the matched ones of the same invoice", () => {
    const sales = [
      sale("1", 0, [
        ["A", 5],
        ["B", 1],
      ]),
      sale("2", 1, [["C", 1]]),
    ];
    const units: [string, number][] = [
      ["A", 9],
      ["X", 2],
      ["B", 1],
      ["Y", 1],
    ];
    assert.deepEqual(summary(sales, [cancellation("C3", 2, units)]), [
      "matched C3-1 1-2×1",
      "over C3-1-over-1 1-1×9",
      "unknown C3-2-unknown 2-unknown-X×2 2-unknown-Y×1",
    ]);
  });

  it("names an order that does not exist for a customer without any", () => {
    const { requests, counts } = matchHistory({
      sales: [sale("3", 5, [["A", 1]])],
      cancellations: [cancellation("C2", 1, [["A", 1]])],
    });
    assert.deepEqual(requests.map(shown), ["unknown C2-none none-C2-unknown-A×1"]);
    assert.deepEqual([requests[0]?.orderId, requests[0]?.hoursSincePurchase], ["none-C2", undefined]);
    assert.equal(counts.withoutOrder, 1);
  });

  it("sends nothing for a cancellation without a customer", () => {
    const { customerId: _, ...anonymous } = cancellation("C2", 1, [["A", 1]]);
    assert.deepEqual(summary([sale("1", 0, [["A", 1]])], [anonymous]), []);
  });

  const sku = fc.constantFrom("A", "B", "C");
  const units = fc.array(fc.tuple(sku, fc.integer({ min: 1, max: 6 })), { minLength: 1, maxLength: 4 });
  const moves = fc.array(fc.record({ sells: fc.boolean(), units, customer: fc.constantFrom("1", "2") }), {
    maxLength: 25,
  });
  const histories = moves.map((list) => ({
    sales: list.flatMap((m, at) => (m.sells ? [sale(`${at}`, at, m.units, m.customer)] : [])),
    cancellations: list.flatMap((m, at) => (m.sells ? [] : [cancellation(`C${at}`, at, m.units, m.customer)])),
  }));

  it("never gives back more than was bought, nor to another customer, nor before the purchase", () => {
    fc.assert(
      fc.property(histories, (history) => {
        const given = new Map<string, number>();
        for (const { kind, lines, orderId, customerId, time } of matchHistory(history).requests) {
          if (kind !== "matched") continue;
          const order = history.sales.find((each) => each.orderId === orderId);
          assert.ok(order !== undefined && order.customerId === customerId && order.time <= time);
          for (const { lineId, quantity, stockCode, bought } of lines) {
            const sold: SaleLine | undefined = order.lines.find((each) => each.lineId === lineId);
            assert.deepEqual([sold?.stockCode, sold?.quantity], [stockCode, bought]);
            given.set(lineId, (given.get(lineId) ?? 0) + quantity);
            assert.ok((given.get(lineId) ?? 0) <= bought);
          }
        }
      }),
    );
  });

  it("loses no unit and no line, and gives every request an id of its own", () => {
    fc.assert(
      fc.property(histories, (history) => {
        const { requests, counts } = matchHistory(history);
        const asked = history.cancellations.flatMap((each) => each.lines);
        const sum = (lines: { quantity: number }[]) => lines.reduce((total, each) => total + each.quantity, 0);
        assert.equal(sum(requests.flatMap((each) => each.lines)), sum(asked));
        assert.equal(counts.kinds.matched + counts.kinds.unknown + counts.kinds.over, asked.length);
        assert.equal(new Set(requests.map((each) => each.requestId)).size, requests.length);
        for (const each of requests) assert.match(each.requestId, /^[A-Za-z0-9-]+$/);
      }),
    );
  });

  it("makes only requests whose matched ones fit and whose unknown ones do not, while nothing over is accepted", () => {
    fc.assert(
      fc.property(histories, (history) => {
        const ledger = newLedger();
        for (const request of matchHistory(history).requests) {
          if (request.kind === "matched") {
            assert.equal(ledger.mustRefuse(request), false);
            ledger.accept(request);
          }
          if (request.kind === "unknown") assert.equal(ledger.mustRefuse(request), true);
        }
      }),
    );
  });
});

describe("the ledger", () => {
  const over = { lines: [{ lineId: "1-1", stockCode: "A", quantity: 4, bought: 5 }] };

  it("expects a refusal once the units are gone, and none while policy has left them there", () => {
    const ledger = newLedger();
    assert.equal(ledger.mustRefuse(over), false);
    ledger.accept({ lines: [{ lineId: "1-1", stockCode: "A", quantity: 2, bought: 5 }] });
    assert.equal(ledger.mustRefuse(over), true);
    assert.equal(ledger.units(), 2);
  });
});

function summary(sales: Sale[], cancellations: Cancellation[]): string[] {
  return matchHistory({ sales, cancellations }).requests.map(shown);
}

function shown({ kind, requestId, lines }: ReplayRequest): string {
  return [kind, requestId, ...lines.map((line) => `${line.lineId}×${line.quantity}`)].join(" ");
}
