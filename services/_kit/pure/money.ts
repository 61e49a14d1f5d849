/**
 * Money as whole minor units of one currency. Nothing here is a float and nothing is lost: every division says where
 * its residue goes. `minor` is always by the ISO 4217 exponent; amounts that people pay move in steps (`stepOf`).
 *
 * DomainError is thrown for what a caller can send (CURRENCY_UNKNOWN, CURRENCY_MISMATCH, MONEY_INVALID), RangeError
 * for arguments that only our own code can get wrong.
 */
import { check } from "./check.js";

export type Money = { readonly minor: bigint; readonly currency: string };

/** The fields of google.type.Money, with `units` as bigint. */
export type ProtoMoney = { readonly currencyCode: string; readonly units: bigint; readonly nanos: number };

/** "down": towards zero. "half-up": to the nearest step, a half away from zero. */
export type Rounding = "down" | "half-up";

/** ISO 4217 list one: currencies by number of decimals. Codes without a unit of account (XAU, XXX, …) are left out. */
const byExponent: readonly (readonly [number, string])[] = [
  [0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"],
  [
    2,
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP " +
      "CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR " +
      "IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN " +
      "NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP " +
      "STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG",
  ],
  [3, "BHD IQD JOD KWD LYD OMR TND"],
  [4, "CLF UYW"],
];
const exponents: ReadonlyMap<string, number> = new Map(
  byExponent.flatMap(([exponent, codes]) => codes.split(" ").map((code) => [code, exponent] as const)),
);

/** Number of decimals of the minor unit (ISO 4217): KRW 0, TWD 2, GBP 2. @throws DomainError CURRENCY_UNKNOWN */
export function exponentOf(currency: string): number {
  const exponent = exponents.get(currency);
  check(exponent !== undefined, "CURRENCY_UNKNOWN", `send an ISO 4217 currency code, not "${currency}"`, { currency });
  return exponent;
}

/**
 * The smallest amount that is paid, in minor units: 100 for TWD, whose retail prices are whole dollars although ISO
 * gives it two decimals; 1 for every other currency. @throws DomainError CURRENCY_UNKNOWN
 */
export function stepOf(currency: string): bigint {
  exponentOf(currency);
  return currency === "TWD" ? 100n : 1n;
}

/** `minor` minor units of a currency. @throws DomainError CURRENCY_UNKNOWN */
export function money(minor: bigint, currency: string): Money {
  exponentOf(currency);
  return { minor, currency };
}

/** Nothing, in a currency. @throws DomainError CURRENCY_UNKNOWN */
export function zero(currency: string): Money {
  return money(0n, currency);
}

function same(a: Money, b: Money): void {
  check(a.currency === b.currency, "CURRENCY_MISMATCH", `${a.currency} and ${b.currency} cannot meet in one amount`, {
    left: a.currency,
    right: b.currency,
  });
}

/** a + b. @throws DomainError CURRENCY_MISMATCH */
export function add(a: Money, b: Money): Money {
  same(a, b);
  return { minor: a.minor + b.minor, currency: a.currency };
}

/** a − b. @throws DomainError CURRENCY_MISMATCH */
export function subtract(a: Money, b: Money): Money {
  same(a, b);
  return { minor: a.minor - b.minor, currency: a.currency };
}

/** The sum of any number of amounts; of none, zero of `currency`. @throws DomainError CURRENCY_MISMATCH */
export function sum(items: Iterable<Money>, currency: string): Money {
  let total = zero(currency);
  for (const item of items) total = add(total, item);
  return total;
}

/** −m. */
export function negate(m: Money): Money {
  return { minor: -m.minor, currency: m.currency };
}

/** −1, 0 or 1 as a is less than, equal to or more than b. @throws DomainError CURRENCY_MISMATCH */
export function compare(a: Money, b: Money): -1 | 0 | 1 {
  same(a, b);
  return a.minor < b.minor ? -1 : a.minor > b.minor ? 1 : 0;
}

/** The smaller of two. @throws DomainError CURRENCY_MISMATCH */
export function min(a: Money, b: Money): Money {
  return compare(a, b) <= 0 ? a : b;
}

/** Whether nothing is owed either way. */
export function isZero(m: Money): boolean {
  return m.minor === 0n;
}

/** Whether it is less than nothing. */
export function isNegative(m: Money): boolean {
  return m.minor < 0n;
}

/** google.type.Money bounds: units are int64, nanos are billionths with the sign of units. */
const int64Max = 2n ** 63n - 1n;
const nanosPerUnit = 1_000_000_000;

/** Minor units per unit: 1 for KRW, 100 for GBP. */
function perUnit(currency: string): bigint {
  return 10n ** BigInt(exponentOf(currency));
}

/**
 * Exact: nothing is rounded.
 * @throws DomainError CURRENCY_UNKNOWN; MONEY_INVALID if nanos are no whole number within ±999,999,999, disagree with
 * units in sign, or are finer than the currency's minor unit
 */
export function fromProto(proto: ProtoMoney): Money {
  const { currencyCode, units, nanos } = proto;
  const metadata = { currency: currencyCode, units: String(units), nanos: String(nanos) };
  const scale = perUnit(currencyCode);
  check(
    Number.isInteger(nanos) && Math.abs(nanos) < nanosPerUnit,
    "MONEY_INVALID",
    `nanos must be a whole number within ±999999999, not ${nanos}`,
    metadata,
  );
  check(
    !((units > 0n && nanos < 0) || (units < 0n && nanos > 0)),
    "MONEY_INVALID",
    `units ${units} and nanos ${nanos} must have the same sign`,
    metadata,
  );
  const fraction = BigInt(nanos) * scale;
  check(
    fraction % BigInt(nanosPerUnit) === 0n,
    "MONEY_INVALID",
    `${nanos} nanos are finer than ${currencyCode} has decimals`,
    metadata,
  );
  return { minor: units * scale + fraction / BigInt(nanosPerUnit), currency: currencyCode };
}

/** Exact. @throws DomainError MONEY_INVALID if the amount does not fit the int64 of google.type.Money */
export function toProto(m: Money): { currencyCode: string; units: bigint; nanos: number } {
  const scale = perUnit(m.currency);
  const units = m.minor / scale;
  check(-int64Max <= units && units <= int64Max, "MONEY_INVALID", `${m.minor} ${m.currency} is beyond int64 units`, {
    currency: m.currency,
    minor: String(m.minor),
  });
  return { currencyCode: m.currency, units, nanos: Number((m.minor % scale) * (BigInt(nanosPerUnit) / scale)) };
}

/**
 * Decimal text, exactly: parseMoney("12.34", "GBP"). Beyond the currency's decimals only zeros may follow.
 * @throws DomainError CURRENCY_UNKNOWN; MONEY_INVALID for other text ("+", commas, exponents, more than 40 characters)
 */
export function parseMoney(text: string, currency: string): Money {
  const exponent = exponentOf(currency);
  const parts = text.length <= 40 ? /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) : null;
  check(parts !== null, "MONEY_INVALID", `"${text.slice(0, 40)}" is not a decimal amount such as 12.34`, { currency });
  const decimals = (parts[3] ?? "").replace(/0+$/, "");
  check(
    decimals.length <= exponent,
    "MONEY_INVALID",
    `"${text}" has more than the ${exponent} decimals of ${currency}`,
    { currency, text },
  );
  const minor = BigInt(`${parts[2]}${decimals.padEnd(exponent, "0")}`);
  return { minor: parts[1] === "-" ? -minor : minor, currency };
}

