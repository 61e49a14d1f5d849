import assert from "node:assert/strict";
import fc from "fast-check";
import { DomainError } from "../pure/check.js";
import {
  add,
  allocate,
  compare,
  exponentOf,
  format,
  fromProto,
  isNegative,
  isZero,
  type Money,
  min,
  money,
  negate,
  parseMoney,
  percent,
  portion,
  shareOfUnits,
  stepOf,
  subtract,
  sum,
  toProto,
  zero,
} from "../pure/money.js";

const reason = (word: string) => (error: unknown) => error instanceof DomainError && error.reason === word;
const gbp = (minor: bigint) => money(minor, "GBP");
const twd = (minor: bigint) => money(minor, "TWD");
const krw = (minor: bigint) => money(minor, "KRW");
const minors = (items: Money[]) => items.map((item) => item.minor);

const currency = fc.constantFrom("KRW", "TWD", "GBP", "KWD");
const amount = fc.tuple(fc.bigInt(-(10n ** 15n), 10n ** 15n), currency).map(([minor, code]) => money(minor, code));
const weights = fc
  .array(fc.bigInt(0n, 10n ** 9n), { minLength: 1, maxLength: 30 })
  .filter((list) => list.some((weight) => weight > 0n));

describe("money", () => {
  it("knows ISO decimals and cash steps", () => {
    const table = ["KRW", "JPY", "TWD", "GBP", "EUR", "USD", "KWD", "CLF"].map(exponentOf);
    assert.deepEqual(table, [0, 0, 2, 2, 2, 2, 3, 4]);
    assert.deepEqual(["TWD", "KRW", "GBP"].map(stepOf), [100n, 1n, 1n]);
  });

  it("agrees with Intl on the decimals of every currency where Intl follows ISO", () => {
    // CLDR differs from ISO on purpose where coins are out of use, so only the markets' currencies are compared.
    for (const code of ["KRW", "JPY", "TWD", "GBP", "EUR", "USD", "KWD"]) {
      const { maximumFractionDigits } = new Intl.NumberFormat("en", {
        style: "currency",
        currency: code,
      }).resolvedOptions();
      assert.equal(exponentOf(code), maximumFractionDigits, code);
    }
  });

  it("refuses a currency that ISO 4217 does not list", () => {
    for (const code of ["", "gbp", "XXX", "GBX", "__proto__"]) {
      assert.throws(() => exponentOf(code), reason("CURRENCY_UNKNOWN"));
    }
    assert.throws(() => money(1n, "BTC"), reason("CURRENCY_UNKNOWN"));
  });

  it("adds, subtracts and compares within one currency", () => {
    assert.deepEqual(add(gbp(250n), gbp(-50n)), gbp(200n));
    assert.deepEqual(subtract(gbp(250n), gbp(300n)), gbp(-50n));
    assert.deepEqual(sum([gbp(1n), gbp(2n), gbp(3n)], "GBP"), gbp(6n));
    assert.deepEqual(sum([], "KRW"), zero("KRW"));
    assert.deepEqual([compare(gbp(1n), gbp(2n)), compare(gbp(2n), gbp(2n)), compare(gbp(3n), gbp(2n))], [-1, 0, 1]);
    assert.deepEqual(min(gbp(3n), gbp(2n)), gbp(2n));
    assert.deepEqual([isZero(zero("GBP")), isNegative(negate(gbp(1n))), isNegative(zero("GBP"))], [true, true, false]);
  });

  it("refuses to mix currencies and says which", () => {
    for (const verb of [add, subtract, compare, min]) {
      assert.throws(
        () => verb(gbp(1n), krw(1n)),
        (error) => reason("CURRENCY_MISMATCH")(error) && (error as DomainError).metadata.right === "KRW",
      );
    }
    assert.throws(() => sum([gbp(1n)], "KRW"), reason("CURRENCY_MISMATCH"));
  });

  it("reads google.type.Money exactly", () => {
    assert.deepEqual(fromProto({ currencyCode: "GBP", units: 12n, nanos: 340_000_000 }), gbp(1234n));
    assert.deepEqual(fromProto({ currencyCode: "GBP", units: 0n, nanos: -10_000_000 }), gbp(-1n));
    assert.deepEqual(fromProto({ currencyCode: "KRW", units: -1500n, nanos: 0 }), krw(-1500n));
    assert.deepEqual(fromProto({ currencyCode: "KWD", units: 1n, nanos: 1_000_000 }), money(1001n, "KWD"));
  });

  it("refuses a google.type.Money that is finer than the currency or disagrees in sign", () => {
    for (const [units, nanos] of [
      [1n, 1_000_000],
      [1n, -10_000_000],
      [-1n, 10_000_000],
      [0n, 1_000_000_000],
      [0n, 0.5],
      [0n, Number.NaN],
    ] as const) {
      assert.throws(() => fromProto({ currencyCode: "GBP", units, nanos }), reason("MONEY_INVALID"));
    }
    assert.throws(() => fromProto({ currencyCode: "KRW", units: 1n, nanos: 500_000_000 }), reason("MONEY_INVALID"));
    assert.throws(() => toProto(krw(2n ** 63n)), reason("MONEY_INVALID"));
  });

  it("goes to google.type.Money and back unchanged", () => {
    assert.deepEqual(toProto(gbp(-1234n)), { currencyCode: "GBP", units: -12n, nanos: -340_000_000 });
    fc.assert(fc.property(amount, (m) => assert.deepEqual(fromProto(toProto(m)), m)));
  });

  it("reads decimal text without rounding", () => {
    assert.deepEqual(parseMoney("12.34", "GBP"), gbp(1234n));
    assert.deepEqual(parseMoney("-0.5", "GBP"), gbp(-50n));
    assert.deepEqual(parseMoney("12.3400", "GBP"), gbp(1234n));
    assert.deepEqual(parseMoney("1500", "KRW"), krw(1500n));
    assert.deepEqual(parseMoney("9007199254740993.01", "GBP"), gbp(900719925474099301n));
    for (const text of ["", "12.345", "1,234", "1e3", "+1", ".5", "5.", " 1", "0x10", "1".repeat(41), "١"]) {
      assert.throws(() => parseMoney(text, "GBP"), reason("MONEY_INVALID"), text);
    }
    assert.throws(() => parseMoney("0.5", "KRW"), reason("MONEY_INVALID"));
  });

  it("prints for people, exactly beyond 2^53, and TWD as whole dollars", () => {
    assert.equal(format(gbp(123456n), "en-GB"), "£1,234.56");
    assert.equal(format(krw(-1500n), "ko-KR"), "-₩1,500");
    assert.equal(format(twd(123400n), "zh-TW"), "$1,234");
    assert.equal(format(twd(123450n), "zh-TW"), "$1,234.50");
    assert.equal(format(gbp(900719925474099301n), "en-GB"), "£9,007,199,254,740,993.01");
    assert.equal(format(gbp(-5n), "en-GB"), "-£0.05");
  });

  it("gives the steps left over to the largest remainders, at a tie to the earlier", () => {
    assert.deepEqual(minors(allocate(gbp(100n), [1n, 1n, 1n])), [34n, 33n, 33n]);
    assert.deepEqual(minors(allocate(krw(10n), [1n, 5n, 3n])), [1n, 6n, 3n]);
    assert.deepEqual(minors(allocate(twd(10_000n), [1n, 1n, 1n])), [3400n, 3300n, 3300n]);
    assert.deepEqual(minors(allocate(twd(10_050n), [1n, 1n, 0n])), [5000n, 5050n, 0n]);
    assert.deepEqual(minors(allocate(gbp(-100n), [1n, 1n, 1n])), [-34n, -33n, -33n]);
    assert.deepEqual(minors(allocate(gbp(0n), [0n, 7n])), [0n, 0n]);
  });

  it("refuses weights that say nothing", () => {
    for (const bad of [[], [0n, 0n], [2n, -1n]]) assert.throws(() => allocate(gbp(1n), bad), RangeError);
  });

  it("allocates without losing or making a minor unit, within a step of the exact share", () => {
    fc.assert(
      fc.property(amount, weights, (total, list) => {
        const parts = allocate(total, list);
        const step = stepOf(total.currency);
        const whole = list.reduce((a, b) => a + b, 0n);
        assert.deepEqual(sum(parts, total.currency), total);
        parts.forEach((part, index) => {
          const weight = list[index] ?? 0n;
          if (weight === 0n) assert.equal(part.minor, 0n);
          const error = part.minor * whole - total.minor * weight;
          assert.ok((error < 0n ? -error : error) < 2n * step * whole);
          assert.ok(part.minor === 0n || part.minor < 0n === total.minor < 0n);
          if (total.minor % step === 0n) assert.equal(part.minor % step, 0n);
        });
      }),
    );
  });

  it("prices each unit of a line, the last taking the residue", () => {
    const units = (total: Money, quantity: bigint) =>
      Array.from({ length: Number(quantity) }, (_, n) => shareOfUnits(total, quantity, BigInt(n), 1n).minor);
    assert.deepEqual(units(gbp(1000n), 3n), [333n, 333n, 334n]);
    assert.deepEqual(units(twd(100_000n), 3n), [33_300n, 33_300n, 33_400n]);
    assert.deepEqual(units(twd(100_050n), 2n), [50_000n, 50_050n]);
    assert.deepEqual(units(krw(-10n), 4n), [-2n, -3n, -2n, -3n]);
    assert.deepEqual(shareOfUnits(gbp(1000n), 3n, 1n, 0n), gbp(0n));
  });

  it("refuses units that the line does not have", () => {
    for (const [quantity, from, count] of [
      [3n, 2n, 2n],
      [3n, -1n, 1n],
      [3n, 0n, -1n],
      [0n, 0n, 0n],
    ] as const) {
      assert.throws(() => shareOfUnits(gbp(1n), quantity, from, count), RangeError);
    }
  });

  it("sums partial refunds to what was paid, for any partition in any order", () => {
    const cut = fc.integer({ min: 1, max: 60 }).chain((quantity) =>
      fc.record({
        quantity: fc.constant(quantity),
        cuts: fc.uniqueArray(fc.integer({ min: 0, max: quantity })),
        order: fc.infiniteStream(fc.nat()),
      }),
    );
    fc.assert(
      fc.property(amount, cut, (total, { quantity, cuts, order }) => {
        const edges = [...new Set([0, ...cuts, quantity])].sort((a, b) => a - b);
        const ranges = edges.slice(1).map((to, index) => [edges[index] ?? 0, to] as const);
        const keyed = ranges.map((range) => [order.next().value as number, range] as const);
        const shares = keyed
          .sort((a, b) => a[0] - b[0])
          .map(([, [from, to]]) => shareOfUnits(total, BigInt(quantity), BigInt(from), BigInt(to - from)));
        assert.deepEqual(sum(shares, total.currency), total);
        for (const share of shares) {
          assert.ok(share.minor === 0n || share.minor < 0n === total.minor < 0n);
          if (total.minor % stepOf(total.currency) === 0n) assert.equal(share.minor % stepOf(total.currency), 0n);
        }
      }),
    );
  });

  it("takes a percentage in steps of the currency", () => {
    assert.deepEqual(percent(gbp(999n), 1500, "down"), gbp(149n));
    assert.deepEqual(percent(gbp(999n), 1500, "half-up"), gbp(150n));
    assert.deepEqual(percent(gbp(-50n), 100, "half-up"), gbp(-1n));
    assert.deepEqual(percent(twd(99_900n), 1000, "down"), twd(9_900n));
    assert.deepEqual(percent(twd(99_900n), 1000, "half-up"), twd(10_000n));
    assert.deepEqual(percent(twd(12_345n), 10_000, "down"), twd(12_345n));
    assert.throws(() => percent(gbp(1n), 0.5, "down"), RangeError);
    assert.throws(() => percent(gbp(1n), -1, "down"), RangeError);
  });

  it("computes Korea's delay interest: 15 % a year on ₩100,000 for 5 days is ₩205", () => {
    assert.deepEqual(portion(krw(100_000n), 15n * 5n, 100n * 365n, "down"), krw(205n));
  });

  it("never rounds down to more than the exact portion, nor off by half a step when rounding half up", () => {
    fc.assert(
      fc.property(amount, fc.integer({ min: 0, max: 9_999 }), (m, points) => {
        const exact = m.minor * BigInt(points);
        const step = stepOf(m.currency) * 10_000n;
        const down = percent(m, points, "down").minor * 10_000n;
        const near = percent(m, points, "half-up").minor * 10_000n;
        const size = (n: bigint) => (n < 0n ? -n : n);
        assert.ok(size(down) <= size(exact) && size(exact) - size(down) < step);
        assert.ok(2n * size(near - exact) <= step);
      }),
    );
  });
});
