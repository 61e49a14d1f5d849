import fc from "fast-check";
import { carts, orderIndependent } from "./carts.js";

describe("refund: any cart, refunded in any parts", () => {
  it("brings back what was paid, to the minor unit, never less than nothing, in whatever order", function () {
    this.timeout(60_000);
    fc.assert(fc.property(carts, orderIndependent), { numRuns: 3_000 });
  });
});
