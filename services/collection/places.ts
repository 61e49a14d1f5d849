// Places in drivers' days, and the route that was chosen with one. A place is taken by one conditional statement: of two that
// race for the last one exactly one gets it, and a step that is done again finds the place it has.
import { toJson } from "#kit/json.js";
import { type Database, type Statement, violated } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import type { OpenSlot } from "./core/network/offer.js";
import { placeKey } from "./core/network/offer.js";
import type { Collection, Route, Slot } from "./core/types.js";

/** A place in a slot, and whose it is: a collection's, or that of the visit it opened. */
export type Place = { readonly holderId: string; readonly slotId: string };

/** Whose windows are counted together. */
export type Whose = { readonly market: string; readonly area: string; readonly carrier: string };

/** A window, and how many it takes. */
export type Window = Pick<OpenSlot, "slotId" | "capacity">;

/** The route of a collection as jsonb, for whoever reads collections. */
export function routeOf(collectionId: string): string {
  return `(SELECT to_jsonb(r) - 'collection_id' - 'holder_id' || jsonb_build_object('holderId', holder_id) FROM collection_route r WHERE r.collection_id = ${collectionId})`;
}

/** The same as the core has it. */
export function toRoute(stored: StoredRoute | null | undefined): Route | undefined {
  if (!stored) return undefined;
  const { slot } = stored;
  const times = slot && { startTime: new Date(slot.startTime), endTime: new Date(slot.endTime) };
  return { ...stored, slot: slot && times ? { slotId: slot.slotId, ...times } : undefined };
}

type StoredSlot = { readonly slotId: string; readonly startTime: string; readonly endTime: string };
type StoredRoute = Omit<Route, "slot"> & { readonly slot: StoredSlot | null };

/** $1 the holder, $2 … market, area, slot, carrier, capacity. The row of the window is locked, so places are counted. */
const counted = `place AS (
    INSERT INTO slot_ledger AS l (market, area, slot_id, carrier, capacity, taken) VALUES ($2, $3, $4, $5, $6, 1)
    ON CONFLICT (market, area, slot_id, carrier) DO UPDATE SET taken = l.taken + 1, capacity = excluded.capacity
      WHERE l.taken < excluded.capacity
    RETURNING market, area, slot_id, carrier),
  held AS (
    INSERT INTO slot_place (holder_id, slot_id, market, area, carrier)
    SELECT $1, slot_id, market, area, carrier FROM place RETURNING holder_id)`;

const take: Statement = { name: "place.take", text: `WITH ${counted} SELECT holder_id FROM held` };

const takeOnRoute: Statement = {
  name: "place.takeOnRoute",
  text: `WITH ${counted}
    INSERT INTO collection_route (collection_id, carrier, area, postcode, centre, reason, holder_id, slot)
    SELECT $1, $5, $3, $7, $8, $9, holder_id, $10::jsonb FROM held RETURNING collection_id`,
};

const routeAlone: Statement = {
  name: "place.route",
  text: `INSERT INTO collection_route (collection_id, carrier, area, postcode, centre, reason, holder_id, slot)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8::jsonb) RETURNING collection_id`,
};

/**
 * Gives places back, as CTEs. The rows of their windows are locked first, as they are by who takes a place: in the other
 * order the two would wait for each other.
 * @param whose SQL of the places, `p`
 */
export function freeing(whose: string): { readonly locked: string; readonly freed: string; readonly counted: string } {
  const key = (of: string) => `(${of}.market, ${of}.area, ${of}.slot_id, ${of}.carrier)`;
  return {
    locked: `SELECT holder_id, l.market, l.area, l.slot_id, l.carrier FROM slot_ledger l
      JOIN (SELECT p.* FROM ${whose}) AS theirs ON ${key("theirs")} = ${key("l")}
      ORDER BY l.slot_id, l.carrier FOR UPDATE OF l`,
    freed: `DELETE FROM slot_place p USING locked
      WHERE p.holder_id = locked.holder_id AND ${key("p")} = ${key("locked")}
      RETURNING p.market, p.area, p.slot_id, p.carrier`,
    counted: `UPDATE slot_ledger AS l SET taken = taken - 1 FROM freed WHERE ${key("l")} = ${key("freed")}`,
  };
}

