// The collection network of a market: areas, carriers with what they do where, and return centres. It is an operator's
// file (see ../../networks); `shape.ts` checks it, here it is put in the order in which it is asked.
import type { Money } from "#kit/pure/money.js";
import type { Method } from "../types.js";

export const temperatures = ["AMBIENT", "CHILLED", "FROZEN"] as const;
export type Temperature = (typeof temperatures)[number];
export const labelForms = ["PAPER", "QR_CODE", "CODE"] as const;
export type LabelForm = (typeof labelForms)[number];

/** The days on which a carrier works. */
export type Works = {
  /** 0 = Sunday … 6 = Saturday. */
  readonly weekdays: readonly number[];
  /** Whether it works on the market's holidays. */
  readonly holidays: boolean;
  /** Days of its own on which it rests: "MM-DD" of every year, or "yyyy-mm-dd"; with the reason. */
  readonly closed: Readonly<Record<string, string>>;
};

/** What fits; absent: no limit. One unit's sides, all units' weight. */
export type Limits = {
  readonly longest_side_cm?: number | undefined;
  readonly sides_sum_cm?: number | undefined;
  readonly weight_grams?: number | undefined;
  readonly temperatures: readonly Temperature[];
};

/** A part of a driver's day, "HH:MM" of the market's time. */
export type Window = { readonly from: string; readonly to: string };

/** What a carrier asks and promises in a group of areas, and how many parcels it takes there per window. */
export type Terms = {
  readonly cost_minor: number;
  /** Its working days from the hand-over to the return centre. */
  readonly promise_days: number;
  /** Per window and day; needed with windows, meaningless without. */
  readonly capacity?: number | undefined;
};

/** One kind of service of a carrier. */
export type CarrierService = {
  readonly methods: readonly Method[];
  readonly label: LabelForm;
  readonly limits: Limits;
  /**
   * Until when a window can be booked: at that time so many days before it. Where the customer brings it, what comes
   * after that time of day leaves on the next working day; days_before is 0 there.
   */
  readonly cut_off: { readonly time: string; readonly days_before: number };
  /** Days ahead that can be booked, today included. */
  readonly days_ahead: number;
  /** When drivers come; empty where the customer brings it. */
  readonly windows: readonly Window[];
  readonly areas: Readonly<Record<string, Terms>>;
};

export type Carrier = {
  readonly carrier: string;
  readonly works: Works;
  readonly services: readonly CarrierService[];
};

export type Centre = {
  readonly centre: string;
  readonly areas: readonly string[];
  readonly temperatures: readonly Temperature[];
  /** Whose goods go there and nowhere else; empty: the shop's own centre. */
  readonly seller_ids: readonly string[];
};

/** A network as its file has it. */
export type NetworkData = {
  readonly market: string;
  readonly version: string;
  readonly note: string;
  readonly currency: string;
  /** Groups of areas: postcodes by how they begin, or ranges of whole ones ("40200-40240"). */
  readonly areas: Readonly<Record<string, readonly string[]>>;
  readonly carriers: readonly Carrier[];
  readonly centres: readonly Centre[];
};

export type Network = Omit<NetworkData, "areas"> & {
  /** The group of areas of a postcode; undefined: none. */
  areaOf(postcode: string): string | undefined;
};

type Range = { readonly from: string; readonly to: string; readonly area: string };

/** Puts it in order. A range is nearer than any prefix, and of two prefixes the longer. */
export function networkOf(data: NetworkData): Network {
  const prefixes = new Map<string, string>();
  const ranges: Range[] = [];
  for (const [area, entries] of Object.entries(data.areas)) {
    for (const entry of entries) {
      const [from = "", to] = entry.split("-");
      if (to === undefined) prefixes.set(from, area);
      else ranges.push({ from, to, area });
    }
  }
  const longest = Math.max(0, ...[...prefixes.keys()].map(({ length }) => length));

  function areaOf(written: string): string | undefined {
    const postcode = plain(written);
    const near = ranges.find(({ from, to }) => postcode.length === from.length && from <= postcode && postcode <= to);
    if (near) return near.area;
    for (let length = Math.min(longest, postcode.length); length > 0; length--) {
      const area = prefixes.get(postcode.slice(0, length));
      if (area !== undefined) return area;
    }
    return undefined;
  }
  return { ...data, areaOf };
}

/** A postcode without what people put between its parts. */
function plain(postcode: string): string {
  return postcode.replaceAll(/[\s-]/g, "").toUpperCase();
}

export function costOf(network: Network, { cost_minor }: Terms): Money {
  return { minor: BigInt(cost_minor), currency: network.currency };
}

/** What a carrier does by a method. */
export function serviceOf(network: Network, carrier: string, method: Method): CarrierService | undefined {
  const known = network.carriers.find((it) => it.carrier === carrier);
  return known?.services.find(({ methods }) => methods.includes(method));
}