/** The inverse of parseMoney: 1234 GBP → "12.34". */
function decimalText(m: Money): string {
  const exponent = exponentOf(m.currency);
  const digits = String(m.minor < 0n ? -m.minor : m.minor).padStart(exponent + 1, "0");
  const whole = digits.slice(0, digits.length - exponent);
  return `${m.minor < 0n ? "-" : ""}${whole}${exponent > 0 ? `.${digits.slice(-exponent)}` : ""}`;
}

const formatters = new Map<string, Intl.NumberFormat>();

/**
 * For people, never for machines: format(money(123400n, "TWD"), "zh-TW") → "$1,234". Decimals are left out where the
 * amount is whole and the currency is paid in steps. @throws RangeError if locale is no BCP 47 tag
 */
export function format(m: Money, locale: string): string {
  const step = stepOf(m.currency);
  const digits = step > 1n && m.minor % step === 0n ? 0 : exponentOf(m.currency);
  const key = `${locale} ${m.currency} ${digits}`;
  let formatter = formatters.get(key);
  if (formatter === undefined) {
    const fraction = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    formatter = new Intl.NumberFormat(locale, { style: "currency", currency: m.currency, ...fraction });
    formatters.set(key, formatter);
  }
  return formatter.format(decimalText(m) as Intl.StringNumericLiteral);
}

