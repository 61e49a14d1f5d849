// What a proof leaves behind in a whole mesh: when all has come to rest, every invariant is asked.
import { broken, checkInvariants } from "../scripts/invariants/check.js";
import type { Desk } from "./desk.js";
import { number, type Proof, type Say } from "./proof.js";

/** What was asked for last is still under way for so long, where a part asked for much. */
const settleMs = 120_000;

export async function provenInvariants({ mesh }: Pick<Desk, "mesh">, say: Say): Promise<Proof> {
  say("asking every invariant");
  const { databaseUrl, natsUrl } = mesh.servers;
  const asked = await checkInvariants({ databaseUrl, natsUrl, schemaOf: mesh.schemaOf, settleMs });
  const breaches = broken(asked).map(({ number, name, rows, error }) => [
    `${number} ${name}`,
    error ?? JSON.stringify(rows.slice(0, 3)),
  ]);
  return {
    asked: "after all of it in this mesh: no invariant has rows",
    counted: `${number(asked.length)} asked, ${breaches.length} broken`,
    ok: breaches.length === 0,
    ...(breaches.length > 0 && { rows: [["invariant", "rows"], ...breaches] }),
  };
}
