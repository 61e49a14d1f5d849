import assert from "node:assert/strict";
import { CollectionMethod, ExchangeMode, RefundTrigger, Verdict } from "#gen/backhaul/eligibility/v1/decision.js";
import { Fault, Kind } from "#gen/backhaul/type/v1/kind.js";
import { words } from "#kit/words.js";
import { collectionMethods, exchangeModes, faults, kinds, triggers, verdicts } from "../core/words.js";

describe("the words of policies", () => {
  it("are the contract's, every one of them", () => {
    const same = (ours: readonly string[], contract: readonly string[]) =>
      assert.deepEqual([...ours].sort(), [...contract].sort());
    same(kinds, words(Kind, "KIND_").all);
    same(faults, words(Fault, "FAULT_").all);
    same(verdicts, words(Verdict, "VERDICT_").all);
    same(triggers, words(RefundTrigger, "REFUND_TRIGGER_").all);
    same(exchangeModes, words(ExchangeMode, "EXCHANGE_MODE_").all);
    same(collectionMethods, words(CollectionMethod, "COLLECTION_METHOD_").all);
  });
});
