import assert from "node:assert/strict";
import { swapAtDoor } from "../core/context2.js";
import type { Line, Terms } from "../core/types.js";
import { line, requested, scene } from "./builders.js";

type Sent = { readonly goods: readonly object[]; readonly neededTime?: string };

/** What the collection is asked for. */
function asked(kind: "RETURN" | "EXCHANGE", terms: Partial<Terms> = {}, lines: readonly Line[] = [line()]): Sent {
  const opened = requested(kind, terms, "ACCEPT", { lines });
  return opened.steps.find(({ step }) => step === "collection.schedule")?.payload as Sent;
}

describe("resolution: what a collection is asked for", () => {
  it("names the goods of each line and whose they are", () => {
    const goods = ["l-1", "l-2"].map((lineId) => {
      return { lineId, category: "", unitValue: undefined, sellerId: lineId === "l-2" ? "s-1" : "" };
    });
    const { goods: sent } = asked("RETURN", { goods }, [line(), line({ lineId: "l-2", sku: "vase", quantity: 1 })]);
    assert.deepEqual(sent, [
      { sku: "mug", quantity: 2, sellerId: "" },
      { sku: "vase", quantity: 1, sellerId: "s-1" },
    ]);
  });

  it("names the goods also where the decision is from before it kept the seller", () => {
    assert.deepEqual(asked("RETURN").goods, [{ sku: "mug", quantity: 2, sellerId: "" }]);
  });

  it("wants the goods before the hold of their replacement ends, and at no time where nothing waits for them", () => {
    const held = new Date(scene().now.getTime() + 7 * 86_400_000).toISOString();
    const exchange = (mode: Terms["exchange"], more: Partial<Terms> = {}) =>
      asked("EXCHANGE", { replacement: true, exchange: mode, ...more }).neededTime;
    assert.equal(exchange("STANDARD"), held);
    assert.equal(exchange("STANDARD", { method: swapAtDoor }), undefined, "the driver brings the other one");
    assert.deepEqual(
      [exchange("ADVANCE"), exchange("CROSS_SHIP"), asked("RETURN").neededTime],
      [undefined, undefined, undefined],
    );
  });
});
