// Chooses by a market's network who collects, when, and for which return centre, and keeps the places in drivers' days. Where
// a market has no network, or nobody knows the postcode, the transport partner chooses.
import { status } from "@grpc/grpc-js";
import type { AddressServiceService } from "#gen/backhaul/partner/address/v1/address_service.js";
import type { CatalogServiceService } from "#gen/backhaul/partner/catalog/v1/catalog_service.js";
import type { Call } from "#kit/call.js";
import type { ClientOf } from "#kit/client.js";
import type { Clock } from "#kit/clock.js";
import { RpcError } from "#kit/errors.js";
import { localDate } from "#kit/pure/calendar.js";
import { choose, type NoChoice } from "./core/network/choice.js";
import { brokenLimit, centreFor, type Goods, loadOf } from "./core/network/load.js";
import { type Network, serviceOf } from "./core/network/network.js";
import { handOverMethods, type Offer, type OpenSlot, offer } from "./core/network/offer.js";
import type { Address, Collection, Method, Route, Slot, Units, Wish } from "./core/types.js";
import type { MarketCalendars } from "./marketCalendars.js";
import type { Networks } from "./networks.js";
import { type Place, type Places, slotGone } from "./places.js";

export type RoutingParts = {
  readonly networks: Networks;
  readonly places: Places;
  readonly calendars: MarketCalendars;
  readonly addresses: ClientOf<typeof AddressServiceService>;
  readonly catalog: ClientOf<typeof CatalogServiceService>;
  readonly clock: Clock;
};

/** Which goods of which order, and how they may be handed over. */
export type Inquiry = {
  readonly market: string;
  readonly orderId: string;
  readonly goods: readonly Units[];
  readonly allowed: ReadonlySet<Method>;
  /** How goods that are not named are to be kept; ambient if not said. */
  readonly temperature?: string | undefined;
  /** Where it is, if that was asked before. */
  readonly address?: Address | undefined;
};

/** What the network offers at an address. */
export type Offered = Offer & { readonly postcode: string };

/** Nobody said what is in it: no limit but that of temperature holds. */
const unknownGoods = { quantity: 1, sellerId: "", longestSideCm: 0, sidesSumCm: 0, weightGrams: 0 };

/** Two who race for a window's last place look again this often before the step is postponed. */
const tries = 5;

export type Routing = ReturnType<typeof openRouting>;

