// What takes two people: read from the refund policies, as they are shipped.
import { readdirSync, readFileSync } from "node:fs";
import { parseMoney } from "#kit/pure/money.js";
import type { Limits } from "../invariant.js";

/** Of each market: above this it takes two people to refund, so no customer alone may have it before the goods are back. */
export function limitsOfPolicies(): Limits {
  const folder = new URL("../../../services/refund/policies/", import.meta.url);
  const policies = readdirSync(folder).map((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")));
  return Object.fromEntries(
    policies.map(({ market, currency, four_eyes_above: above }) => [market, parseMoney(above, currency).minor]),
  );
}
