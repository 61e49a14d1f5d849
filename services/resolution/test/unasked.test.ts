import assert from "node:assert/strict";
import { divided } from "../core/comingBack.js";
import * as core from "../core/resolution.js";
import type { Outcome, Resolution } from "../core/types.js";
import { toExpectationTerms } from "../expectationProto.js";
import {
  allBad,
  allGood,
  line,
  oneBad,
  pickedUp,
  received,
  refunded,
  requested,
  scene,
  steps,
  type Told,
  told,
  where,
} from "./builders.js";

const comesBack: Told = (r) => core.comesBack(r, "REFUSED_DELIVERY", true, scene());
const begun = { captured: true, gift: false, comesBack: true, onUnpaid: "REFUND" } as const;
const unasked = (
  verdict: "ACCEPT" | "REVIEW" = "ACCEPT",
  trigger: "ON_PICKUP_SCAN" | "ON_INSPECTION" = "ON_PICKUP_SCAN",
) => requested("RETURN", { trigger }, verdict, { begun, origin: { unaskedReason: "UNCLAIMED", shipmentId: "shp-1" } });

describe("resolution: goods that come back unasked", () => {
  it("are on their way when it begins: nobody is sent to collect them, and nothing is refunded before they are here", () => {
    const opened = unasked();
    assert.equal(where(opened), "OPEN IN_TRANSIT WAITING NONE");
    assert.deepEqual(steps(opened), ["inspection.expect"]);
    assert.deepEqual(opened.held, [{ lineId: "l-1", purchased: 3, delta: 2 }]);
    const here = told(opened, received);
    assert.equal(where(here), "OPEN INSPECTING REFUNDING NONE");
    assert.equal(where(told(here, refunded, oneBad)), "CLOSED INSPECTED REFUNDED NONE");
  });

  it("are refunded after the inspection where the policy pays then, and in full", () => {
    const found = told(unasked("ACCEPT", "ON_INSPECTION"), received, allBad);
    assert.equal(where(found), "OPEN INSPECTED REFUNDING NONE");
    assert.deepEqual((found.steps.find((s) => s.step === "refund.issue")?.payload as { lines: unknown }).lines, [
      { lineId: "l-1", quantity: 2 },
    ]);
  });

  it("wait for a person where the policy would not grant it, and are on their way all the same", () => {
    const waits = unasked("REVIEW");
    assert.equal(waits.next.state, "PENDING_REVIEW");
    assert.equal(where(told(waits, (r) => core.approve(r, "", scene()))), "OPEN IN_TRANSIT WAITING NONE");
  });

  it("are told to the dock as goods that the customer never had", () => {
    const neverHad = ({ steps }: Outcome) =>
      toExpectationTerms((steps.find(({ step }) => step === "inspection.expect")?.payload as { terms: object }).terms)
        ?.neverHad;
    assert.equal(neverHad(unasked()), true);
    assert.equal(neverHad(requested("RETURN")), false);
  });

  it("call a person when their review ends without a refund, and the dock expects them as the customer's own", () => {
    const ends: Readonly<Record<string, Told>> = {
      DECLINED: (r) => core.decline(r, "no", scene()),
      WITHDRAWN: (r) => core.withdraw(r, scene()),
      CANCELED: (r) => core.cancel(r, "no", scene()),
    };
    for (const [state, end] of Object.entries(ends)) {
      const ended = told(unasked("REVIEW"), end);
      assert.equal(ended.next.state, state);
      assert.match(ended.next.hold?.reason ?? "", /on their way to our dock/);
      assert.ok(ended.facts.some(({ name }) => name === "AttentionRaised"));
      const expected = ended.steps.find(({ step }) => step === "inspection.expect")?.payload as { terms: object };
      assert.equal(toExpectationTerms(expected.terms)?.neverHad, false, "what the dock rejects goes to them again");
      const answered = core.receiptExpected(ended.next, "ins_1", scene());
      assert.deepEqual([answered.next.inspectionId, steps(answered)], ["ins_1", []], "and is not called off");
    }
    const plain = told(requested("RETURN", {}, "REVIEW"), ends.DECLINED as Told);
    assert.deepEqual([plain.next.hold, steps(plain)], [undefined, []], "with goods at home there is nothing to do");
  });

  it("join an open return: its collection is called off, also one that is still being booked", () => {
    const open = told(requested("RETURN", { trigger: "ON_PICKUP_SCAN" }), (r) =>
      core.collectionBegun(r, "col_1", scene()),
    );
    const joined = told(open, comesBack);
    assert.equal(where(joined), "OPEN IN_TRANSIT WAITING NONE");
    assert.deepEqual(steps(joined), ["collection.cancel", "inspection.terms"]);
    const { terms } = joined.steps.find(({ step }) => step === "inspection.terms")?.payload as { terms: object };
    assert.equal(toExpectationTerms(terms)?.neverHad, true, "the dock expected goods that the customer had");
    assert.ok(joined.dropped.includes("handover"));
    assert.equal(where(told(joined, received, refunded, allGood)), "CLOSED INSPECTED REFUNDED NONE");
    const late = told(requested("RETURN"), comesBack, (r) => core.collectionBegun(r, "col_1", scene()));
    assert.deepEqual(steps(late), ["collection.cancel"]);
  });

  it("are not news to goods that are on their way already, and call a person when only a part of a request comes", () => {
    const moving = told(requested("RETURN"), pickedUp, comesBack);
    assert.equal(moving.entries[0]?.applied, false);
    const part = told(requested("RETURN"), (r) => core.comesBack(r, "UNCLAIMED", false, scene()));
    assert.equal(where(part), "OPEN COLLECTING WAITING NONE");
    assert.ok(part.next.hold);
  });
});

