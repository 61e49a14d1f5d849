import assert from "node:assert/strict";
import { openWarm } from "#kit/warm.js";

describe("kit: what was written here last", () => {
  it("is taken once, and forgotten oldest first", () => {
    const warm = openWarm<number>();
    for (let n = 0; n <= 2_000; n++) warm.keep(`id-${n}`, n);
    assert.equal(warm.take("id-0"), undefined);
    assert.deepEqual([warm.take("id-1"), warm.take("id-1")], [1, undefined]);
  });

  it("is no longer guessed from while guesses fail, and again when they hold", () => {
    const warm = openWarm<number>();
    const guesses = (held: boolean) => {
      let taken = 0;
      for (let n = 0; n < 320; n++) {
        warm.keep("id", n);
        if (warm.take("id") === undefined) continue;
        taken++;
        warm.learn(held);
      }
      return taken;
    };
    assert.equal(guesses(true), 320);
    const failing = guesses(false);
    assert.ok(failing < 30, `${failing} of 320 guesses while all fail`);
    const holding = guesses(true);
    assert.ok(holding > 30, `${holding} of 320 guesses once they hold`);
  });
});
