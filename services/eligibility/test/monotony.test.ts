// What holds for whole decisions whatever the documents say, because the linter lets no other documents in: a later day
// never turns a no into a yes, and a higher tier never gets less. `npm run prove` asks for far more of them.
import fc from "fast-check";
import { anything, neverLessHigher, neverMoreLater } from "./orders.js";

describe("of any order", () => {
  it("asking later never turns a no into a yes, for none of its units", () => {
    fc.assert(fc.property(anything, neverMoreLater), { numRuns: 4000 });
  });

  it("a member of a higher tier never gets less", () => {
    fc.assert(fc.property(anything, fc.nat(), fc.nat(), neverLessHigher), { numRuns: 4000 });
  });
});
