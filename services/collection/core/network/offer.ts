// How goods can be handed over at an address, and why not otherwise. Pure: the calendar, what is taken and the time come in.
import type { Calendar } from "#kit/pure/calendar.js";
import { addDays, localDate } from "#kit/pure/calendar.js";
import { compare, type Money } from "#kit/pure/money.js";
import { isFetched } from "../methods.js";
import type { Method } from "../types.js";
import { brokenLimit, centreFor, type Load } from "./load.js";
import { type Carrier, type CarrierService, costOf, type LabelForm, type Network, type Terms } from "./network.js";
import { type DayWindow, timeOn, windowsFrom } from "./windows.js";
import { nextWorkday, workdayEnd } from "./workdays.js";

/** All ways to hand goods over, in the contract's order. */
export const handOverMethods = [
  "PICKUP_CONTACTLESS",
  "PICKUP_IN_PERSON",
  "DROP_OFF_CVS",
  "DROP_OFF_LOCKER",
  "CUSTOMER_SHIPS",
  "SWAP_AT_DOOR",
] as const satisfies readonly Method[];

export type NotOfferedReason =
  | "NOT_ALLOWED_BY_POLICY"
  | "AREA_NOT_SERVED"
  | "TOO_LARGE"
  | "TOO_HEAVY"
  | "TEMPERATURE"
  | "NO_SLOT_LEFT";

/** What is asked. */
export type Ask = {
  /** The group of areas of the address. */
  readonly area: string;
  /** Whether drivers go to the very address, whatever its area says. */
  readonly pickup: boolean;
  readonly load: Load;
  /** What the decision allows. */
  readonly allowed: ReadonlySet<Method>;
  readonly calendar: Calendar;
  readonly now: Date;
  /** Places taken, by `placeKey`. */
  readonly taken: ReadonlyMap<string, number>;
};

/** A window with room, and when what is taken over in it is at the return centre. */
export type OpenSlot = DayWindow & { readonly capacity: number; readonly promiseTime: Date };

/** One carrier's way to do it. */
export type Option = {
  readonly method: Method;
  readonly carrier: string;
  readonly area: string;
  readonly cost: Money;
  readonly promiseDays: number;
  readonly label: LabelForm;
  readonly centre: string;
  /** Earliest first; empty where the customer brings it. */
  readonly slots: readonly OpenSlot[];
  /** When it is at the centre, handed over as early as can be. */
  readonly promiseTime: Date;
};

/** `carrier` is empty when the reason holds for all. */
export type NotOffered = { readonly method: Method; readonly carrier: string; readonly reason: NotOfferedReason };

export type Offer = { readonly options: readonly Option[]; readonly notOffered: readonly NotOffered[] };

/** Under which the places taken are counted: a carrier's window in the area that is asked for. */
export function placeKey(carrier: string, slotId: string): string {
  return `${carrier} ${slotId}`;
}

/** Options by method in the contract's order, then by cost, promise and name. */
export function offer(network: Network, ask: Ask): Offer {
  const options: Option[] = [];
  const notOffered: NotOffered[] = [];
  const centre = centreFor(network, ask.area, ask.load);
  for (const method of handOverMethods) {
    const refuse = (carrier: string, reason: NotOfferedReason) => notOffered.push({ method, carrier, reason });
    if (!ask.allowed.has(method)) refuse("", "NOT_ALLOWED_BY_POLICY");
    else if (typeof centre === "string") refuse("", centre);
    else if (isFetched(method) && !ask.pickup) refuse("", "AREA_NOT_SERVED");
    else {
      const known = network.carriers.flatMap((carrier) => {
        const service = carrier.services.find(({ methods }) => methods.includes(method));
        return service ? [{ carrier, service }] : [];
      });
      if (known.length === 0) refuse("", "AREA_NOT_SERVED");
      const found: Option[] = [];
      for (const { carrier, service } of known) {
        const option = optionOf(network, carrier, service, ask);
        if (typeof option === "string") refuse(carrier.carrier, option);
        else found.push({ ...option, method, centre: centre.centre });
      }
      options.push(...found.sort(cheapestFirst));
    }
  }
  return { options, notOffered };
}

function cheapestFirst(one: Option, other: Option): number {
  return compare(one.cost, other.cost) || soonestFirst(one, other);
}

/** The earlier at the centre; of two at once the first by name. */
function soonestFirst(one: Option, other: Option): number {
  return one.promiseTime.getTime() - other.promiseTime.getTime() || (one.carrier < other.carrier ? -1 : 1);
}

function optionOf(
  network: Network,
  { carrier, works }: Carrier,
  service: CarrierService,
  { area, load, calendar, now, taken }: Ask,
): Omit<Option, "method" | "centre"> | NotOfferedReason {
  const terms: Terms | undefined = service.areas[area];
  if (!terms) return "AREA_NOT_SERVED";
  const broken = brokenLimit(service.limits, load);
  if (broken) return broken;
  const { promise_days: promiseDays, capacity = 0 } = terms;
  const plain = { carrier, area, cost: costOf(network, terms), promiseDays, label: service.label };

  if (service.windows.length === 0) {
    const today = localDate(now, calendar.timeZone);
    const late = timeOn(today, service.cut_off.time, calendar.timeZone) <= now;
    const day = nextWorkday(works, calendar, late ? addDays(today, 1) : today);
    const promiseTime = day && workdayEnd(works, calendar, day, promiseDays);
    return promiseTime ? { ...plain, slots: [], promiseTime } : "NO_SLOT_LEFT";
  }

  const slots: OpenSlot[] = [];
  let lastDate = "";
  let promiseTime: Date | undefined;
  for (const window of windowsFrom(service, works, calendar, now)) {
    if ((taken.get(placeKey(carrier, window.slotId)) ?? 0) >= capacity) continue;
    if (window.date !== lastDate) promiseTime = workdayEnd(works, calendar, window.date, promiseDays);
    lastDate = window.date;
    if (promiseTime) slots.push({ ...window, capacity, promiseTime });
  }
  const [first] = slots;
  return first ? { ...plain, slots, promiseTime: first.promiseTime } : "NO_SLOT_LEFT";
}
