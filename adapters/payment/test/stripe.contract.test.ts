import { type Bench, contract } from "./contract.js";
import { mishaps } from "./fake-server.js";
import { apiKey, fakeStripe } from "./fake-stripe.js";
import { present, skipped } from "./recorded.js";
import { runAdapter, timeoutMs } from "./run.js";

async function open(of: "intent" | "charge"): Promise<Bench> {
  const stripe = await fakeStripe();
  const adapter = await runAdapter({ PROVIDER: "stripe", STRIPE_API_KEY: apiKey, STRIPE_BASE_URL: stripe.url });
  return {
    client: adapter.client,
    currency: "GBP",
    foreign: "KRW",
    tooFine: 1_000_000,
    method: "CARD",
    pay: async (minor) => stripe.pay(Number(minor), "GBP")[of],
    nobody: of === "intent" ? "pi_nobody" : "ch_nobody",
    booked: async (id) => {
      const refunds = stripe.refundsOf(id);
      return { count: refunds.length, minor: BigInt(refunds.reduce((sum, { amount }) => sum + amount, 0)) };
    },
    mishap: async (kind, times) => stripe.mishap(kind, times),
    calm: async () => stripe.calm(),
    patienceMs: 2 * timeoutMs,
    close: async () => {
      await adapter.stop();
      await stripe.close();
    },
  };
}

contract(`Stripe, payment intents${skipped}`, mishaps, present ? () => open("intent") : undefined);
contract(`Stripe, charges${skipped}`, mishaps, present ? () => open("charge") : undefined);
