import assert from "node:assert/strict";
import { askedFor, codeMs, type GuestCode, plainContact, sent, sessionMs, tried, triesMax } from "../core/guestCode.js";
import { openGuestSecrets } from "../guestSecrets.js";

const at = new Date("2026-11-23T10:00:00.400Z");
const later = (ms: number) => new Date(at.getTime() + ms);
const secrets = openGuestSecrets("p".repeat(32));
const id = secrets.idOf("ord_1", "kim@example.com");

function code(told = "123456"): GuestCode {
  return sent(askedFor(id, "ord_1", at), "cus_1", secrets.hashOf(id, told));
}
function tryIt(known: GuestCode, told: string, ms = 1000) {
  return tried(known, secrets.fits(known, told), later(ms), "gss_1");
}

describe("a guest's code", () => {
  it("opens its order once, for half an hour to the second", () => {
    const { next, session } = tryIt(code(), "123456");
    assert.deepEqual(
      [next.state, session?.orderId, session?.customerId, session?.sessionId],
      ["USED", "ord_1", "cus_1", "gss_1"],
    );
    const ends = session?.expires.getTime() ?? 0;
    assert.ok(ends <= later(1000 + sessionMs).getTime() && ends > later(sessionMs).getTime());
    assert.equal(ends % 1000, 0);
    assert.equal(tryIt(next, "123456").session, undefined);
  });

  it("opens nothing before it was sent, to whoever guesses it", () => {
    const asked = askedFor(id, "ord_1", at);
    const zero = { ...asked, codeHash: secrets.hashOf(id, "000000") };
    for (const known of [asked, zero]) assert.equal(tryIt(known, "000000").session, undefined);
  });

  it("is locked by the fifth wrong try, and the right one comes too late then", () => {
    let known = code();
    for (let n = 1; n <= triesMax; n++) {
      assert.equal(known.state, "SENT");
      known = tryIt(known, "000000").next;
    }
    assert.deepEqual([known.state, known.tries], ["LOCKED", triesMax]);
    assert.equal(tryIt(known, "123456").session, undefined);
    let lucky = code();
    for (let n = 1; n < triesMax; n++) lucky = tryIt(lucky, "000000").next;
    assert.ok(tryIt(lucky, "123456").session, "the fifth try may be right");
  });

  it("opens nothing once its ten minutes are over", () => {
    assert.ok(tryIt(code(), "123456", codeMs - 1).session);
    assert.equal(tryIt(code(), "123456", codeMs).session, undefined);
  });

  it("counts tries the same where nothing was ever sent", () => {
    let never = askedFor(id, "ord_1", at);
    let was = code();
    for (let n = 0; n < 7; n++) [never, was] = [tryIt(never, "000000").next, tryIt(was, "000000").next];
    assert.deepEqual([never.state, never.tries], [was.state, was.tries]);
  });

  it("is not sent where guests of the order were sent away meanwhile", () => {
    const locked: GuestCode = { ...askedFor(id, "ord_1", at), state: "LOCKED" };
    assert.equal(sent(locked, "cus_1", secrets.hashOf(id, "123456")).state, "LOCKED");
  });

  it("belongs to one order and one contact, however the contact is written", () => {
    const same = [" Kim@Example.COM ", "kim@example.com", "ｋｉｍ＠example.com"];
    assert.deepEqual(new Set(same.map(plainContact)), new Set(["kim@example.com"]));
    assert.deepEqual(new Set(["+82 10-1234-5678", "+82 (10) 1234.5678"].map(plainContact)), new Set(["+821012345678"]));
    assert.notEqual(secrets.idOf("ord_1", "a@b.c"), secrets.idOf("ord_2", "a@b.c"));
    assert.notEqual(secrets.hashOf(id, "123456").toString("hex"), secrets.hashOf("gco_2", "123456").toString("hex"));
  });

  it("is six digits, leading zeros and all", () => {
    for (let n = 0; n < 200; n++) assert.match(secrets.newCode(), /^\d{6}$/);
  });

  it("goes to a contact that no row tells, and that no other code's step can read", () => {
    const hidden = secrets.hidden(id, "kim@example.com");
    assert.equal(secrets.shown(id, hidden), "kim@example.com");
    assert.ok(!Buffer.from(hidden, "base64url").includes("kim"));
    assert.notEqual(secrets.hidden(id, "kim@example.com"), hidden);
    assert.throws(() => secrets.shown(secrets.idOf("ord_2", "kim@example.com"), hidden));
    assert.throws(() => openGuestSecrets("q".repeat(32)).shown(id, hidden));
  });
});
