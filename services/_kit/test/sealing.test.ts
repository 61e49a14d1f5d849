import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { readConfig } from "#kit/config.js";
import { mapTexts, textsIn } from "#kit/places.js";
import { DomainError } from "#kit/pure/check.js";
import {
  keyIdOf,
  keyringSetting,
  newKey,
  readKeyring,
  seal,
  sealText,
  unseal,
  unsealText,
  unwrap,
  wrap,
} from "#kit/sealing.js";
import { testRing } from "#kit/testing/vault.js";

const keyId = `key_${"0".repeat(26)}`;

describe("kit: a seal", () => {
  const key = randomBytes(32);

  it("opens to what was sealed, whatever that was", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string(), (text, place) => {
        assert.equal(unsealText(key, place, sealText(keyId, key, place, text)), Buffer.from(text).toString());
      }),
      { numRuns: 300 },
    );
  });

  it("shows any bit that was changed", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(), (plain, at) => {
        const sealed = seal(key, "here", plain);
        const bit = at % (sealed.length * 8);
        sealed[bit >> 3] = (sealed[bit >> 3] as number) ^ (1 << (bit & 7));
        assert.throws(() => unseal(key, "here", sealed));
      }),
      { numRuns: 300 },
    );
  });

  it("does not open in another row or column, nor with another key", () => {
    const sealed = sealText(keyId, key, "resolution/res_1/lines/note", "leave it at the door");
    for (const place of ["resolution/res_2/lines/note", "resolution/res_1/hold/note", "refund/res_1/lines/note", ""]) {
      assert.throws(() => unsealText(key, place, sealed), place);
    }
    assert.throws(() => unsealText(randomBytes(32), "resolution/res_1/lines/note", sealed));
  });

  it("never looks the same twice, so that equal texts cannot be told", () => {
    assert.notEqual(sealText(keyId, key, "here", "yes"), sealText(keyId, key, "here", "yes"));
  });

  it("is told from a text that only begins like one", () => {
    for (const text of ["v1:", "v1: the first version is better", `v1:${keyId}:short`, "", "v2:x"]) {
      assert.equal(keyIdOf(text), undefined);
    }
    assert.equal(keyIdOf(sealText(keyId, key, "here", "")), keyId);
  });
});

describe("kit: the keys that wrap keys", () => {
  const said = (error: unknown, version: string, words: RegExp) => {
    assert.ok(error instanceof DomainError);
    assert.equal(error.reason, "PERSONAL_KEY_MISSING");
    assert.deepEqual(error.metadata, { version });
    assert.match(error.message, words);
    return true;
  };

  it("are rotated: the newest wraps, older ones go on unwrapping", () => {
    const old = testRing("k1");
    const { key, stored } = newKey(old, keyId, "cus_1");
    const both = { newest: "k2", keys: new Map([...testRing("k2").keys, ...old.keys]) };
    assert.deepEqual(unwrap(both, stored), key);
    const anew = wrap(both, keyId, "cus_1", unwrap(both, stored));
    assert.equal(anew.kek, "k2");
    assert.deepEqual(unwrap(both, anew), key);
    assert.throws(
      () => unwrap(old, anew),
      (error) => said(error, "k2", /PII_KEYS has no k2: put it back/),
    );
  });

  it("say what to do where another key stands under a version's name", () => {
    const { stored } = newKey(testRing("k1"), keyId, "cus_1");
    assert.throws(
      () => unwrap(testRing("k1"), stored),
      (error) => said(error, "k1", /another key under k1/),
    );
  });

  it("do not open one person's key as another's", () => {
    const ring = testRing("k1");
    const { stored } = newKey(ring, keyId, "cus_1");
    assert.throws(() => unwrap(ring, { ...stored, subject: "cus_2" }));
  });

  it("are read from the setting or from a file, and what is wrong is said without showing a key", () => {
    const key = randomBytes(32).toString("base64");
    const file = join(mkdtempSync(join(tmpdir(), "backhaul-keys-")), "pii-keys");
    writeFileSync(file, `k2:${key}\nk1:${randomBytes(32).toString("base64")}\n`);
    const settings = { ring: keyringSetting("PII_KEYS") };
    const { ring } = readConfig({ PII_KEYS: `file:${file}` }, settings);
    assert.deepEqual([ring.newest, ...ring.keys.keys()], ["k2", "k2", "k1"]);
    const wrong = ["nothing", `k1:${key},k1:${key}`, `k1:${key.slice(0, 20)}`, "file:/there/is/none"];
    for (const value of wrong) {
      assert.throws(
        () => readConfig({ PII_KEYS: value }, settings),
        (error: Error) => error.message.startsWith("1 setting") && !error.message.includes(key.slice(0, 20)),
      );
    }
    assert.throws(() => readKeyring(""), /names no key/);
  });
});

describe("kit: places of personal texts", () => {
  const record = {
    id: "a",
    lines: [
      { note: "n", sku: "s" },
      { note: "", sku: "t" },
    ],
    hold: { payload: { note: "p" } },
    when: new Date(0),
  };

  it("finds a text by its name however deep, and the column itself by none", () => {
    assert.deepEqual(textsIn(record, { lines: ["note"], hold: ["note"], id: [""] }), ["n", "p", "a"]);
    assert.deepEqual(textsIn(record, { lines: ["sku"], nothing: ["note"], when: ["*"] }), ["s", "t"]);
  });

  it("leaves what it does not change the same object, so that stores see what changed", () => {
    const changed = mapTexts(record, { lines: ["note"] }, (text, column, name) => `${column}.${name}:${text}`);
    assert.deepEqual(changed.lines, [
      { note: "lines.note:n", sku: "s" },
      { note: "", sku: "t" },
    ]);
    assert.equal(changed.lines[1], record.lines[1]);
    assert.equal(changed.hold, record.hold);
    assert.equal(
      mapTexts(record, { id: ["note"], lines: ["title"] }, () => "x"),
      record,
    );
  });
});
