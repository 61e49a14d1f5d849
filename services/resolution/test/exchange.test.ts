import assert from "node:assert/strict";
import { DomainError } from "#kit/pure/check.js";
import { chainOf, replacedUnits } from "../core/chain.js";
import { stalled } from "../core/deadlines.js";
import * as core from "../core/resolution.js";
import type { Exchange, Resolution } from "../core/types.js";
import {
  allGood,
  back,
  later,
  line,
  oneBad,
  payload,
  pickedUp,
  received,
  refunded,
  requested,
  reshipped,
  scene,
  steps,
  type Told,
  told,
  where,
  won,
} from "./builders.js";

const exchange = { replacement: true, exchange: "STANDARD" } as const;
const priced = (price: bigint): Exchange => ({ expires: later(7).now, price: won(price), paid: won(50_000n) });
const held =
  (more: Exchange = { expires: later(7).now }): Told =>
  (r) =>
    core.stockHeld(r, "hold_1", scene(), more);
const demand = { demandId: "dmd_1", demandUrl: "https://pay", payBy: later(3).now };
const demanded: Told = (r) => core.demanded(r, demand, scene());
const paid: Told = (r) => core.differencePaid(r, { demandId: "dmd_1", amount: won(10_000n) }, scene());
const unpaid: Told = (r) => core.differenceUnpaid(r, demand, later(3));

describe("resolution: a replacement that is held", () => {
  it("is held for a week, and asked for again a day before, until it leaves", () => {
    const opened = requested("EXCHANGE", exchange);
    assert.equal(payload(opened, "stock.hold")?.expires, later(7).now.toISOString());
    const holding = told(opened, held());
    const renew = holding.steps.find(({ step }) => step === "stock.renew");
    assert.equal(renew?.due.getTime(), later(6).now.getTime());
    const renewed = told(holding, (r) => core.holdRenewed(r, later(13).now, later(6)));
    assert.equal(renewed.steps[0]?.due.getTime(), later(12).now.getTime());
    assert.ok(told(renewed, ...back).dropped.includes("stock.renew"));
  });

  it("that somebody else has by then becomes a refund", () => {
    const gone = told(requested("EXCHANGE", exchange), held(), (r) => core.soldOut(r, later(6)));
    assert.equal(where(gone), "OPEN COLLECTING WAITING SOLD_OUT");
    assert.ok(gone.dropped.includes("stock.renew"));
    assert.equal(where(told(gone, ...back, refunded)), "CLOSED INSPECTED REFUNDED SOLD_OUT");
  });
});

describe("resolution: a replacement that is dearer", () => {
  it("is paid for when it may leave, not before, and leaves when it is paid", () => {
    const waiting = told(requested("EXCHANGE", exchange), held(priced(60_000n)));
    assert.equal(where(waiting), "OPEN COLLECTING NONE HELD");
    const due = told(waiting, ...back);
    assert.equal(where(due), "OPEN INSPECTED AWAITING_PAYMENT HELD");
    const asked = payload(due, "payment.request");
    assert.deepEqual([asked?.minor, asked?.currency, asked?.payBy], ["10000", "KRW", later(3).now.toISOString()]);
    const open = told(due, demanded);
    assert.equal(payload(open, "payment.check")?.demandId, "dmd_1");
    const looked = told(open, (r) => core.stillUnpaid(r, demand, later(2.99)));
    assert.equal(looked.steps[0]?.due.getTime(), later(3).now.getTime(), "the last look is when the time is over");
    const leaves = told(open, paid);
    assert.equal(where(leaves), "OPEN INSPECTED NONE RESHIPPING");
    assert.ok(leaves.dropped.includes("payment.check"));
    assert.equal(where(told(leaves, reshipped)), "CLOSED INSPECTED NONE FULFILLED");
  });

  it("that is not paid for in time becomes a refund, and goes back on the shelf", () => {
    const due = told(requested("EXCHANGE", exchange), held(priced(60_000n)), ...back, demanded);
    const converted = told(due, unpaid);
    assert.equal(where(converted), "OPEN INSPECTED REFUNDING RELEASED");
    assert.deepEqual(steps(converted), ["refund.issue", "stock.release"]);
    assert.deepEqual(payload(converted, "refund.issue")?.fees, [], "nothing is taken off for what was not sent");
    assert.equal(where(told(converted, refunded)), "CLOSED INSPECTED REFUNDED RELEASED");
  });

  it("ends the whole request where the customer chose that and nothing has moved", () => {
    const cancels = { begun: { captured: true, gift: false, comesBack: false, onUnpaid: "CANCEL" } } as const;
    const advance = requested("EXCHANGE", { ...exchange, exchange: "ADVANCE" }, "ACCEPT", cancels);
    const due = told(advance, (r) => core.collectionBegun(r, "col_1", scene()), held(priced(60_000n)), demanded);
    assert.equal(where(due), "OPEN COLLECTING AWAITING_PAYMENT HELD");
    const ended = told(due, unpaid);
    assert.equal(ended.next.state, "CANCELED");
    assert.deepEqual(steps(ended), ["collection.cancel", "stock.release"]);
    const moved = told(due, ...back, unpaid);
    assert.equal(where(moved), "OPEN INSPECTED REFUNDING RELEASED", "what has come is refunded");
  });

  it("is not asked for any more once the request is withdrawn; what is paid all the same calls a person", () => {
    const advance = requested("EXCHANGE", { ...exchange, exchange: "ADVANCE" });
    const due = told(advance, held(priced(60_000n)), demanded);
    const withdrawn = told(due, (r) => core.withdraw(r, scene()));
    assert.deepEqual(steps(withdrawn), ["payment.cancel", "stock.release"]);
    assert.ok(told(withdrawn, paid).next.hold);
    const late = told(advance, held(priced(60_000n)), (r) => core.withdraw(r, scene()), demanded);
    assert.equal(payload(late, "payment.cancel")?.demandId, "dmd_1", "also when its answer comes after");
  });
});

