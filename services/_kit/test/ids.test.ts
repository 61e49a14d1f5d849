import assert from "node:assert/strict";
import fc from "fast-check";
import { idOf, isId, ulid } from "../pure/ids.js";

const bytes10 = fc.uint8Array({ minLength: 10, maxLength: 10 });
const time = fc.integer({ min: 0, max: 2 ** 48 - 1 });

describe("ids", () => {
  it("writes a ULID as its specification does", () => {
    assert.equal(ulid(1469918176385, new Uint8Array(10)), "01ARYZ6S410000000000000000");
    assert.equal(ulid(2 ** 48 - 1, new Uint8Array(10).fill(255)), "7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
    assert.equal(ulid(0, Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 1)), "00000000000000000000000001");
    assert.equal(ulid(0, Uint8Array.of(0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0)), "0000000000G000000000000000");
  });

  it("carries all 80 random bits", () => {
    const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    fc.assert(
      fc.property(bytes10, (bytes) => {
        const read = [...ulid(0, bytes).slice(10)].reduce((n, char) => n * 32n + BigInt(alphabet.indexOf(char)), 0n);
        assert.equal(read, BigInt(`0x${Buffer.from(bytes).toString("hex")}`));
      }),
    );
  });

  it("sorts by time whatever the randomness", () => {
    fc.assert(
      fc.property(time, time, bytes10, bytes10, (a, b, x, y) => {
        if (a !== b) assert.equal(ulid(a, x) < ulid(b, y), a < b);
      }),
    );
  });

  it("refuses a time or randomness that does not fit", () => {
    for (const ms of [-1, 1.5, 2 ** 48, Number.NaN]) assert.throws(() => ulid(ms, new Uint8Array(10)), RangeError);
    assert.throws(() => ulid(0, new Uint8Array(9)), RangeError);
  });

  it("names the kind, and only that kind passes the grammar", () => {
    fc.assert(
      fc.property(time, bytes10, (ms, bytes) => {
        const id = idOf("rfd", ulid(ms, bytes));
        assert.match(id, /^[a-z]{3}_[0-9A-HJKMNP-TV-Z]{26}$/);
        assert.ok(isId("rfd", id));
        assert.ok(!isId("res", id));
      }),
    );
  });

  it("refuses text that is no id", () => {
    const good = idOf("res", ulid(1469918176385, new Uint8Array(10)));
    const bad = ["", "res_", good.slice(0, -1), `${good}0`, good.toLowerCase(), good.replace(/.$/, "U"), `${good}\n`];
    for (const text of bad) assert.ok(!isId("res", text), text);
    assert.ok(!isId("....", good));
    assert.throws(() => idOf("RES", ulid(1, new Uint8Array(10))), RangeError);
    assert.throws(() => idOf("res", "01ARYZ6S41"), RangeError);
  });
});
