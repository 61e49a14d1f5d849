import assert from "node:assert/strict";
import fc from "fast-check";
import { parseStrictJson } from "../json.js";

const parse = (text: string) => parseStrictJson(Buffer.from(text));
const refuses = (text: string, message: RegExp) =>
  assert.throws(() => parse(text), { reason: "MALFORMED_BODY", message }, text.slice(0, 80));

describe("strict JSON", () => {
  it("reads what JSON.parse reads", () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 8, noUnicodeString: false }),
        fc.integer({ min: 0, max: 3 }),
        (value, indent) => {
          const text = JSON.stringify(value, null, indent);
          fc.pre(keepsNumbers(value) && !/\p{Surrogate}/u.test(text));
          assert.deepEqual(parse(text), JSON.parse(text));
        },
      ),
    );
  });

  it("refuses a key that comes twice, however it is written", () => {
    refuses('{"amount":1,"amount":100}', /^"amount" stands twice/);
    refuses('{"a":{"b":[{"c":1 , "c":2}]}}', /^"c" stands twice/);
    refuses('{"amount":1,"\\u0061mount":100}', /^"amount" stands twice/);
    refuses('{"a\\"b":1,"a\\"b":2}', /stands twice/);
    refuses('{"__proto__":1,"__proto__":2}', /stands twice/);
  });

  it("lets a key come again in another object, or as a value", () => {
    for (const text of [
      '[{"a":1},{"a":2}]',
      '{"a":{"a":"a"},"b":{"a":["a","a"]}}',
      '{"a":"\\"a\\":1,","b":"a"}',
      '{"a":"\\\\","b":1}',
    ]) {
      assert.deepEqual(parse(text), JSON.parse(text));
    }
  });

  it("finds a doubled key anywhere in any document", () => {
    const key = fc.string({ minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 3 }),
        key,
        fc.jsonValue({ maxDepth: 2 }),
        fc.boolean(),
        (before, name, value, inside) => {
          const twin = `{${JSON.stringify(name)}:${JSON.stringify(value)},"${escaped(name)}":0}`;
          const text = inside ? `{"x":[${JSON.stringify(before)},${twin}]}` : `[${JSON.stringify(before)},${twin}]`;
          fc.pre(keepsNumbers(before) && keepsNumbers(value));
          refuses(text, /stands twice/);
        },
      ),
    );
  });

  it("refuses a number that would be rounded, and takes it as text", () => {
    refuses('{"n":9007199254740993}', /9007199254740993 would be rounded/);
    refuses('{"n":-9007199254740993}', /would be rounded/);
    refuses("[12345678901234567890.0]", /would be rounded/);
    assert.deepEqual(parse('{"n":9007199254740991,"t":"9007199254740993","f":0.1234567890123456789}'), {
      n: 9007199254740991,
      t: "9007199254740993",
      f: Number("0.1234567890123456789"),
    });
  });

  it("refuses depth before anything recurses into it", () => {
    assert.ok(parse(`${"[".repeat(32)}${"]".repeat(32)}`));
    refuses(`${"[".repeat(33)}${"]".repeat(33)}`, /deeper than 32/);
    refuses('{"a":'.repeat(40_000), /deeper than 32/);
  });

  it("refuses what is no JSON and what is no text", () => {
    for (const text of [
      "",
      "{",
      '{"a"}',
      '{"a":1,}',
      "{'a':1}",
      '"\\',
      '{"\\u12":1}',
      "nul",
      "\ufeff{}",
      '{"a":1}}',
      "[1 2]",
    ]) {
      refuses(text, /^the body is not JSON/);
    }
    assert.throws(() => parseStrictJson(Buffer.from([0x22, 0xff, 0x22])), {
      reason: "MALFORMED_BODY",
      message: /UTF-8/,
    });
  });

  it("stays linear on hostile text", () => {
    const started = performance.now();
    for (const text of ["\\\\".repeat(60_000), '"\\"'.repeat(60_000), '{"a":'.repeat(30_000), "9".repeat(250_000)]) {
      assert.throws(() => parse(`["${text}`));
    }
    assert.ok(performance.now() - started < 500);
  });
});

/** Whether no number is one of those that have a test of their own. */
function keepsNumbers(value: unknown): boolean {
  if (typeof value === "number") return Math.abs(value) <= Number.MAX_SAFE_INTEGER || Math.abs(value) >= 2 ** 64;
  return typeof value !== "object" || value === null || Object.values(value).every(keepsNumbers);
}

function escaped(text: string): string {
  return [...text].map((char) => [...Array(char.length).keys()].map((i) => unit(char.charCodeAt(i))).join("")).join("");
}

function unit(code: number): string {
  return `\\u${code.toString(16).padStart(4, "0")}`;
}
