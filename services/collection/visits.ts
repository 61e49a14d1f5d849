// Who shares what: the collections with goods in one parcel, and those of one driver's visit. Only reads.
import type { Database, Statement } from "#kit/postgres.js";
import type { Collection, Visit } from "./core/types.js";
import { selected, toCore, toSlot } from "./rows.js";

/** A collection with goods in a parcel. `first`: the parcel was its before it was anybody else's. */
export type Holder = { readonly collectionId: string; readonly first: boolean };

/** Whose visit it is, and where to. */
export type Door = { readonly customerId: string; readonly market: string; readonly addressKey: string };

const holders: Statement = {
  name: "parcel.holders",
  text: `SELECT c.collection_id AS "collectionId", c.collection_id = p.collection_id AS first
  FROM parcel_content c JOIN parcel p USING (carrier, tracking_number)
  WHERE c.carrier = $1 AND c.tracking_number = $2 ORDER BY first DESC, c.collection_id`,
};
const visitColumns = `visit_id AS "visitId", opener_id AS "openerId", slot, members, moves, closed`;
const atDoor: Statement = {
  name: "visit.atDoor",
  text: `SELECT ${visitColumns} FROM visit WHERE customer_id = $1 AND market = $2 AND address_key = $3 AND NOT closed`,
};
const find: Statement = { name: "visit.find", text: `SELECT ${visitColumns} FROM visit WHERE visit_id = $1` };
const members: Statement = {
  name: "visit.members",
  text: `SELECT ${selected} FROM collection WHERE visit_id = $1 ORDER BY create_time, collection_id`,
};

export function openVisits(db: Database, inClear: (rows: readonly Collection[]) => Promise<Collection[]>) {
  const one = async (statement: Statement, values: readonly unknown[]): Promise<Visit | undefined> => {
    const [row] = await db.query(statement, values);
    return row && { ...row, slot: toSlot(row.slot) };
  };
  return {
    /** Whose goods are in a parcel, who had it first at the front. */
    holders: (carrier: string, trackingNumber: string): Promise<Holder[]> =>
      db.query<Holder>(holders, [carrier, trackingNumber]),

    /** The visit that is open there, for others to join. */
    atDoor: ({ customerId, market, addressKey }: Door): Promise<Visit | undefined> =>
      one(atDoor, [customerId, market, addressKey]),

    find: (visitId: string): Promise<Visit | undefined> => one(find, [visitId]),

    /** Every collection of a visit, also those that no longer wait for the driver; earliest first. */
    members: async (visitId: string): Promise<Collection[]> =>
      inClear((await db.query(members, [visitId])).map(toCore)),
  };
}
