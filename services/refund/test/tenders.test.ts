import assert from "node:assert/strict";
import fc from "fast-check";
import { RefundState as RefundStates, TenderState as TenderStates } from "#gen/backhaul/refund/v1/refund.js";
import { money } from "#kit/pure/money.js";
import { assertComplete, type Moves, reachable } from "#kit/pure/moves.js";
import { words } from "#kit/words.js";
import { isPaid, split, stateOf, tenderMoves, tenderTo } from "../core/tenders.js";
import type { RefundState, Tender, TenderState, Twin } from "../core/types.js";
import { allPlain, nothingYet, policy, soldOrder } from "./builders.js";
import { gbp, manners, openDesk, reason } from "./desk.js";

const tenderWords = words(TenderStates, "TENDER_STATE_").all as TenderState[];
const twinWords: Twin["state"][] = ["OPEN", "MATCHED", "FAILED"];

/** The contract's words, from worst to best: what a refund is if the worst of its shares is in this state. */
const worstFirst: readonly (readonly [TenderState, RefundState])[] = [
  ["REVERSED", "FAILED"],
  ["FAILED", "FAILED"],
  ["MANUAL_REQUIRED", "MANUAL_REQUIRED"],
  ["HELD", "HELD"],
  ["GRANTED", "REQUESTED"],
  ["REQUESTED", "REQUESTED"],
  ["PENDING", "PENDING"],
];

describe("refund: where a tender may go", () => {
  it("names every state of the contract, and every one can be reached", () => {
    assertComplete<TenderState>(tenderMoves, tenderWords, ["GRANTED"]);
  });

  it("leads from every state but VOIDED to both ends: paid, or no longer to be", () => {
    const moves: Moves<TenderState> = tenderMoves;
    for (const from of tenderWords) {
      const ends = reachable(moves, moves[from]);
      assert.ok(from === "VOIDED" || (ends.has("SUCCEEDED") && ends.has("VOIDED")), from);
    }
    assert.deepEqual(moves.VOIDED, []);
  });

  it("lets no share that was paid be asked for, held or voided, and none that came back be asked for again", () => {
    assert.deepEqual(tenderMoves.SUCCEEDED, ["REVERSED"]);
    assert.ok(!(tenderMoves.REVERSED as readonly TenderState[]).includes("REQUESTED"));
  });

  it("makes exactly the moves of the table, and refuses every other", () => {
    const desk = openDesk();
    for (const from of tenderWords) {
      for (const to of tenderWords) {
        const move = () => tenderTo(desk.refund, { ...desk.tender(), state: from }, to);
        if ((tenderMoves[from] as readonly TenderState[]).includes(to)) assert.equal(move().state, to);
        else assert.throws(move, reason("REFUND_STATE"), `${from} → ${to}`);
      }
    }
  });
});

describe("refund: what a refund is, by its shares", () => {
  const desk = openDesk();
  const tenders = (...states: TenderState[]): Tender[] => states.map((state) => ({ ...desk.tender(), state }));
  const twins = (...states: Twin["state"][]): Twin[] =>
    states.map((state) => ({ ...({} as Twin), kind: "COUPON", state, key: state }));

  /** The rule in words: the worst share decides; if all are paid or void, the worst twin; else it is done. */
  function expected(shares: readonly TenderState[], others: readonly Twin["state"][]): RefundState {
    const worst = worstFirst.find(([state]) => shares.includes(state));
    if (worst) return worst[1];
    if (others.includes("FAILED")) return "FAILED";
    if (others.includes("OPEN")) return "PENDING";
    return shares.includes("SUCCEEDED") ? "SUCCEEDED" : "VOIDED";
  }

  it("is told for every pair of shares and every pair of twins", () => {
    const known = new Set<string>(words(RefundStates, "REFUND_STATE_").all);
    for (const a of tenderWords) {
      for (const b of tenderWords) {
        for (const c of twinWords) {
          for (const d of twinWords) {
            const state = stateOf({ tenders: tenders(a, b), twins: twins(c, d) });
            assert.equal(state, expected([a, b], [c, d]), `${a} ${b} ${c} ${d}`);
            assert.ok(known.has(state));
          }
        }
      }
    }
  });

  it("does not depend on their order or number", () => {
    const shares = fc.array(fc.constantFrom(...tenderWords), { maxLength: 5 });
    const others = fc.array(fc.constantFrom(...twinWords), { maxLength: 4 });
    fc.assert(
      fc.property(shares, others, (s, o) => {
        const state = stateOf({ tenders: tenders(...s), twins: twins(...o) });
        assert.equal(state, expected(s, o));
        assert.equal(stateOf({ tenders: tenders(...s.toReversed()), twins: twins(...o.toReversed()) }), state);
      }),
      { numRuns: 500 },
    );
  });

  it("is never SUCCEEDED while a share is owed or a twin unmatched", () => {
    for (const [state] of worstFirst) assert.ok(!isPaid({ tenders: tenders("SUCCEEDED", state) }), state);
    assert.ok(isPaid({ tenders: tenders("SUCCEEDED", "VOIDED") }));
  });
});

