// How payment providers behave, asked once per method of payment and kept: it changes with a contract, not with a call.
import {
  Capabilities,
  PartialRefunds,
  type PaymentServiceService,
  RefundLookup,
} from "#gen/backhaul/partner/payment/v1/payment_service.js";
import type { Call } from "#kit/call.js";
import type { ClientOf } from "#kit/client.js";
import { words } from "#kit/words.js";
import type { AbilitiesOf, Abilities as AbilitiesRecord } from "./core/types.js";

/** The behaviour of every method met so far. */
export type AbilityBook = {
  /** Reads those of these methods that are not known yet. */
  of(methods: readonly string[], call: Call): Promise<AbilitiesOf>;
};

const partials = words(PartialRefunds, "PARTIAL_REFUNDS_");
const lookups = words(RefundLookup, "REFUND_LOOKUP_");
const refreshMs = 3_600_000;

/** Stored value is given back by the points system: any part of it, under a key it keeps for ever. */
const stored: AbilitiesRecord = {
  partial: "ANY",
  accountNeeded: false,
  keyLifetimeSeconds: 0,
  lookup: "BY_KEY",
  errorsKept: false,
  customerDays: 0,
};
const storedMethods: ReadonlySet<string> = new Set(["POINTS", "STORE_CREDIT", "GIFT_CARD"]);

export function openAbilities(payments: ClientOf<typeof PaymentServiceService>): AbilityBook {
  const known = new Map<string, { readonly abilities: AbilitiesRecord; readonly readMs: number }>();

  async function read(method: string, call: Call): Promise<AbilitiesRecord> {
    if (storedMethods.has(method)) return stored;
    const before = known.get(method);
    if (before && Date.now() - before.readMs < refreshMs) return before.abilities;
    try {
      const { capabilities } = await payments.getCapabilities({ method }, call);
      const abilities = toAbilities(capabilities ?? Capabilities.fromPartial({}));
      known.set(method, { abilities, readMs: Date.now() });
      return abilities;
    } catch (error) {
      if (before) return before.abilities;
      throw error;
    }
  }

  return {
    of: async (methods, call) => {
      const pairs = await Promise.all([...new Set(methods)].map(async (m) => [m, await read(m, call)] as const));
      const all = new Map(pairs);
      return (method) => {
        const abilities = all.get(method);
        if (!abilities) throw new RangeError(`nobody asked how ${method} behaves`);
        return abilities;
      };
    },
  };
}

/** What a provider does not say is read with the greatest care: look nothing up, ask for nothing twice. */
function toAbilities(c: Capabilities): AbilitiesRecord {
  return {
    partial: partials.word(c.partial) ?? "ANY",
    accountNeeded: c.accountNeeded,
    keyLifetimeSeconds: Number(c.keyLifetimeSeconds),
    lookup: lookups.word(c.lookup) ?? "NONE",
    errorsKept: c.errorsKept,
    customerDays: c.customerDays,
  };
}
