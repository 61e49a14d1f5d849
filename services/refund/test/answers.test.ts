import assert from "node:assert/strict";
import {
  type Answer,
  answered,
  askable,
  disputeOpened,
  looked,
  refused,
  unanswered,
  unclear,
} from "../core/answers.js";
import type { asking } from "../core/asking.js";
import { retry, settleManually } from "../core/refund.js";
import type { TenderState } from "../core/types.js";
import { at, type Desk, days, minutes, noon, openDesk, reason, said } from "./desk.js";

const key = "key-1";
const hear = (desk: Desk, state: Answer["state"], failure = "") =>
  desk.do((r) => answered(r, key, said(state, failure), at()));

/** A refund of one share, brought to a state by what really leads there. */
const desks: Readonly<Record<Exclude<TenderState, "GRANTED" | "VOIDED">, () => Desk>> = {
  REQUESTED: () => openDesk(),
  PENDING: () => hear(openDesk(), "PENDING"),
  SUCCEEDED: () => hear(openDesk(), "SUCCEEDED"),
  FAILED: () => hear(openDesk(), "FAILED", "closed"),
  REVERSED: () => hear(hear(openDesk(), "SUCCEEDED"), "REVERSED", "no such account"),
  MANUAL_REQUIRED: () => openDesk().do((r) => unclear(r, key, "nobody knows", noon)),
  HELD: () => openDesk().do((r) => disputeOpened(r, "pay-1", noon)),
};

/** What each answer makes of each state, in the order PENDING, SUCCEEDED, FAILED, REVERSED. */
const table: Readonly<Record<keyof typeof desks, readonly TenderState[]>> = {
  REQUESTED: ["PENDING", "SUCCEEDED", "FAILED", "REVERSED"],
  PENDING: ["PENDING", "SUCCEEDED", "FAILED", "REVERSED"],
  SUCCEEDED: ["SUCCEEDED", "SUCCEEDED", "REVERSED", "REVERSED"],
  FAILED: ["PENDING", "SUCCEEDED", "FAILED", "REVERSED"],
  REVERSED: ["REVERSED", "REVERSED", "REVERSED", "REVERSED"],
  MANUAL_REQUIRED: ["PENDING", "SUCCEEDED", "FAILED", "REVERSED"],
  HELD: ["PENDING", "SUCCEEDED", "FAILED", "REVERSED"],
};
const answers = ["PENDING", "SUCCEEDED", "FAILED", "REVERSED"] as const;

describe("refund: what a provider answers", () => {
  for (const [from, ends] of Object.entries(table) as [keyof typeof desks, readonly TenderState[]][]) {
    it(`takes every answer to a share that is ${from}, and the same again changes nothing`, () => {
      answers.forEach((answer, i) => {
        const desk = desks[from]();
        hear(desk, answer).sound();
        assert.equal(desk.tender().state, ends[i], `${from} and ${answer}`);
        const before = { facts: desk.facts.length, journals: desk.journals.length, steps: desk.steps.length };
        hear(desk, answer).sound();
        assert.equal(desk.tender().state, ends[i]);
        assert.deepEqual(
          { facts: desk.facts.length, journals: desk.journals.length, steps: desk.steps.length },
          before,
          `${answer} twice`,
        );
      });
    });
  }

  it("books a payment and its return under one source each, and once each", () => {
    const desk = desks.REVERSED();
    assert.deepEqual(
      desk.journals.map((j) => [j.kind, j.source]),
      [
        ["GRANT", "refund"],
        ["PAY", "key-1"],
        ["REVERSE", "key-1"],
      ],
    );
    assert.equal(desk.balance("psp:pay-1"), 0n);
    assert.deepEqual([desk.refund.state, desk.refund.settleTime], ["FAILED", undefined]);
    assert.deepEqual(desk.told, ["RefundGranted", "RefundSucceeded", "RefundReversed", "RefundFailed"]);
  });

  it("knows no key but its own", () => {
    assert.throws(() => openDesk().do((r) => answered(r, "key-9", said("SUCCEEDED"), at())), reason("REFUND_STATE"));
  });

  it("says when the customer has it, by the provider's word", () => {
    assert.deepEqual(desks.SUCCEEDED().tender().expectedTime, days(5));
  });

  it("looks at what is pending once a day, in one line of looks", () => {
    const desk = desks.PENDING();
    assert.deepEqual(
      desk.stepsOf("look").map(({ due }) => due),
      [days(1)],
    );
    desk.do((r) => looked(r, key, said("PENDING"), at(days(1))));
    desk.do((r) => looked(r, key, undefined, at(days(2))));
    assert.deepEqual(
      desk.stepsOf("look").map(({ due }) => due),
      [days(1), days(2), days(3)],
    );
    desk.do((r) => looked(r, key, said("SUCCEEDED"), at(days(3))));
    assert.equal(desk.stepsOf("look").length, 3);
    const retried = desks.FAILED().do((r) => retry(r, noon));
    retried.do((r) => looked(r, key, said("PENDING"), at()));
    assert.equal(retried.stepsOf("look").length, 1, "one that only now begins to wait is looked at once");
  });
});

