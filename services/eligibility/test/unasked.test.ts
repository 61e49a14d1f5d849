// What happens to an order without anybody asking: parcels that come back, payments that never came. Each has a leaf of
// its own, which systems name and customers cannot.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { decide } from "../core/decide.js";
import { parseDocument } from "../core/document.js";
import { compile, type Policy } from "../core/engine.js";
import { parseStored } from "../core/former.js";
import { checkOffered } from "../core/offered.js";
import type { Kind } from "../core/words.js";
import { asked, calendars, jsonOf, judged, line, type Market, markets, order, policies } from "./builders.js";

const now = "2026-03-04T05:00:00Z";
const sellers = ["OUT_OF_STOCK", "PRICE_ERROR", "ADDRESS_UNSERVICEABLE"];
const offer = (market: Market, kind: Kind, ...reasons: string[]) =>
  checkOffered(policies[market], { kind, lines: reasons.map((reason) => ({ reason })) });
const unasked = ["REFUSED_DELIVERY", "UNCLAIMED", "RETURN_TO_SENDER", "PAYMENT_EXPIRED", "FRAUD"];

/** What is answered while the parcel is under way. */
const underWay = (market: Market, kind: Kind, reason: string, fulfilment = "OWN") =>
  judged(order(market, [line({ fulfilment }, market)], ""), asked(kind, { reason }), now);
const fees = (market: Market, reason: string, fulfilment = "OWN") =>
  underWay(market, "RETURN", reason, fulfilment).terms?.fees.map(({ amount }) => amount.minor);

describe("what nobody asked for", () => {
  for (const market of markets) {
    it(`is granted at once in ${market}, without any proof`, () => {
      for (const reason of unasked) {
        const kind = ["PAYMENT_EXPIRED", "FRAUD"].includes(reason) ? "CANCELLATION" : "RETURN";
        const { verdict, lines } = underWay(market, kind, reason);
        assert.deepEqual([verdict, lines[0]?.evidence], ["ACCEPT", { photos: 0, note: false }], reason);
      }
    });
    it(`is no reason that a customer in ${market} may give`, () => {
      for (const kind of ["CANCELLATION", "RETURN"] as const)
        for (const reason of [...unasked, ...sellers])
          assert.throws(() => offer(market, kind, reason), { reason: "REASON_UNKNOWN" }, reason);
      assert.doesNotThrow(() => offer(market, "RETURN", "NO_LONGER_NEEDED", "NONE"));
    });
    it(`is the seller's to say in ${market} where they cannot supply it, also of goods that had left already`, () => {
      for (const reason of sellers) {
        assert.equal(underWay(market, "CANCELLATION", reason).lines[0]?.fault, "SELLER", reason);
        assert.equal(underWay(market, "RETURN", reason).verdict, "ACCEPT", reason);
      }
    });
    it(`is a stopped delivery in ${market}, which customers call off, but cannot return once they have the goods`, () => {
      assert.doesNotThrow(() => offer(market, "CANCELLATION", "DELIVERY_STOPPED"));
      assert.throws(() => offer(market, "RETURN", "DELIVERY_STOPPED"), { reason: "REASON_UNKNOWN" });
      assert.equal(underWay(market, "RETURN", "DELIVERY_STOPPED").verdict, "ACCEPT", "called back, it comes back");
    });
  }

  it("is whose cause the law takes it to be", () => {
    const of = (reason: string, kind: Kind = "RETURN") => underWay("KR", kind, reason).lines[0]?.fault;
    assert.deepEqual(
      [of("REFUSED_DELIVERY"), of("UNCLAIMED"), of("RETURN_TO_SENDER")],
      ["CUSTOMER", "CUSTOMER", "LOGISTICS"],
    );
    assert.deepEqual([of("PAYMENT_EXPIRED", "CANCELLATION"), of("FRAUD", "CANCELLATION")], ["CUSTOMER", "GENERAL"]);
    assert.equal(underWay("KR", "RETURN", "RETURN_TO_SENDER", "SELLER").lines[0]?.fault, "SELLER");
  });

  it("costs the customer the way back in Korea where it was theirs to take, and nothing anywhere else", () => {
    for (const reason of ["REFUSED_DELIVERY", "UNCLAIMED"]) {
      assert.deepEqual(fees("KR", reason), [3000n], reason);
      assert.deepEqual([fees("TW", reason), fees("GB", reason)], [[], []], reason);
    }
    for (const market of markets) assert.deepEqual(fees(market, "RETURN_TO_SENDER"), [], market);
  });

  it("is judged under an older version by the leaf that stood for it", () => {
    const then = (market: Market): Policy =>
      compile(parseStored(readFileSync(new URL(`./documents/former-${market}.json`, import.meta.url), "utf8")));
    for (const market of markets) {
      const bought = order(market, [line({}, market)], "");
      const answer = (reason: string) =>
        decide(then(market), calendars[market], bought, asked("RETURN", { reason }), new Date(now));
      const [own, standIn] = [answer("UNCLAIMED"), answer("REFUSED_DELIVERY")];
      assert.deepEqual([own.verdict, own.terms?.fees], [standIn.verdict, standIn.terms?.fees]);
      assert.equal(own.lines[0]?.reason, "UNCLAIMED");
      assert.throws(() => checkOffered(then(market), { kind: "RETURN", lines: [{ reason: "UNCLAIMED" }] }), {
        reason: "REASON_UNKNOWN",
      });
    }
  });

  it("is no leaf of a tree that has neither it nor what stood for it", () => {
    const json = JSON.parse(jsonOf("KR"));
    json.reasons = json.reasons.slice(0, 2);
    const { reasons } = compile(parseDocument(JSON.stringify(json)));
    assert.equal(reasons.get("UNCLAIMED"), undefined);
  });
});

describe("goods that were exchanged before", () => {
  const most = { KR: 2, TW: 2, GB: 3 } as const;
  const delivered = "2026-03-03T05:00:00Z";
  const answer = (market: Market, kind: Kind, exchanged: number, reason = "SIZE_TOO_SMALL") =>
    judged(order(market, [line({}, market)], delivered), { ...asked(kind, { reason }), exchanged }, now);

  for (const market of markets) {
    const times = most[market];
    it(`can be exchanged ${times} times in ${market}, and after that are returned for money`, () => {
      assert.equal(answer(market, "EXCHANGE", times - 1).verdict, "ACCEPT");
      for (const reason of ["SIZE_TOO_SMALL", "DEFECTIVE"]) {
        const again = answer(market, "EXCHANGE", times, reason);
        const rule = `${market.toLowerCase()}-exchanged-too-often`;
        assert.deepEqual([again.verdict, again.lines[0]?.rule], ["DECLINE", rule]);
        assert.equal(answer(market, "RETURN", times + 7, reason).verdict, "ACCEPT");
      }
    });
  }
});
