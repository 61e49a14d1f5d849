// Between the outbox and the handler.
import type { Bug } from "../bug.js";

const operatorTest = "services/_kit/test/operator.test.ts";
const poisoned =
  "shows a fact that could not be taken in, with owner, reason and age, and takes it in once when that is mended";

export const busBugs: readonly Bug[] = [
  {
    name: "naive-outbox-cursor",
    file: "services/_kit/outbox.ts",
    find: "SELECT ctid FROM outbox WHERE publish_time IS NULL AND (lease_until IS NULL OR lease_until < now())",
    put:
      "SELECT ctid FROM outbox WHERE publish_time IS NULL AND (lease_until IS NULL OR lease_until < now()) " +
      "AND create_time > (SELECT coalesce(max(create_time), '-infinity') FROM outbox WHERE publish_time IS NOT NULL)",
    why: "Reading on from the last one published loses whatever began earlier and committed later.",
    caughtBy: [
      {
        file: "services/_kit/test/lateCommit.test.ts",
        title: "brings a fact whose commit ended after that of a later one",
      },
    ],
  },
  {
    name: "ack-before-commit",
    file: "services/_kit/bus/intake.ts",
    find: "        fact = readFact(lying);\n        await handle(fact);",
    put: "        fact = readFact(lying);\n        message.ack();\n        await handle(fact);",
    why: "Who acks before the commit has lost the fact when the commit fails.",
    caughtBy: [{ file: operatorTest, title: poisoned }],
  },
  {
    name: "dead-letter-not-written",
    file: "services/_kit/bus/letters.ts",
    find: "await db.query(bury, [",
    put: "void ([",
    why: "What cannot be taken in is dropped after its last delivery, and the log is its only grave.",
    caughtBy: [{ file: operatorTest, title: poisoned }],
  },
];
