// Where money is counted and paid.
import type { Bug } from "../bug.js";

const moneyFile = "services/_kit/pure/money.ts";
const moneyTest = "services/_kit/test/money.test.ts";
const keysTest = "services/refund/test/rpc.keys.test.ts";

export const moneyBugs: readonly Bug[] = [
  {
    name: "float-money",
    file: moneyFile,
    find: 'const minor = BigInt(`${parts[2]}${decimals.padEnd(exponent, "0")}`);',
    put: "const minor = BigInt(Math.trunc(Math.abs(Number(text)) * 10 ** exponent));",
    why: "Decimal amounts as floats: 1.15 is 114 pennies, and beyond 2^53 anything.",
    caughtBy: [{ file: moneyTest, title: "reads decimal text without rounding" }],
  },
  {
    name: "residue-lost",
    file: moneyFile,
    find: "units === quantity ? total.minor : ((total.minor",
    put: "((total.minor",
    why: "Each share is rounded by itself: three thirds of £10.00 are £9.99.",
    caughtBy: [{ file: moneyTest, title: "prices each unit of a line, the last taking the residue" }],
  },
  {
    name: "payment-cap-not-checked",
    file: "services/refund/core/tenders.ts",
    find: "    amount.minor <= whole,\n",
    put: "    amount.minor <= whole || true,\n",
    why: "Each refund is held against what was captured by itself, and not against what is left of it.",
    caughtBy: [
      {
        file: "services/refund/test/tenders.test.ts",
        title: "leaves what was charged back to whom took it, and refuses what is not covered",
      },
    ],
  },
  {
    name: "new-key-on-retry",
    file: "services/refund/providers.ts",
    find: "async pay({ paymentId, key, accountToken, customerId, ...share }, call) {",
    put:
      "async pay({ paymentId, key: first, accountToken, customerId, ...share }, call) {\n" +
      "      const key = `${first}${Math.random()}`;",
    why: "A key made for each try, not for the intent: a lost answer is paid a second time.",
    caughtBy: [{ file: keysTest, title: "finds what was done when the answer was lost, and asks nobody to pay again" }],
  },
  {
    name: "silence-taken-for-a-no",
    file: "services/refund/steps.ts",
    find: "isRefusal(error)\n",
    put: "error\n",
    why: "Whatever fails is taken for the provider's no: the refund is booked out, and may have been paid.",
    caughtBy: [{ file: keysTest, title: "does not take the refusal of a look for the refusal of the payment" }],
  },
  {
    name: "forgotten-key-asked-again",
    file: "services/refund/steps.ts",
    find: "const old = forgotten(share, able);",
    put: "const old = false;",
    why: "A key is believed to be known for ever: after a day the provider pays under it once more.",
    caughtBy: [
      {
        file: keysTest,
        title: "never asks to pay once the provider may have forgotten the key: it looks, and calls a person",
      },
    ],
  },
  {
    name: "deduction-forgotten",
    file: "services/refund/core/deductions.ts",
    find: 'return capped(order, wanted, room).map(({ lineId, cause, amount, note }) => {\n    return { code: "DEDUCTION"',
    put: 'return capped(order, [], room).map(({ lineId, cause, amount, note }) => {\n    return { code: "DEDUCTION"',
    why: "What the inspection takes off is shown to the customer, and paid to them all the same.",
    caughtBy: [
      {
        file: "services/refund/test/deductions.test.ts",
        title: "stand in the quote one by one, each with its cause and what was seen",
      },
    ],
  },
  {
    name: "four-eyes-skipped",
    file: "services/refund/core/verbs.ts",
    find: "otherEyes(refund, refund.grantedBy, actor);",
    put: "",
    why: "The limit is checked and the person is not: who grants a large amount also lets it go.",
    caughtBy: [
      {
        file: "services/refund/test/grant.test.ts",
        title: "gives issuing to somebody else above the policy's amount, and to nobody twice",
      },
    ],
  },
];