describe("refund: over which ways money goes back", () => {
  const paid = (...ways: readonly [method: string, minor: bigint][]) =>
    soldOrder({
      payments: ways.map(([method, minor]) => ({ paymentId: method.toLowerCase(), method, captured: gbp(minor) })),
    });
  const parts = (order: ReturnType<typeof soldOrder>, minor: bigint, change = {}) =>
    split(order, gbp(minor), {
      policy: policy(),
      soFar: nothingYet,
      abilities: allPlain,
      newKey: () => "key",
      ...change,
    }).map((t) => [t.method, t.amount.minor, t.route, t.heldFor]);

  it("takes them in the policy's order; those it does not name come last, as the order has them", () => {
    const order = paid(["POINTS", 100n], ["VOUCHER", 100n], ["CARD", 100n], ["GIFT_CARD", 100n]);
    const methods = parts(order, 400n).map(([method]) => method);
    assert.deepEqual(methods, ["GIFT_CARD", "CARD", "POINTS", "VOUCHER"]);
  });

  it("gives stored value back as stored value, whatever the payment provider can", () => {
    const order = paid(["POINTS", 100n], ["STORE_CREDIT", 100n], ["GIFT_CARD", 100n]);
    assert.deepEqual(
      parts(order, 300n).map(([, , route]) => route),
      ["STORE_CREDIT", "POINTS", "STORE_CREDIT"],
    );
  });

  it("pays to a bank account what cannot go back over the way it came", () => {
    const ways = manners({
      CVS: { partial: "NONE" },
      CARD_INSTALLMENT: { partial: "FULL_ONLY" },
      VIRTUAL_ACCOUNT: { accountNeeded: true },
    });
    const given = { abilities: ways };
    assert.deepEqual(parts(paid(["CVS", 100n]), 100n, given), [["CVS", 100n, "BANK_TRANSFER", "ACCOUNT"]]);
    assert.deepEqual(parts(paid(["CARD_INSTALLMENT", 100n]), 100n, given), [
      ["CARD_INSTALLMENT", 100n, "ORIGINAL", ""],
    ]);
    assert.deepEqual(parts(paid(["CARD_INSTALLMENT", 100n]), 99n, given), [
      ["CARD_INSTALLMENT", 99n, "BANK_TRANSFER", "ACCOUNT"],
    ]);
    const before = { refunded: 1n, goodwill: 0n, chargedBack: 0n, disputeOpen: false };
    const rest = { ...given, soFar: { ...nothingYet, payments: new Map([["card_installment", before]]) } };
    assert.deepEqual(parts(paid(["CARD_INSTALLMENT", 100n]), 99n, rest), [
      ["CARD_INSTALLMENT", 99n, "BANK_TRANSFER", "ACCOUNT"],
    ]);
    assert.deepEqual(parts(paid(["VIRTUAL_ACCOUNT", 100n]), 1n, given), [
      ["VIRTUAL_ACCOUNT", 1n, "ORIGINAL", "ACCOUNT"],
    ]);
  });

  it("asks for the account first where a dispute is open too", () => {
    const disputed = { refunded: 0n, goodwill: 0n, chargedBack: 0n, disputeOpen: true };
    const soFar = { ...nothingYet, payments: new Map([["cvs", disputed]]) };
    const given = { abilities: manners({ CVS: { partial: "NONE" } }), soFar };
    assert.deepEqual(parts(paid(["CVS", 100n]), 100n, given), [["CVS", 100n, "BANK_TRANSFER", "ACCOUNT"]]);
  });

  it("leaves what was charged back to whom took it, and refuses what is not covered", () => {
    const gone = { refunded: 30n, goodwill: 0n, chargedBack: 60n, disputeOpen: false };
    const soFar = { ...nothingYet, payments: new Map([["card", gone]]) };
    assert.deepEqual(parts(paid(["CARD", 100n], ["POINTS", 50n]), 60n, { soFar }), [
      ["CARD", 10n, "ORIGINAL", ""],
      ["POINTS", 50n, "POINTS", ""],
    ]);
    assert.throws(() => parts(paid(["CARD", 100n]), 11n, { soFar }), reason("REFUND_EXCEEDS_CAPTURED"));
  });

  it("splits in proportion where the policy says so, exactly, in what each currency is paid in", () => {
    const twd = (minor: bigint) => money(minor, "TWD");
    const order = soldOrder({
      currency: "TWD",
      payments: [
        { paymentId: "card", method: "CARD", captured: twd(10_000n) },
        { paymentId: "points", method: "POINTS", captured: twd(5_000n) },
      ],
    });
    const scene = {
      policy: policy({ split: "PROPORTIONAL" }),
      soFar: nothingYet,
      abilities: allPlain,
      newKey: () => "",
    };
    const shares = (minor: bigint) => split(order, twd(minor), scene).map((t) => t.amount.minor);
    assert.deepEqual(shares(10_000n), [6_700n, 3_300n]);
    assert.deepEqual(shares(15_000n), [10_000n, 5_000n]);
    assert.deepEqual(shares(100n), [100n]);
  });
});
