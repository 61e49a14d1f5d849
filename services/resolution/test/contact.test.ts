import assert from "node:assert/strict";
import fc from "fast-check";
import { openContacts } from "../contacts.js";
import { normalEmail, normalPhone } from "../core/contact.js";

describe("resolution: a contact in one form", () => {
  const same: readonly [market: string, normal: string, ...written: string[]][] = [
    [
      "KR",
      "+821012345678",
      "010-1234-5678",
      "01012345678",
      "+82 10-1234-5678",
      "+82 (0)10 1234 5678",
      "+82 010 1234 5678",
      "82-10-1234-5678",
      "0082 10 1234 5678",
      "1012345678",
      "０１０－１２３４－５６７８",
      "010.1234.5678",
    ],
    [
      "KR",
      "+82212345678",
      "02-1234-5678",
      "(02) 1234-5678",
      "+82 2 1234 5678",
      "02-1234-5678 ext. 12",
      "02-1234-5678 내선 3",
    ],
    ["TW", "+886912345678", "0912-345-678", "+886 912 345 678", "+886-0912-345-678", "886912345678", "0912345678"],
    ["TW", "+886223456789", "(02) 2345-6789", "+886 2 2345 6789", "02-2345-6789 #101"],
    ["GB", "+447700900123", "07700 900123", "+44 7700 900123", "+44 (0)7700 900123", "00447700900123"],
    ["GB", "+442079460958", "020 7946 0958", "+44 20 7946 0958", "(020) 7946 0958"],
    ["JP", "+819012345678", "090-1234-5678", "+81 90 1234 5678", "+81-(0)90-1234-5678"],
    ["US", "+12025550123", "(202) 555-0123", "+1 202 555 0123", "1-202-555-0123", "2025550123", "202.555.0123"],
  ];
  for (const [market, normal, ...written] of same) {
    it(`reads ${written.length} ways to write ${normal} in ${market}`, () => {
      for (const text of written) assert.equal(normalPhone(text, market), normal, text);
    });
  }

  it("keeps the country of a number that names one, wherever it is asked about", () => {
    for (const market of ["KR", "TW", "GB", "JP", "US", "FR"]) {
      assert.equal(normalPhone("+82 10-1234-5678", market), "+821012345678");
      assert.equal(normalPhone("+33 6 12 34 56 78", market), "+33612345678");
    }
  });

  it("takes nothing for a number that is none", () => {
    for (const text of ["", "call me", "12", "010-1234-567a", "1234+5678901", "+", "0", "9".repeat(20)]) {
      assert.equal(normalPhone(text, "KR"), undefined, text);
    }
    assert.equal(normalPhone("0612345678", "FR"), undefined, "a market without a calling code");
  });

  it("is the same when it is brought into one form again", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("KR", "TW", "GB", "JP", "US"),
        fc.stringMatching(/^[0-9 ()+-]{6,18}$/),
        (market, text) => {
          const normal = normalPhone(text, market);
          if (normal !== undefined) assert.equal(normalPhone(normal, market), normal);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("compares e-mail addresses without their capitals and the space around them", () => {
    assert.equal(normalEmail("  Minji.Kim@Example.COM "), "minji.kim@example.com");
    for (const text of ["", "minji", "a@b", "a@b@c.de", "a b@c.de"]) assert.equal(normalEmail(text), undefined, text);
  });
});

describe("resolution: what a contact is looked up by", () => {
  const { phoneHash, phoneHashes } = openContacts(undefined as never, Buffer.alloc(32, 1));

  it("is what the number was kept as, whatever market nobody named", () => {
    const kept = { KR: "010-1234-5678", TW: "0912-345-678", US: "202 555 0123" };
    for (const [market, phone] of Object.entries(kept)) {
      const hash = phoneHash(phone, market) as string;
      assert.deepEqual(phoneHashes(phone, market), [hash]);
      assert.ok(phoneHashes(phone, "").includes(hash), phone);
    }
    assert.deepEqual(phoneHashes("+82 10-1234-5678", ""), [phoneHash("010-1234-5678", "KR")], "it says its country");
    assert.deepEqual(phoneHashes("ring me", ""), []);
  });
});