describe("resolution: a replacement that is cheaper", () => {
  it("leaves, and the difference goes back with it", () => {
    const leaves = told(requested("EXCHANGE", exchange), held(priced(42_000n)), ...back);
    assert.equal(where(leaves), "OPEN INSPECTED NONE RESHIPPING");
    const sent = told(leaves, reshipped);
    assert.equal(where(sent), "OPEN INSPECTED REFUNDING FULFILLED");
    const issue = payload(sent, "refund.issue");
    assert.deepEqual(issue?.fees, [{ code: "REPLACEMENT_PRICE", ruleId: "", currency: "KRW", minor: "42000" }]);
    assert.equal(issue?.refundShipping, false, "delivery was paid for, and took place");
    assert.equal(where(told(sent, refunded)), "CLOSED INSPECTED REFUNDED FULFILLED");
  });
});

describe("resolution: a replacement that is sent first", () => {
  const advance = { ...exchange, exchange: "ADVANCE" } as const;

  it("is owed for by a customer who never hands the other over", () => {
    const sent = told(requested("EXCHANGE", advance), held(), reshipped);
    assert.equal(where(sent), "OPEN COLLECTING NONE FULFILLED");
    const never = told(sent, (r) => core.handoverDue(r, later(15)));
    assert.equal(where(never), "OPEN RETURNED_TO_CUSTOMER RECOVERING FULFILLED");
    assert.deepEqual(steps(never), [], "there is no refund to take back");
    assert.ok(never.next.hold);
    const settled = told(never, (r) => core.settleRecovery(r, true, "paid at the desk", scene()));
    assert.equal(where(settled), "CLOSED RETURNED_TO_CUSTOMER RECOVERED FULFILLED");
    assert.deepEqual(steps(settled), []);
  });

  it("gives its difference back for goods that the carrier lost, too", () => {
    const lost: Told = (r) => core.parcelLost(r, scene());
    const sent = told(requested("EXCHANGE", exchange), held(priced(42_000n)), pickedUp, lost, reshipped);
    assert.equal(where(sent), "OPEN LOST REFUNDING FULFILLED");
    assert.deepEqual(payload(sent, "refund.issue")?.lines, [{ lineId: "l-1", quantity: 2 }]);
    assert.equal(where(told(sent, refunded)), "CLOSED LOST REFUNDED FULFILLED");
  });

  it("is owed for in part when a part is rejected, and not when the parcel is lost", () => {
    const sent = told(requested("EXCHANGE", advance), held(), reshipped, pickedUp);
    assert.equal(where(told(sent, received, oneBad)), "OPEN INSPECTED RECOVERING FULFILLED");
    assert.equal(where(told(sent, received, allGood)), "CLOSED INSPECTED NONE FULFILLED");
    assert.equal(where(told(sent, (r) => core.parcelLost(r, scene()))), "CLOSED LOST NONE FULFILLED");
  });

  it("is not owed for after an inspection that came first and took a part", () => {
    const part = told(requested("EXCHANGE", exchange), held(), pickedUp, received, oneBad, held(), reshipped);
    assert.equal(where(part), "CLOSED INSPECTED NONE FULFILLED");
  });
});