describe("resolution: to whom the units of a shipment that comes back belong", () => {
  const open = (kind: Resolution["kind"], quantity: number, lineId = "l-1"): Resolution =>
    requested(kind, {}, "ACCEPT", { lines: [line({ lineId, quantity })], resolutionId: `res_${kind}${quantity}` }).next;
  const names = (joins: readonly { resolution: Resolution; whole: boolean }[]) =>
    joins.map(({ resolution, whole }) => `${resolution.resolutionId} ${whole}`);

  it("to a cancellation first, then to nobody, then to what else is open", () => {
    const all = [open("RETURN", 1), open("CANCELLATION", 1)];
    const two = divided([{ lineId: "l-1", quantity: 2 }], all, new Map([["l-1", 2]]));
    assert.deepEqual(names(two.joins), ["res_CANCELLATION1 true"]);
    assert.deepEqual(two.rest, [{ lineId: "l-1", quantity: 1 }], "the free one; the return's is with the customer");
    const three = divided([{ lineId: "l-1", quantity: 3 }], all, new Map([["l-1", 2]]));
    assert.deepEqual(names(three.joins), ["res_CANCELLATION1 true", "res_RETURN1 true"]);
    assert.deepEqual(three.rest, [{ lineId: "l-1", quantity: 1 }]);
  });

  it("to nobody, where nothing is open; and never more of them than came", () => {
    const ended = { ...open("RETURN", 2), state: "WITHDRAWN" } as const;
    const shipment = [{ lineId: "l-1", quantity: 3 }];
    assert.deepEqual(divided(shipment, [ended], new Map()), { joins: [], rest: shipment });
    const given = divided(shipment, [ended], new Map([["l-1", 2]]));
    assert.deepEqual(given.rest, [{ lineId: "l-1", quantity: 1 }], "two were given back before");
  });

  it("says when only a part of a request comes back", () => {
    const { joins } = divided([{ lineId: "l-1", quantity: 1 }], [open("CANCELLATION", 3)], new Map([["l-1", 3]]));
    assert.deepEqual(names(joins), ["res_CANCELLATION3 false"]);
  });
});
