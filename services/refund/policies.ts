// The refund policies of the markets, from the documents beside this file or a folder of the retailer's own.
import { readdirSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { DomainError } from "#kit/pure/check.js";
import { type RefundPolicy, readPolicy } from "./core/policy.js";

export type Policies = {
  /** @throws DomainError NO_POLICY */
  of(market: string): RefundPolicy;
};

/** @throws DomainError POLICY_BROKEN; Error if the folder cannot be read */
export function openPolicies(folder: string): Policies {
  const url = folder ? pathToFileURL(`${folder}/`) : new URL("policies/", import.meta.url);
  const documents = readdirSync(url).filter((name) => name.endsWith(".json"));
  const all = new Map(
    documents.map((name) => {
      const policy = readPolicy(JSON.parse(readFileSync(new URL(name, url), "utf8")));
      return [policy.market, policy] as const;
    }),
  );
  return {
    of: (market) => {
      const policy = all.get(market);
      if (policy) return policy;
      throw new DomainError("NO_POLICY", `no refund policy is known for market ${market}`, { market, time: "" });
    },
  };
}