export function openRouting({ networks, places, calendars, addresses, catalog, clock }: RoutingParts) {
  /** Undefined: nobody knows it. */
  async function addressOf({ orderId, address }: Inquiry, call: Call): Promise<Address | undefined> {
    try {
      const known = address ?? (await addresses.checkServiceability({ orderId }, call));
      return known.postcode === "" ? undefined : known;
    } catch (error) {
      if (error instanceof RpcError && error.code === status.UNIMPLEMENTED) return undefined;
      throw error;
    }
  }

  /** A product that the catalogue does not know breaks no limit. */
  async function goodsOf(units: readonly Units[], call: Call): Promise<Goods[]> {
    const skus = [...new Set(units.map(({ sku }) => sku))];
    const { products } = skus.length > 0 ? await catalog.batchGetProducts({ skus }, call) : { products: [] };
    const known = new Map(products.map((product) => [product.sku, product]));
    return units.map(({ sku, quantity, sellerId }) => {
      const { longestSideCm = 0, sidesSumCm = 0, weightGrams = 0, temperature = "" } = known.get(sku) ?? {};
      return { quantity, sellerId, longestSideCm, sidesSumCm, weightGrams, temperature };
    });
  }

  async function offerIn(
    network: Network,
    area: string,
    { pickup, goods, allowed }: { pickup: boolean; goods: readonly Goods[]; allowed: ReadonlySet<Method> },
  ): Promise<Offer> {
    const calendar = await calendars.of(network.market);
    const now = clock.now();
    const taken = await places.taken(network.market, area, localDate(now, calendar.timeZone));
    return offer(network, { area, pickup, load: loadOf(goods), allowed, calendar, now, taken });
  }

  /** The windows in which the carrier of a routed collection can still come. */
  async function openSlots(network: Network, { carrier, area }: Route, method: Method): Promise<readonly OpenSlot[]> {
    const { options } = await offerIn(network, area, { pickup: true, goods: [], allowed: new Set([method]) });
    return options.find((option) => option.carrier === carrier)?.slots ?? [];
  }

  /** The network and the route of a collection that it keeps the slots of. */
  function keeps({ market, route }: Collection): { network: Network; route: Route } | undefined {
    const network = networks.get(market);
    return network && route?.slot ? { network, route } : undefined;
  }

  return {
    /** Undefined: no network, or no postcode. "ADDRESS_NOT_SERVED": in none of its areas. */
    async offered(inquiry: Inquiry, call: Call): Promise<Offered | "ADDRESS_NOT_SERVED" | undefined> {
      const network = networks.get(inquiry.market);
      const address = network && (await addressOf(inquiry, call));
      if (!address) return undefined;
      const area = network.areaOf(address.postcode);
      if (area === undefined) return "ADDRESS_NOT_SERVED";
      const named = await goodsOf(inquiry.goods, call);
      const goods = named.length > 0 ? named : [{ ...unknownGoods, temperature: inquiry.temperature ?? "" }];
      const { pickup, postcode } = address;
      return { ...(await offerIn(network, area, { pickup, goods, allowed: inquiry.allowed })), postcode };
    },

    /**
     * Fixes by whom it is collected, and takes the place that needs. Done again it gives the same answer.
     * @returns the reason if nobody collects it; undefined if the transport partner is to choose
     */
    async fix(collection: Collection, wish: Wish, call: Call): Promise<Route | NotRouted | undefined> {
      if (collection.route) return collection.route;
      const { market, orderId, method } = collection;
      const { slotId, neededTime, goods = [], address } = wish;
      const { temperature } = collection.handOver ?? {};
      const inquiry = { market, orderId, goods, temperature, address, allowed: new Set([method]) };
      for (let left = tries; left > 0; left--) {
        const offered = await this.offered(inquiry, call);
        if (typeof offered !== "object") return offered;
        const needed = neededTime === undefined ? undefined : new Date(neededTime);
        const choice = choose(offered, { method, slotId, neededTime: needed });
        if (typeof choice === "string") return choice;
        const { option, slot, reason } = choice;
        const { carrier, area, centre } = option;
        const { collectionId: holderId } = collection;
        const held = slot && toSlot(slot);
        const route = { carrier, area, centre, postcode: offered.postcode, reason, holderId, slot: held };
        const fixed = await places.fix(collection, route, slot?.capacity);
        if (fixed) return fixed;
      }
      throw new Error(`the places of ${collection.collectionId} were taken faster than they were chosen`);
    },

    /**
     * Fixes the route of goods that a booked visit takes along: by its carrier, to the goods' own return centre. What was not
     * said goes where the visit's goods go.
     * @returns "APART" if that carrier does not take them; undefined where the transport partner chose
     */
    async fixBeside(
      { route }: Collection,
      collection: Collection,
      { goods }: Wish,
      call: Call,
    ): Promise<Route | "APART" | undefined> {
      const network = networks.get(collection.market);
      if (!network || !route || collection.route) return collection.route;
      const beside = { ...route, slot: collection.slot };
      if (!goods) return places.fix(collection, beside, undefined);
      const load = loadOf(await goodsOf(goods, call));
      const service = serviceOf(network, route.carrier, collection.method);
      const centre = centreFor(network, route.area, load);
      if (!service || brokenLimit(service.limits, load) || typeof centre === "string") return "APART";
      return places.fix(collection, { ...beside, centre: centre.centre }, undefined);
    },

    /** The carrier would not have it: gives its place back, so that another route can be chosen. */
    async unfix({ collectionId, route }: Collection): Promise<void> {
      if (!route) return;
      await places.giveBack(collectionId);
      await places.forget(collectionId);
    },

    /** A driver was called off: gives the place back, unless the driver comes for others; where it was to go is kept. */
    async release({ route }: Collection, others: readonly Collection[]): Promise<void> {
      if (!route?.slot || others.some((one) => one.route?.holderId === route.holderId)) return;
      await places.giveBack(route.holderId);
    },

    /** Slots to move a visit to; undefined: ask the transport partner. */
    async slots(collection: Collection): Promise<Slot[] | undefined> {
      const kept = keeps(collection);
      return kept && (await openSlots(kept.network, kept.route, collection.method)).map(toSlot);
    },

    /**
     * Takes a place in another slot than the one the visit has, until the carrier has said whether it comes then; undefined: the
     * transport partner keeps the slots.
     * @throws DomainError SLOT_GONE
     */
    async beginMove(collection: Collection, slotId: string): Promise<Move | undefined> {
      const kept = keeps(collection);
      if (!kept) return undefined;
      const { network, route } = kept;
      const window = (await openSlots(network, route, collection.method)).find((it) => it.slotId === slotId);
      if (!window) throw slotGone(slotId);
      const { holderId: holder } = route;
      const took = await places.take(holder, { market: network.market, ...route }, window);
      return {
        slot: toSlot(window),
        place: { holderId: holder, slotId },
        undo: async () => {
          if (took) await places.giveBack(holder, window);
        },
      };
    },
  };
}

/** Why nobody collects it. */
export type NotRouted = NoChoice | "ADDRESS_NOT_SERVED";

/** A move of a visit, half done. */
export type Move = {
  readonly slot: Slot;
  /** Taken; the move that enters the record frees every other. */
  readonly place: Place;
  /** The carrier does not come then. */
  undo(): Promise<void>;
};

function toSlot({ slotId, startTime, endTime }: OpenSlot): Slot {
  return { slotId, startTime, endTime };
}

/** Every way to hand goods over. */
export const everyMethod: ReadonlySet<Method> = new Set(handOverMethods);