describe("refund: a provider that does not answer", () => {
  it("is asked again a quarter of an hour later under the same key, for a day; then a person must look", () => {
    const desk = openDesk();
    desk.do((r) => unanswered(r, key, "timeout", minutes(2)));
    const [first, second] = desk
      .stepsOf("pay")
      .map(({ due, payload }) => [due, payload as ReturnType<typeof asking>] as const);
    assert.deepEqual([second?.[0], second?.[1].key, second?.[1].again], [minutes(17), first?.[1].key, true]);
    assert.deepEqual(second?.[1].requestTime, noon.toISOString(), "its memory of the key counts from the first time");
    desk.do((r) => unanswered(r, key, "timeout", minutes(24 * 60 + 1)));
    assert.deepEqual([desk.refund.state, desk.tender().failure], ["MANUAL_REQUIRED", "unknown: timeout"]);
    assert.equal(desk.stepsOf("pay").length, 2);
    assert.equal(desk.told.at(-1), "RefundFailed");
  });

  it("changes nothing where the outcome is known by now", () => {
    for (const state of ["PENDING", "SUCCEEDED", "FAILED", "REVERSED", "MANUAL_REQUIRED", "HELD"] as const) {
      const desk = desks[state]();
      const before = desk.steps.length;
      desk.do((r) => unanswered(r, key, "timeout", days(3)));
      if (state !== "HELD") desk.do((r) => unclear(r, key, "nobody knows", days(3)));
      desk.do((r) => refused(r, key, "no", days(3)));
      assert.deepEqual([desk.tender().state, desk.steps.length], [state, before], state);
      desk.sound();
    }
  });

  it("leaves to a person what was held while nobody could tell", () => {
    const desk = desks.HELD().do((r) => unclear(r, key, "nobody knows", noon));
    assert.equal(desk.refund.state, "MANUAL_REQUIRED");
  });

  it("takes a refusal to be asked for a failure, but only while it asks", () => {
    const desk = openDesk().do((r) => refused(r, key, "account closed", noon));
    assert.deepEqual([desk.refund.state, desk.tender().failure], ["FAILED", "account closed"]);
  });
});

describe("refund: of which shares a provider may have news", () => {
  it("asks about every share that was ever asked for, until it is void, came back or was paid by hand", () => {
    for (const [state, open] of Object.entries(desks)) {
      assert.equal(askable(open().refund).length, state === "REVERSED" ? 0 : 1, state);
    }
    const byHand = desks.FAILED().do((r) => settleManually(r, "pay-1", "wire 1", "FINANCE:fiona", noon));
    assert.equal(askable(byHand.refund).length, 0);
    hear(byHand, "FAILED");
    assert.equal(byHand.refund.state, "SUCCEEDED", "what a person paid stays paid");
  });
});
