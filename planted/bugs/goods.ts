// Where units are held, and where money waits for goods.
import type { Bug } from "../bug.js";

export const goodsBugs: readonly Bug[] = [
  {
    name: "refund-before-receipt",
    file: "services/resolution/core/context.ts",
    find: "return c.progress >= progress.RECEIVED;",
    put: "return c.progress >= progress.NOWHERE;",
    why: "The money goes when the return is announced: an empty box is paid like a full one.",
    caughtBy: [
      {
        file: "services/resolution/test/stories.test.ts",
        title: "pays nothing before the goods are here, where the policy waits for them",
      },
    ],
  },
  {
    name: "units-not-held",
    file: "services/resolution/store.ts",
    find: "WHERE h.delta > 0 ORDER BY h.line_id",
    put: "WHERE h.delta > 0 AND false ORDER BY h.line_id",
    why: "Units are counted when they arrive and not when they are asked for: the same one comes back in two requests.",
    caughtBy: [
      { file: "test/journeys.test.ts", title: "of fifty that ask for the same unit at once exactly one is taken" },
    ],
  },
];
