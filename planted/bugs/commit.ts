// In the one statement that changes an aggregate, and around it.
import type { Bug } from "../bug.js";

const file = "services/_kit/commit.ts";
const commitTest = "services/_kit/test/commit.test.ts";

export const commitBugs: readonly Bug[] = [
  {
    name: "inbox-not-spent",
    file,
    find: "FROM change WHERE ${$(6)}::text IS NOT NULL)",
    put: "FROM change WHERE ${$(6)}::text IS NOT NULL AND false)",
    why: "The broker is believed to deliver once. It delivers at least once: what was done is done again.",
    caughtBy: [{ file: commitTest, title: "takes a fact in once, though it is delivered many times at once" }],
  },
  {
    name: "request-id-not-unique",
    file,
    find: "id FROM change WHERE ${$(2)}::text IS NOT NULL)",
    put: "id FROM change WHERE ${$(2)}::text IS NOT NULL ON CONFLICT DO NOTHING)",
    why: "A request id that is there already is passed over in silence: two of the same request both take effect.",
    caughtBy: [{ file: commitTest, title: "creates once for one request, and refuses its id for another body" }],
  },
  {
    name: "late-lease-accepted",
    file,
    find: "NOT EXISTS (SELECT FROM spent_step) THEN lease_lost() END",
    put: "NOT EXISTS (SELECT FROM spent_step) THEN NULL END",
    why: "A worker that slept beyond its lease books what another has done meanwhile: nobody fences it off.",
    caughtBy: [
      { file: commitTest, title: "aborts the whole commit if the lease is lost between reading and committing" },
    ],
  },
  {
    name: "step-not-removed",
    file,
    find: "DELETE FROM agenda USING change\n  WHERE agenda_id = ${$(7)}::text AND lease_epoch = ${$(8)}::int RETURNING",
    put: "SELECT FROM agenda, change\n  WHERE agenda_id = ${$(7)}::text AND lease_epoch = ${$(8)}::int --",
    why: "What was done is removed by a second statement that never comes: it is done again when its lease ends.",
    caughtBy: [
      {
        file: commitTest,
        title: "hands over what is due at once, and removes the step with the change that spends it",
      },
    ],
  },
  {
    name: "outbox-row-forgotten",
    file,
    find: "AS f(event_id, subject, body)),",
    put: "AS f(event_id, subject, body) WHERE false),",
    why: "A fact is published after the commit and not written with it: whoever dies in between has told nobody.",
    caughtBy: [{ file: commitTest, title: "counts every one of fifty that meet at one row" }],
  },
  {
    name: "audit-entry-forgotten",
    file,
    find: "WHERE act IS NOT NULL)",
    put: "WHERE act IS NOT NULL AND false)",
    why: "Who did it is logged on the side, or not at all: nobody can be asked why.",
    caughtBy: [
      {
        file: "services/_kit/test/audit.test.ts",
        title: "says who did what for whom and why, linked by the hash that can be computed from it",
      },
    ],
  },
  {
    name: "no-version-guard",
    file: "services/refund/store.ts",
    find: "WHERE refund_id = $1 AND version = $2 RETURNING",
    put: "WHERE refund_id = $1 AND $2::int IS NOT NULL RETURNING",
    why: "The last writer wins: what was decided from an old row overwrites what another replica has done.",
    caughtBy: [
      {
        file: "services/refund/test/replicas.test.ts",
        title: "decides again from what the other has written, and not from what it remembers",
      },
    ],
  },
];
