import assert from "node:assert/strict";
import { DomainError } from "#kit/pure/check.js";
import * as core from "../core/resolution.js";
import type { Kind, Resolution, Terms } from "../core/types.js";
import { back, later, line, payload, requested, reshipped, scene, type Told, told, where, won } from "./builders.js";

const refused = (reason: string) => (error: unknown) => error instanceof DomainError && error.reason === reason;
const at = (days: number) => ({ ...later(days), actor: { subject: "alice", role: "AGENT" } });
const exchange = { replacement: true, exchange: "ADVANCE" } as const;
const plain = { replacement: false, exchange: undefined } as const;
const convert =
  (kind: Kind, change: Partial<Terms>): Told =>
  (r: Resolution) =>
    core.convert(
      r,
      {
        kind,
        lines: [line()],
        terms: { ...r.terms, ...change },
        decision: new Uint8Array([1]),
        staffDecisionId: "",
      },
      "they would rather",
      at(1),
    );
const toReturn = convert("RETURN", plain);
const toExchange = convert("EXCHANGE", exchange);
const toClaim = convert("CLAIM", exchange);
/** Dearer by 1,000 than what it replaces. */
const dearer: Told = (r) =>
  core.stockHeld(r, "hold_1", scene(), { expires: later(7).now, price: won(6000n), paid: won(5000n) });
const same: Told = (r) => core.stockHeld(r, "hold_2", scene());
const demanded: Told = (r) =>
  core.demanded(r, { demandId: "d-1", demandUrl: "", payBy: later(3).now, asked: won(1000n) }, scene());

describe("resolution: what was converted is converted again", () => {
  it("a replacement that nobody paid for may be wanted after all, and then goes out", () => {
    const unpaid = told(requested("EXCHANGE", exchange), dearer, demanded, (r) =>
      core.differenceUnpaid(r, { demandId: "d-1", amount: won(1000n) }, scene()),
    );
    assert.equal(where(unpaid), "OPEN COLLECTING WAITING RELEASED");
    const wanted = told(unpaid, toReturn, toExchange, same);
    assert.equal(where(wanted), "OPEN COLLECTING NONE RESHIPPING");
    const ended = told(wanted, reshipped, ...back);
    assert.equal(where(ended), "CLOSED INSPECTED NONE FULFILLED");
  });

  it("what is held for one kind is not taken along to another: it would stay held, and nothing be sent", () => {
    const held = told(requested("EXCHANGE", { ...exchange, exchange: "STANDARD" }), same);
    assert.throws(() => told(held, toClaim), refused("RESOLUTION_STATE"));
    const released = told(held, toReturn);
    assert.equal(payload(released, "stock.release")?.holdId, "hold_2");
    assert.equal(where(told(released, toClaim)), "OPEN COLLECTING NONE HOLDING");
    const inReview = requested("EXCHANGE", exchange, "REVIEW");
    assert.equal(told(inReview, toClaim).next.kind, "CLAIM", "nothing is held before it is granted");
  });

  it("not once the customer paid a difference, also where the demand no longer stood: it would be asked for again", () => {
    const paid = told(requested("EXCHANGE", exchange), dearer, demanded, toReturn, (r) =>
      core.differencePaid(r, { demandId: "d-1", amount: won(1000n) }, scene()),
    );
    assert.equal(where(paid), "OPEN COLLECTING WAITING RELEASED");
    assert.throws(() => told(paid, toExchange), refused("RESOLUTION_STATE"));
    const withdrawn = told(paid, (r) => core.withdraw(r, scene()));
    assert.match(withdrawn.next.hold?.reason ?? "", /paid a price difference.*give it back/, "it is not kept, either");
    assert.ok(withdrawn.facts.some(({ name }) => name === "AttentionRaised"));
    assert.throws(() => core.takeUp(withdrawn.next, "they called", at(2)), refused("RESOLUTION_STATE"));
  });
});
