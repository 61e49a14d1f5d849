// Amounts as Stripe writes them: whole numbers of its own minor units, which are not always those of ISO 4217.
// Source: https://docs.stripe.com/currencies (minor units, zero-decimal and three-decimal currencies, special cases).
import { check } from "#kit/pure/check.js";
import { exponentOf, type Money, money } from "#kit/pure/money.js";
import { unreadable } from "../fields.js";

/** No decimals at Stripe. MGA has two by ISO. UGX is on Stripe's list too, but is written with two: a special case. */
const zeroDecimal = new Set("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split(" "));
/** Three decimals, the last of which must be 0: "round amounts to the nearest ten". */
const threeDecimal = new Set("BHD JOD KWD OMR TND".split(" "));

/**
 * All others have two. ISK and UGX are whole by ISO and get two zeros here. TWD has two by both: Stripe restricts only
 * its payouts to whole dollars, while charges and their refunds may have cents.
 */
function decimals(currency: string): number {
  if (zeroDecimal.has(currency)) return 0;
  return threeDecimal.has(currency) ? 3 : 2;
}

/** @throws DomainError MONEY_INVALID if Stripe has no such amount, CURRENCY_UNKNOWN */
export function toStripe({ minor, currency }: Money): number {
  const shift = decimals(currency) - exponentOf(currency);
  const amount = shift >= 0 ? minor * 10n ** BigInt(shift) : minor / 10n ** BigInt(-shift);
  const back = shift >= 0 ? amount / 10n ** BigInt(shift) : amount * 10n ** BigInt(-shift);
  const step = threeDecimal.has(currency) ? 10n : 1n;
  const fits = back === minor && amount % step === 0n && amount <= BigInt(Number.MAX_SAFE_INTEGER);
  const metadata = { currency, minor: String(minor) };
  check(fits, "MONEY_INVALID", `Stripe cannot write ${minor} minor units of ${currency}: round it before`, metadata);
  return Number(amount);
}

/** @throws NoAnswer if it has a fraction that the currency has not: krónur with aurar, from before 2023 */
export function fromStripe(amount: number, stripeCurrency: string): Money {
  const currency = stripeCurrency.toUpperCase();
  const shift = decimals(currency) - exponentOf(currency);
  const scale = 10n ** BigInt(Math.abs(shift));
  if (shift > 0 && BigInt(amount) % scale !== 0n) throw unreadable("amount");
  return money(shift > 0 ? BigInt(amount) / scale : BigInt(amount) * scale, currency);
}
