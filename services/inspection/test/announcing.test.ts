// What the dock is told of a parcel's way: whether somebody fetches it, or it comes by itself.
import assert from "node:assert/strict";
import { expect, expectAgain } from "../core/inspection.js";
import { noTerms, type Terms } from "../core/types.js";
import { inspection, mugsAndLamp, noon, onePm } from "./builders.js";

const neverHad: Terms = { ...noTerms, neverHad: true };
const goods = (terms: Terms) => {
  const { inspectionId, resolutionId, orderId, market } = inspection();
  return { inspectionId, resolutionId, orderId, market, lines: mugsAndLamp, terms, now: onePm };
};

describe("inspection: the announcement", () => {
  it("says of goods that the customer never had that nobody books their way", () => {
    const said = (terms: Terms) => expect({ ...goods(terms), now: noon }).steps?.map(({ payload }) => payload);
    const { resolutionId, orderId } = goods(noTerms);
    assert.deepEqual(said(neverHad), [{ resolutionId, orderId, lines: mugsAndLamp, neverHad: true }]);
    assert.deepEqual(said(noTerms), [{ resolutionId, orderId, lines: mugsAndLamp, neverHad: false }]);
  });

  it("is made anew when goods that somebody was to fetch turn round, and only then", () => {
    const steps = (before: object, terms: Terms) =>
      expectAgain(inspection(before), goods(terms)).steps?.map(({ step }) => step) ?? [];
    assert.deepEqual(steps({}, neverHad), ["announce"]);
    assert.deepEqual(steps({ terms: neverHad }, neverHad), [], "it was said before");
    assert.deepEqual(steps({}, noTerms), []);
    assert.deepEqual(steps({ state: "REGISTERED" }, neverHad), [], "they are here");
  });
});
