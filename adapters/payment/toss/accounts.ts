// Where the refund of a virtual account goes: refundReceiveAccount {bank, accountNumber, holderName}. Toss has no call
// that verifies an account beforehand; it checks number and holder with the cancel (INVALID_REFUND_ACCOUNT_INFO). So
// registering one checks its form only.
import { DomainError } from "#kit/pure/check.js";
import type { BankAccount } from "../provider.js";
import type { Seal } from "../seal.js";
import { tossBank } from "./banks.js";

export type RefundReceiveAccount = {
  readonly bank: string;
  readonly accountNumber: string;
  readonly holderName: string;
};

const holderLimit = 60;

/** @throws DomainError ACCOUNT_NOT_VERIFIED */
export function register(seal: Seal, account: BankAccount): { accountToken: string; masked: string } {
  const { requestId, customerId, bankCode } = account;
  const bank = tossBank(bankCode);
  if (!bank) throw notVerified(bankCode, "Toss refunds to no bank of this code");
  const accountNumber = account.accountNumber.replaceAll("-", "");
  if (!/^\d{4,20}$/.test(accountNumber)) throw notVerified(bankCode, "an account number has 4 to 20 digits");
  const holderName = account.holderName.trim();
  if (holderName === "" || holderName.length > holderLimit)
    throw notVerified(bankCode, `a holder's name has up to ${holderLimit} characters`);
  const receiver: RefundReceiveAccount = { bank, accountNumber, holderName };
  return {
    accountToken: seal.seal(JSON.stringify(receiver), JSON.stringify([requestId, customerId])),
    masked: `${bankCode} ${"*".repeat(accountNumber.length - 4)}${accountNumber.slice(-4)}`,
  };
}

/** Undefined for a token that is none of ours. */
export function receiverOf(seal: Seal, token: string): RefundReceiveAccount | undefined {
  const text = seal.open(token);
  return text === undefined ? undefined : JSON.parse(text);
}

function notVerified(bankCode: string, message: string): DomainError {
  return new DomainError("ACCOUNT_NOT_VERIFIED", message, { bank_code: bankCode });
}