/**
 * Splits a total by weight, so that the parts sum to it exactly. Largest remainder in steps of `stepOf`: each part gets
 * its share rounded down to a step; the steps left over go one each to the largest remainders, at a tie to the earlier.
 * What is less than a step (a TWD total that is not whole dollars) goes to the last nonzero weight. A weight of zero
 * gets zero. A negative total is split as its opposite and mirrored.
 * @param weights none negative, any scale (prices in minor units serve well)
 * @throws RangeError if a weight is negative or none is above zero
 */
export function allocate(total: Money, weights: readonly bigint[]): Money[] {
  if (total.minor < 0n) return allocate(negate(total), weights).map(negate);
  if (weights.some((weight) => weight < 0n)) throw new RangeError("a weight must not be negative");
  const whole = weights.reduce((a, b) => a + b, 0n);
  if (whole === 0n) throw new RangeError("at least one weight must be above zero");
  const step = stepOf(total.currency);
  const steps = total.minor / step;
  const shares = weights.map((weight, index) => {
    return { index, steps: (steps * weight) / whole, remainder: (steps * weight) % whole };
  });
  let left = shares.reduce((rest, share) => rest - share.steps, steps);
  const byRemainder = [...shares].sort((a, b) =>
    a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1,
  );
  for (const share of byRemainder) {
    if (left === 0n) break;
    share.steps += 1n;
    left -= 1n;
  }
  const last = weights.findLastIndex((weight) => weight > 0n);
  return shares.map((share) => {
    return { minor: share.steps * step + (share.index === last ? total.minor % step : 0n), currency: total.currency };
  });
}

/**
 * What the units [from, from + count) of a line of `quantity` units cost: upTo(from + count) − upTo(from), where
 * upTo(n) = total · n / quantity rounded down to a step, and upTo(quantity) = total. Units are numbered from 0 and a
 * unit's share never changes, so partial refunds in any order sum to the total; the last unit takes the residue.
 * A negative total is mirrored.
 * @throws RangeError unless 0 ≤ from, 0 ≤ count and from + count ≤ quantity with quantity ≥ 1
 */
export function shareOfUnits(total: Money, quantity: bigint, from: bigint, count: bigint): Money {
  if (total.minor < 0n) return negate(shareOfUnits(negate(total), quantity, from, count));
  if (quantity < 1n || from < 0n || count < 0n || from + count > quantity) {
    throw new RangeError(`units [${from}, ${from + count}) do not lie in a line of ${quantity}`);
  }
  const step = stepOf(total.currency);
  const upTo = (units: bigint) =>
    units === quantity ? total.minor : ((total.minor * units) / (quantity * step)) * step;
  return { minor: upTo(from + count) - upTo(from), currency: total.currency };
}

/**
 * m · numerator / denominator, rounded to a step of the currency: interest for days, value lost by use. The whole
 * (numerator = denominator) is m itself, even where m is not a whole number of steps.
 * @throws RangeError if numerator is negative or denominator not above zero
 */
export function portion(m: Money, numerator: bigint, denominator: bigint, rounding: Rounding): Money {
  if (numerator < 0n || denominator <= 0n) throw new RangeError(`no portion: ${numerator}/${denominator}`);
  if (numerator === denominator) return m;
  if (m.minor < 0n) return negate(portion(negate(m), numerator, denominator, rounding));
  const step = stepOf(m.currency);
  const divisor = denominator * step;
  const product = m.minor * numerator;
  const steps = rounding === "down" ? product / divisor : (2n * product + divisor) / (2n * divisor);
  return { minor: steps * step, currency: m.currency };
}

/**
 * `basisPoints` hundredths of a per cent of m (1500 = 15 %), rounded as `portion`.
 * @throws RangeError if basisPoints is negative or not whole
 */
export function percent(m: Money, basisPoints: number, rounding: Rounding): Money {
  if (!Number.isSafeInteger(basisPoints)) throw new RangeError(`basis points must be whole, got ${basisPoints}`);
  return portion(m, BigInt(basisPoints), 10_000n, rounding);
}
