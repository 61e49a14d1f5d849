// Who gets in, what they see, and what is told of people.
import type { Bug } from "../bug.js";

const webhooks = "gateway/webhooks.ts";
const webhooksTest = "gateway/test/webhooks.test.ts";

export const doorBugs: readonly Bug[] = [
  {
    name: "expired-webhook-accepted",
    file: webhooks,
    find: "if (offMs > toleranceMs) throw",
    put: "if (offMs < 0) throw",
    why: "A signature holds for ever: what was overheard once can be sent again next year.",
    caughtBy: [
      {
        file: webhooksTest,
        title: "is turned away unless exactly this was signed, just now, by this carrier",
      },
    ],
  },
  {
    name: "forged-webhook-accepted",
    file: webhooks,
    find: "if (!expected.some((right) => given.some((one) => same(one, right)))) throw",
    put: "if (given.length === 0) throw",
    why: "That there is a signature is checked, and not whose: anybody reports a parcel as handed over.",
    caughtBy: [
      {
        file: webhooksTest,
        title: "is turned away unless exactly this was signed, just now, by this carrier",
      },
    ],
  },
  {
    name: "alg-none-accepted",
    file: "services/_kit/access.ts",
    find: "const { payload } = await jwtVerify(token, keys.find, expected);",
    put:
      'const [head = "", claims = ""] = token.split(".").map((part) => Buffer.from(part, "base64url").toString());\n' +
      '  const isUnsigned = JSON.parse(head).alg === "none";\n' +
      "  const { payload } = isUnsigned ? { payload: JSON.parse(claims) } : await jwtVerify(token, keys.find, expected);",
    why: "The token says by what it is to be verified, and is believed: signed by nothing it is anybody's.",
    caughtBy: [
      {
        file: "test/matrix.test.ts",
        title: "at the services: no token that is wrong in any way gets anybody anywhere",
      },
    ],
  },
  {
    name: "foreign-resource-shown",
    file: "services/_kit/access.ts",
    find: 'if (caller.role === "CUSTOMER") return caller.subject === customerId;',
    put: 'if (caller.role === "CUSTOMER") return true;',
    why: "Who may call is checked, and not whose it is: any customer reads any other's by its id.",
    caughtBy: [{ file: "test/refusals.test.ts", title: "a resolution of somebody else: RESOLUTION_NOT_FOUND" }],
  },
  {
    name: "personal-words-in-a-fact",
    file: "services/_kit/facts.ts",
    find: "message.encode(withoutPersonal(`${pkg}.${name}`, body)).finish()",
    put: "message.encode(body).finish()",
    why: "The whole row is published: names lie in streams, where nobody can erase them.",
    caughtBy: [
      { file: "services/_kit/test/facts.test.ts", title: "tells ids and never words, however deep they stand" },
    ],
  },
];