describe("resolution: a swap at the door", () => {
  const door = { ...exchange, method: 7 } as const;
  const booked: Told = (r) => core.visitBooked(r, scene());

  it("sends the replacement along when the visit is booked, and is fulfilled at the pickup", () => {
    const holding = told(requested("EXCHANGE", door), held());
    assert.equal(where(holding), "OPEN COLLECTING NONE HELD");
    const loaded = told(holding, booked);
    assert.deepEqual(steps(loaded), ["shipment.replace"]);
    const waits = told(loaded, reshipped);
    assert.equal(where(waits), "OPEN COLLECTING NONE RESHIPPING");
    assert.equal(where(told(waits, pickedUp)), "OPEN IN_TRANSIT NONE FULFILLED");
    assert.equal(where(told(loaded, pickedUp, reshipped)), "OPEN IN_TRANSIT NONE FULFILLED", "in whatever order");
    assert.equal(where(told(waits, pickedUp, received, oneBad)), "OPEN INSPECTED RECOVERING FULFILLED");
  });

  it("can be taken back while the driver has not been there", () => {
    const withdrawn = told(requested("EXCHANGE", door), held(), booked, reshipped, (r) => core.withdraw(r, scene()));
    assert.equal(withdrawn.next.state, "WITHDRAWN");
  });
});

describe("resolution: goods that were exchanged before", () => {
  const reason = (expected: string) => (error: unknown) => error instanceof DomainError && error.reason === expected;
  const done = told(requested("EXCHANGE", exchange), held(), ...back, reshipped).next;
  const asked = { orderId: "o-1", again: false, limit: 2 };

  it("come back as units of their own, as many as were sent", () => {
    const from = chainOf([done], asked);
    const [unit] = replacedUnits([line({ quantity: 1 })], from) as [Resolution["lines"][number]];
    assert.deepEqual([unit.purchased, unit.heldAs], [2, `l-1@${done.resolutionId}`]);
    const again = requested("RETURN", {}, "ACCEPT", { lines: [unit] });
    assert.deepEqual(again.held, [{ lineId: `l-1@${done.resolutionId}`, purchased: 2, delta: 1 }]);
    assert.throws(() => replacedUnits([line({ lineId: "l-2" })], from), reason("ORIGIN_NOT_FULFILLED"));
  });

  it("come back only from an exchange that sent them, of the same order", () => {
    const open = requested("EXCHANGE", exchange).next;
    assert.throws(() => chainOf([open], asked), reason("ORIGIN_NOT_FULFILLED"));
    assert.throws(() => chainOf([done], { ...asked, orderId: "o-2" }), reason("ORIGIN_NOT_FULFILLED"));
  });

  it("are exchanged as often as the shop allows, and can always be returned", () => {
    assert.throws(() => chainOf([done, done], { ...asked, again: true }), reason("EXCHANGE_CHAIN_TOO_LONG"));
    assert.ok(chainOf([done], { ...asked, again: true }));
    assert.ok(chainOf([done, done, done], asked));
  });

  it("wait for a person where the replacement had another price", () => {
    const cheaper = told(requested("EXCHANGE", exchange), held(priced(42_000n)), ...back, reshipped, refunded).next;
    assert.equal(chainOf([cheaper], asked).priced, true);
    assert.equal(chainOf([done], asked).priced, false);
  });
});

describe("resolution: a gift that is given back", () => {
  const gift = {
    begun: { captured: true, gift: true, comesBack: false, onUnpaid: "REFUND" },
    origin: { gift: true },
  } as const;

  it("is paid to its receiver by hand: nothing goes back over the buyer's payment", () => {
    const due = told(requested("RETURN", {}, "ACCEPT", gift), ...back);
    assert.equal(where(due), "OPEN INSPECTED MANUAL_REQUIRED NONE");
    assert.deepEqual(steps(due), []);
    const settled = told(due, (r) => core.settleGiftRefund(r, won(50_000n), "credit 17", scene()));
    assert.equal(where(settled), "CLOSED INSPECTED REFUNDED NONE");
    assert.deepEqual(settled.next.refunded, won(50_000n));
  });

  it("is the only one that is", () => {
    const due = told(requested("RETURN"), ...back, (r) => core.refundFailed(r, "rfd_1", "no", scene()));
    assert.throws(() => core.settleGiftRefund(due.next, won(1n), "", scene()), DomainError);
  });
});

describe("resolution: nothing waits silently", () => {
  it("also where the customer is to pay", () => {
    const due = told(requested("EXCHANGE", exchange), held(priced(60_000n)), ...back).next;
    assert.ok(stalled(due, scene().now).due <= later(30).now);
  });
});
