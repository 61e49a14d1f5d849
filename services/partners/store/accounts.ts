// Bank accounts that were verified. The token is made from the account with a secret: the same account always gets the
// same one, and nobody can read the number off it. The number itself is not stored, in whatever form.
import { createHmac } from "node:crypto";
import { masked } from "../core/account.js";
import { type Asked, once } from "./once.js";

/** An account as its holder names it. */
export type NewAccount = { readonly customerId: string; readonly bankCode: string; readonly accountNumber: string };

/** An account as it is kept. */
export type KnownAccount = {
  readonly accountToken: string;
  readonly customerId: string;
  readonly bankCode: string;
  readonly masked: string;
};

/** $4 the answer, $5 … the account. */
const register = once(
  "account.register",
  `INSERT INTO account (account_token, customer_id, bank_code, masked, create_time)
   SELECT $5::text, $6::text, $7::text, $8::text, $9::timestamptz FROM fresh
   ON CONFLICT (account_token) DO UPDATE SET masked = excluded.masked
   RETURNING account_token AS id, $4::bytea AS response`,
);

/** Opens the accounts. @param secret what tokens are made with */
export function openAccounts(secret: string) {
  return {
    /** What is kept of an account. */
    known: ({ customerId, bankCode, accountNumber }: NewAccount): KnownAccount => {
      const digits = accountNumber.replaceAll("-", "");
      const hash = createHmac("sha256", secret).update(JSON.stringify(["account", customerId, bankCode, digits]));
      const accountToken = `acc_${hash.digest("hex").slice(0, 32)}`;
      return { accountToken, customerId, bankCode, masked: masked(bankCode, digits) };
    },

    register: async <R>(request: Asked<R>, answer: R, account: KnownAccount, now: Date): Promise<R> => {
      const { accountToken, customerId, bankCode, masked } = account;
      const values = [request.bytes(answer), accountToken, customerId, bankCode, masked, now];
      return ((await request.answer(register, values)) as { answer: R }).answer;
    },
  };
}
