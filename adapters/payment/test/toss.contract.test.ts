import { type Bench, contract } from "./contract.js";
import { mishaps } from "./fake-server.js";
import { fakeToss, secretKey } from "./fake-toss.js";
import { runAdapter, timeoutMs } from "./run.js";

/** Toss turns a second cancel within a second away; here it is a tenth of one. */
const windowMs = 100;

async function open(): Promise<Bench> {
  const toss = await fakeToss(windowMs);
  const adapter = await runAdapter({
    PROVIDER: "toss",
    TOSS_SECRET_KEY: secretKey,
    TOSS_BASE_URL: toss.url,
    TOSS_SPACING_MS: String(windowMs + 20),
    ACCOUNT_SEAL_KEY: Buffer.alloc(32, 1).toString("base64"),
  });
  return {
    client: adapter.client,
    currency: "KRW",
    foreign: "USD",
    tooFine: 500_000_000,
    method: "CARD",
    pay: async (minor) => toss.pay(Number(minor)).paymentKey,
    nobody: "tgen_nobody",
    booked: async (id) => {
      const cancels = toss.payment(id).cancels ?? [];
      return { count: cancels.length, minor: BigInt(cancels.reduce((sum, it) => sum + it.cancelAmount, 0)) };
    },
    mishap: async (kind, times) => toss.mishap(kind, times),
    calm: async () => toss.calm(),
    patienceMs: 2 * timeoutMs + windowMs,
    close: async () => {
      await adapter.stop();
      await toss.close();
    },
  };
}

contract("Toss Payments", mishaps, open);
