// What people can pay at all.
import { check } from "#kit/pure/check.js";
import { type Money, stepOf } from "#kit/pure/money.js";

/**
 * What people pay is not negative, and nothing smaller than what is paid in the currency.
 * @throws DomainError MONEY_INVALID
 */
export function payable({ minor, currency }: Money): void {
  check(minor >= 0n && minor % stepOf(currency) === 0n, "MONEY_INVALID", `nobody pays ${minor} minor units`, {
    currency,
    minor: minor.toString(),
  });
}