/** $2: only this slot; NULL: whatever it has. */
const theirs = freeing("slot_place p WHERE holder_id = $1 AND ($2::text IS NULL OR slot_id = $2)");
const giveBack: Statement = {
  name: "place.giveBack",
  text: `WITH locked AS (${theirs.locked}), freed AS (${theirs.freed}) ${theirs.counted}`,
};

const fixed: Statement = { name: "place.fixed", text: `SELECT ${routeOf("$1")} AS route` };

const forget: Statement = { name: "place.forget", text: "DELETE FROM collection_route WHERE collection_id = $1" };

/** Slot ids sort by their day. */
const taken: Statement = {
  name: "place.taken",
  text: `SELECT carrier, slot_id AS "slotId", taken FROM slot_ledger WHERE market = $1 AND area = $2 AND slot_id >= $3`,
};

const mine: Statement = {
  name: "place.mine",
  text: "SELECT holder_id FROM slot_place WHERE holder_id = $1 AND slot_id = $2",
};

/** What taking a place came to. "had": the holder has it already, which a full window must not hide. */
type Taken = "taken" | "had" | "full";

export function openPlaces(db: Database) {
  /** Rows inserted; undefined: there already, by that key. */
  async function insert(statement: Statement, values: readonly unknown[], key: string): Promise<number | undefined> {
    try {
      return (await db.query(statement, values)).length;
    } catch (error) {
      if (violated(error) === key) return undefined;
      throw error;
    }
  }

  async function takePlace(
    statement: Statement,
    holderId: string,
    whose: Whose,
    { slotId, capacity }: Window,
    more: readonly unknown[] = [],
  ): Promise<Taken> {
    const { market, area, carrier } = whose;
    const values = [holderId, market, area, slotId, carrier, capacity, ...more];
    const rows = await insert(statement, values, "slot_place_pkey");
    if (rows !== 0) return rows === undefined ? "had" : "taken";
    return (await db.query(mine, [holderId, slotId])).length > 0 ? "had" : "full";
  }

  return {
    /** Places taken on that day and later, by `placeKey`. */
    taken: async (market: string, area: string, day: string): Promise<ReadonlyMap<string, number>> => {
      const rows = await db.query(taken, [market, area, `slt_${day}`]);
      return new Map(rows.map(({ carrier, slotId, taken: places }) => [placeKey(carrier, slotId), places]));
    },

    /**
     * Fixes the route of a collection, with its place in the driver's day.
     * @param capacity undefined where no place is to be taken: the customer brings it, or another's visit takes it along
     * @returns the route that holds: the one fixed first; undefined: somebody else has the last place, nothing was fixed
     */
    fix: async (
      { collectionId, market }: Pick<Collection, "collectionId" | "market">,
      route: Route,
      capacity: number | undefined,
    ): Promise<Route | undefined> => {
      const { carrier, area, postcode, centre, reason, holderId, slot } = route;
      if (slot && capacity !== undefined) {
        const window = { slotId: slot.slotId, capacity };
        const told = [postcode, centre, reason, toJson(slot)];
        const done = await takePlace(takeOnRoute, collectionId, { market, area, carrier }, window, told);
        if (done !== "had") return done === "taken" ? route : undefined;
      }
      const alone = [collectionId, carrier, area, postcode, centre, reason, holderId, slot ? toJson(slot) : null];
      if ((await insert(routeAlone, alone, "collection_route_pkey")) !== undefined) return route;
      const [row] = await db.query(fixed, [collectionId]);
      return toRoute(row?.route);
    },

    /**
     * Takes a place beside the one it has. False: it has this one already.
     * @throws DomainError SLOT_GONE
     */
    take: async (holderId: string, whose: Whose, window: Window): Promise<boolean> => {
      const done = await takePlace(take, holderId, whose, window);
      if (done === "full") throw slotGone(window.slotId);
      return done === "taken";
    },

    /** Gives back the place in a slot, or all; what it does not have stays as it is. A move gives the others back itself. */
    giveBack: async (holderId: string, slot?: Pick<Slot, "slotId">): Promise<void> => {
      await db.query(giveBack, [holderId, slot?.slotId ?? null]);
    },

    /** The carrier did not keep to it, so another route is to be chosen. */
    forget: async (collectionId: string): Promise<void> => {
      await db.query(forget, [collectionId]);
    },
  };
}

export type Places = ReturnType<typeof openPlaces>;

export function slotGone(slotId: string): DomainError {
  return new DomainError("SLOT_GONE", `${slotId} can no longer be booked; list the slots`, { slot_id: slotId });
}
