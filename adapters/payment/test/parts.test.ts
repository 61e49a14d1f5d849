import assert from "node:assert/strict";
import { PaymentServiceService } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import { ConfigError } from "#kit/config.js";
import { money } from "#kit/pure/money.js";
import { clientAs } from "#kit/testing/peers.js";
import { stripeCapabilities, tossCapabilities } from "../capabilities.js";
import { readPaymentAdapterConfig } from "../config.js";
import { openSeal } from "../seal.js";
import { fromStripe, toStripe } from "../stripe/amounts.js";
import { tossBank } from "../toss/banks.js";
import { toNumber } from "../toss/shapes.js";
import { reason } from "./contract.js";
import { runAdapter } from "./run.js";

describe("amounts at Stripe", () => {
  const cases: [currency: string, minor: bigint, stripe: number][] = [
    ["GBP", 1234n, 1234],
    ["KRW", 12_000n, 12_000],
    ["JPY", 500n, 500],
    ["TWD", 80_045n, 80_045],
    ["HUF", 1045n, 1045],
    ["ISK", 5n, 500],
    ["UGX", 5n, 500],
    ["MGA", 500n, 5],
    ["KWD", 5120n, 5120],
  ];
  for (const [currency, minor, amount] of cases) {
    it(`${minor} minor units of ${currency} are ${amount}, and back`, () => {
      assert.equal(toStripe(money(minor, currency)), amount);
      assert.deepEqual(fromStripe(amount, currency.toLowerCase()), money(minor, currency));
    });
  }

  it("are refused where Stripe has none such", () => {
    const refused: [bigint, string][] = [
      [5121n, "KWD"],
      [501n, "MGA"],
      [2n ** 60n, "GBP"],
    ];
    for (const [minor, currency] of refused)
      assert.throws(() => toStripe(money(minor, currency)), { reason: "MONEY_INVALID" });
    assert.throws(() => fromStripe(4010, "isk"), { name: "NoAnswer" });
  });
});

describe("amounts at Toss", () => {
  it("are JSON numbers that read as they were written", () => {
    const cases: [bigint, string, string][] = [
      [12_000n, "KRW", "12000"],
      [18_156n, "USD", "181.56"],
      [18_150n, "USD", "181.5"],
      [5n, "USD", "0.05"],
      [999_999_999_999_99n, "USD", "999999999999.99"],
    ];
    for (const [minor, currency, text] of cases) assert.equal(JSON.stringify(toNumber(money(minor, currency))), text);
    assert.equal(toNumber(money(10n ** 15n, "KRW")), undefined);
  });

  it("go to banks by Toss's codes", () => {
    const cases = { "088": "88", "004": "06", "06": "06", "88": "88", "092": "92", "999": undefined, "00": undefined };
    for (const [code, bank] of Object.entries(cases)) assert.equal(tossBank(code), bank, code);
  });
});

describe("sealed accounts", () => {
  const [one, two] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];

  it("open under their key alone, and not when a character is another", () => {
    const token = openSeal([one]).seal("110-1234", "r-1");
    assert.equal(openSeal([one]).open(token), "110-1234");
    assert.equal(openSeal([two]).open(token), undefined);
    for (let at = 0; at < token.length; at++) {
      const changed = `${token.slice(0, at)}${token[at] === "A" ? "B" : "A"}${token.slice(at + 1)}`;
      assert.equal(openSeal([one]).open(changed), undefined, `changed at ${at}`);
    }
    for (const text of ["", "acct1.", "acct1.AAAA", "nothing"]) assert.equal(openSeal([one]).open(text), undefined);
  });

  it("are the same for the same request, and differ for another one", () => {
    const seal = openSeal([one]);
    assert.equal(seal.seal("110-1234", "r-1"), seal.seal("110-1234", "r-1"));
    assert.notEqual(seal.seal("110-1234", "r-1"), seal.seal("110-1234", "r-2"));
    assert.notEqual(seal.seal("110-1234", "r-1").slice(0, 22), seal.seal("110-1235", "r-1").slice(0, 22));
  });

  it("open still after the key was changed, while the old one is kept", () => {
    const old = openSeal([one]).seal("110-1234", "r-1");
    const changed = openSeal([two, one]);
    assert.equal(changed.open(old), "110-1234");
    assert.equal(openSeal([two]).open(changed.seal("110-1234", "r-1")), "110-1234");
  });
});

describe("capabilities", () => {
  it("of Stripe are the same for every method", () => {
    assert.deepEqual(stripeCapabilities("KLARNA"), stripeCapabilities("CARD"));
    assert.equal(stripeCapabilities("CARD").keyLifetimeSeconds, 86_400n);
  });

  it("of Toss ask for an account where money goes to a bank, and nowhere else", () => {
    const needed = ["CARD", "VIRTUAL_ACCOUNT", "MOBILE_PHONE", "TRANSFER"].filter(
      (it) => tossCapabilities(it).accountNeeded,
    );
    assert.deepEqual(needed, ["VIRTUAL_ACCOUNT"]);
    assert.equal(tossCapabilities("CARD").keyLifetimeSeconds, 1_296_000n);
  });
});

describe("the adapter's settings", () => {
  const problems = (env: Record<string, string>) => {
    try {
      readPaymentAdapterConfig(env);
    } catch (error) {
      assert.ok(error instanceof ConfigError);
      return error.problems;
    }
    return [];
  };

  it("are told wrong all at once, with those of the provider that was named", () => {
    const named = (env: Record<string, string>) => problems(env).map((it) => it.split(" ")[0]);
    assert.deepEqual(named({}).sort(), ["MESH_SECRET", "PROVIDER", "TOKEN_JWKS"]);
    const stripe = { PROVIDER: "stripe", STRIPE_BASE_URL: "api.stripe.com", STRIPE_API_VERSION: "newest", PORT: "x" };
    const wrong = ["MESH_SECRET", "PORT", "STRIPE_API_KEY", "STRIPE_API_VERSION", "STRIPE_BASE_URL", "TOKEN_JWKS"];
    assert.deepEqual(named(stripe).sort(), wrong);
    const toss = { PROVIDER: "toss", TOSS_SECRET_KEY: "short", ACCOUNT_SEAL_KEY: "c2hvcnQ=" };
    assert.deepEqual(named(toss).sort(), ["ACCOUNT_SEAL_KEY", "MESH_SECRET", "TOKEN_JWKS", "TOSS_SECRET_KEY"]);
  });

  it("never print a secret", () => {
    const told = problems({ PROVIDER: "toss", TOSS_SECRET_KEY: "hush-1", ACCOUNT_SEAL_KEY: "hush-2" }).join();
    assert.doesNotMatch(told, /hush/);
  });
});

describe("the adapter's door", () => {
  it("lets in services of the mesh, and nobody else", async () => {
    const env = {
      PROVIDER: "stripe",
      STRIPE_API_KEY: "sk_test_0123456789abcdef",
      STRIPE_BASE_URL: "http://127.0.0.1:1",
    };
    const adapter = await runAdapter(env);
    const customer = clientAs(PaymentServiceService, adapter.port, "CUSTOMER", "c-1");
    await assert.rejects(customer.getCapabilities({ method: "CARD" }), reason("ROLE_NOT_ALLOWED"));
    await assert.rejects(adapter.client.getPayment({ paymentId: "pi_1" }), reason("UPSTREAM_UNAVAILABLE"));
    customer.close();
    await adapter.stop();
  });
});
