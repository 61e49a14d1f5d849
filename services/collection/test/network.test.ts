import assert from "node:assert/strict";
import fc from "fast-check";
import { calendarOf, localDate } from "#kit/pure/calendar.js";
import { compare } from "#kit/pure/money.js";
import { choose } from "../core/network/choice.js";
import { brokenLimit, type Goods, type Load, loadOf } from "../core/network/load.js";
import { type CarrierService, networkOf, type Temperature, temperatures } from "../core/network/network.js";
import { handOverMethods, offer, placeKey } from "../core/network/offer.js";
import { windowsFrom } from "../core/network/windows.js";
import { restOn } from "../core/network/workdays.js";
import { examples, openNetworks } from "../networks.js";
import { ask, calendar, carrier, dropOff, monday, networkData, pickup } from "./network.builders.js";

const slotIds = (offered: ReturnType<typeof offer>, name = "cj") =>
  offered.options.find((it) => it.carrier === name && it.method === "PICKUP_CONTACTLESS")?.slots.map((it) => it.slotId);
const load = (change: Partial<Load> = {}): Load => ({ ...ask().load, ...change });
const goods = (change: Partial<Goods> = {}): Goods => ({
  quantity: 1,
  sellerId: "",
  longestSideCm: 0,
  sidesSumCm: 0,
  weightGrams: 0,
  temperature: "",
  ...change,
});
const reasons = (offered: ReturnType<typeof offer>) =>
  new Set(offered.notOffered.map(({ method, carrier: name, reason }) => `${method} ${name} ${reason}`));

describe("collection network: areas", () => {
  it("finds the nearest: a range before a prefix, a longer prefix before a shorter", () => {
    const areas = { city: ["0"], old_town: ["045"], palace: ["04524-04526"] };
    const { areaOf } = networkOf(networkData({ areas }));
    assert.deepEqual(["04524", "04527", "01000", "63000"].map(areaOf), ["palace", "old_town", "city", undefined]);
  });

  it("reads postcodes as people write them", () => {
    const { areaOf } = networkOf(networkData({ areas: { city: ["EC1"] } }));
    assert.equal(areaOf("ec1a 1bb"), "city");
  });
});

describe("collection network: slots", () => {
  it("are those of the carrier's working days, before their cut-off, and not begun", () => {
    const offered = offer(networkOf(networkData()), ask());
    assert.deepEqual(slotIds(offered), [
      "slt_2026-11-24_0912",
      "slt_2026-11-24_1217",
      "slt_2026-11-25_0912",
      "slt_2026-11-25_1217",
      "slt_2026-11-27_0912",
      "slt_2026-11-27_1217",
    ]);
  });

  it("of tomorrow are gone at the very minute of the cut-off", () => {
    const network = networkOf(networkData());
    assert.equal(slotIds(offer(network, ask({ now: monday("16:59") })))?.[0], "slt_2026-11-24_0912");
    assert.equal(slotIds(offer(network, ask({ now: monday("17:00") })))?.[0], "slt_2026-11-25_0912");
  });

  it("are none on a carrier's own day of rest, every year or once", () => {
    const closed = { "11-24": "its own day", "2026-11-25": "moving house" };
    const works = { weekdays: [1, 2, 3, 4, 5], holidays: true, closed };
    const network = networkOf(networkData({ carriers: [carrier("cj", [pickup()], { works })] }));
    assert.equal(slotIds(offer(network, ask()))?.[0], "slt_2026-11-26_0912");
    assert.equal(restOn(works, calendar, "2026-11-24"), "its own day");
    assert.equal(restOn(works, calendar, "2026-11-28"), "weekend");
  });

  it("are open on a make-up workday, and by weekday beyond what the calendar knows", () => {
    const works = { weekdays: [1, 2, 3, 4, 5], holidays: false, closed: {} };
    const taiwan = calendarOf({
      market: "TW",
      version: "test",
      from: "2026-01-01",
      to: "2026-12-31",
      timeZone: "Asia/Taipei",
      weekend: [0, 6],
      holidays: {},
      workdays: { "2026-11-28": "make-up" },
    });
    assert.equal(restOn(works, taiwan, "2026-11-28"), undefined);
    assert.deepEqual(
      [restOn(works, taiwan, "2027-01-01"), restOn(works, taiwan, "2027-01-02")],
      [undefined, "weekend"],
    );
  });

  it("with all places taken are left out; with none left at all the carrier says NO_SLOT_LEFT", () => {
    const network = networkOf(networkData());
    const all = slotIds(offer(network, ask())) ?? [];
    const [first = ""] = all;
    const one = offer(network, ask({ taken: new Map([[placeKey("cj", first), 2]]) }));
    assert.equal(slotIds(one)?.[0], "slt_2026-11-24_1217");
    const full = offer(network, ask({ taken: new Map(all.map((id) => [placeKey("cj", id), 2])) }));
    assert.ok(reasons(full).has("PICKUP_CONTACTLESS cj NO_SLOT_LEFT"));
    assert.equal(choose(full, { method: "PICKUP_CONTACTLESS", slotId: "", neededTime: undefined }), "NO_SLOT_LEFT");
  });
});

describe("collection network: offer", () => {
  it("names cost, promise, label and centre of each way", () => {
    const [contactless, , brought] = offer(networkOf(networkData()), ask()).options;
    assert.deepEqual(contactless?.cost, { minor: 3_000n, currency: "KRW" });
    // Taken over on Tuesday; Wednesday is the first day, Thursday a holiday, Friday the second.
    assert.deepEqual(contactless?.promiseTime, new Date("2026-11-28T00:00:00+09:00"));
    assert.deepEqual([brought?.method, brought?.label, brought?.centre], ["DROP_OFF_CVS", "QR_CODE", "icheon"]);
  });

  it("counts what is brought after the cut-off from the next working day", () => {
    const network = networkOf(networkData({ carriers: [carrier("cj", [dropOff()])] }));
    const arrival = (now: Date) => offer(network, ask({ now })).options[0]?.promiseTime;
    assert.deepEqual(arrival(monday("17:59")), new Date("2026-11-28T00:00:00+09:00"));
    assert.deepEqual(arrival(monday("18:00")), new Date("2026-12-01T00:00:00+09:00"));
  });

  it("says why a way is not offered", () => {
    const network = networkOf(networkData());
    const why = (change: Parameters<typeof ask>[0]) => reasons(offer(network, ask(change)));
    assert.ok(why({ load: load({ longestSideCm: 101 }) }).has("PICKUP_CONTACTLESS cj TOO_LARGE"));
    assert.ok(why({ load: load({ sidesSumCm: 161 }) }).has("PICKUP_CONTACTLESS cj TOO_LARGE"));
    assert.ok(why({ load: load({ weightGrams: 20_001 }) }).has("PICKUP_CONTACTLESS cj TOO_HEAVY"));
    assert.ok(why({ area: "islands" }).has("PICKUP_CONTACTLESS cj AREA_NOT_SERVED"));
    assert.ok(why({ pickup: false }).has("PICKUP_IN_PERSON  AREA_NOT_SERVED"), "no driver goes to that door");
    assert.ok(why({}).has("DROP_OFF_LOCKER  AREA_NOT_SERVED"), "nobody has lockers");
    assert.ok(why({ allowed: new Set(["DROP_OFF_CVS"]) }).has("PICKUP_CONTACTLESS  NOT_ALLOWED_BY_POLICY"));
    assert.ok(why({ load: load({ temperatures: new Set(["FROZEN"]) }) }).has("DROP_OFF_CVS  TEMPERATURE"), "no centre");
  });

  it("sends a seller's goods to the seller's own centre, cold goods to a cold one, mixed sellers to the shop's", () => {
    const shop = { centre: "icheon", areas: ["city"], temperatures: ["AMBIENT"] as const, seller_ids: [] };
    const centres = [
      shop,
      { ...shop, centre: "cold", temperatures },
      { ...shop, centre: "vendor", seller_ids: ["s-1"] },
    ];
    const services = [pickup({ limits: { temperatures } })];
    const network = networkOf(networkData({ centres, carriers: [carrier("cj", services)] }));
    const centre = (...of: Partial<Goods>[]) => offer(network, ask({ load: loadOf(of.map(goods)) })).options[0]?.centre;
    assert.equal(centre({ sellerId: "s-1" }), "vendor");
    assert.equal(centre({ sellerId: "s-2" }), "icheon");
    assert.equal(centre({ sellerId: "s-1" }, { sellerId: "s-2" }), "icheon");
    assert.equal(centre({ temperature: "FROZEN" }, {}), "cold");
  });

  it("weighs all units and measures the largest; what is not known breaks no limit", () => {
    const heavy = loadOf([goods({ quantity: 3, weightGrams: 7_000, longestSideCm: 40 }), goods({ longestSideCm: 90 })]);
    assert.deepEqual([heavy.weightGrams, heavy.longestSideCm], [21_000, 90]);
    assert.equal(brokenLimit(pickup().limits, heavy), "TOO_HEAVY");
    assert.equal(brokenLimit(pickup().limits, loadOf([])), undefined);
  });
});

describe("collection network: choice", () => {
  const at = (cost_minor: number, promise_days: number, change: Partial<CarrierService> = {}) =>
    pickup({ areas: { city: { cost_minor, promise_days, capacity: 2 } }, ...change });
  const from = (carriers: Parameters<typeof networkData>[0] = {}) => offer(networkOf(networkData(carriers)), ask());
  const wish = { method: "PICKUP_CONTACTLESS", slotId: "", neededTime: undefined } as const;
  const chosen = (made: ReturnType<typeof choose>) =>
    typeof made === "string" ? made : [made.option.carrier, made.reason, made.slot?.slotId];

  it("takes the cheapest, and says when there was only one", () => {
    const two = from({ carriers: [carrier("dear", [at(5_000, 1)]), carrier("cheap", [at(2_000, 3)])] });
    assert.deepEqual(chosen(choose(two, wish)), ["cheap", "CHEAPEST", "slt_2026-11-24_0912"]);
    assert.deepEqual(chosen(choose(from(), wish)), ["cj", "ONLY_ONE", "slt_2026-11-24_0912"]);
  });

  it("pays more when the cheapest would be late, and takes the fastest when all would be", () => {
    const two = from({ carriers: [carrier("dear", [at(5_000, 1)]), carrier("cheap", [at(2_000, 3)])] });
    const by = (day: string) => chosen(choose(two, { ...wish, neededTime: new Date(`${day}T00:00:00+09:00`) }));
    assert.deepEqual(by("2026-11-26"), ["dear", "CHEAPEST_IN_TIME", "slt_2026-11-24_0912"]);
    assert.deepEqual(by("2026-11-25"), ["dear", "FASTEST", "slt_2026-11-24_0912"]);
  });

  it("breaks a tie of cost by promise, then by name", () => {
    const tied = from({
      carriers: [carrier("b", [at(2_000, 2)]), carrier("c", [at(2_000, 1)]), carrier("a", [at(2_000, 1)])],
    });
    assert.equal(chosen(choose(tied, wish))[0], "a");
  });

  it("keeps the slot that was asked for, whoever comes in it; SLOT_GONE when nobody does", () => {
    const evening = at(9_000, 1, { windows: [{ from: "18:00", to: "20:00" }] });
    const two = from({ carriers: [carrier("day", [at(2_000, 1)]), carrier("late", [evening])] });
    assert.deepEqual(chosen(choose(two, { ...wish, slotId: "slt_2026-11-24_1820" })), [
      "late",
      "ONLY_ONE",
      "slt_2026-11-24_1820",
    ]);
    assert.equal(choose(two, { ...wish, slotId: "slt_2026-11-26_0912" }), "SLOT_GONE", "a holiday");
  });
});

describe("collection network: whatever is asked", () => {
  const hour = fc.integer({ min: 0, max: 23 });
  const terms = fc.record({
    cost_minor: fc.integer({ min: 0, max: 5 }),
    promise_days: fc.integer({ min: 0, max: 4 }),
    capacity: fc.integer({ min: 0, max: 3 }),
  });
  const services = fc
    .record({ days_ahead: fc.integer({ min: 1, max: 12 }), days_before: fc.integer({ min: 0, max: 2 }), hour, terms })
    .chain((it) =>
      fc.record({
        weight_grams: fc.integer({ min: 1, max: 10 }),
        temperatures: fc.subarray([...temperatures], { minLength: 1 }),
        served: fc.boolean(),
        it: fc.constant(it),
      }),
    )
    .map(({ weight_grams, temperatures: heat, served, it }) =>
      pickup({
        days_ahead: it.days_ahead,
        cut_off: { time: `${String(it.hour).padStart(2, "0")}:00`, days_before: it.days_before },
        limits: { weight_grams, temperatures: heat },
        areas: { [served ? "city" : "islands"]: it.terms },
      }),
    );
  const carriers = fc.uniqueArray(
    fc.record({
      name: fc.constantFrom("a", "b", "c", "d"),
      service: services,
      weekdays: fc.subarray([0, 1, 2, 3, 4, 5, 6]),
    }),
    { selector: ({ name }) => name, minLength: 1 },
  );
  const situation = fc.record({
    carriers,
    weightGrams: fc.integer({ min: 0, max: 12 }),
    heat: fc.constantFrom<Temperature>(...temperatures),
    hours: fc.integer({ min: 0, max: 24 * 9 }),
    places: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 7 }),
    neededHours: fc.option(fc.integer({ min: 0, max: 24 * 20 }), { nil: undefined }),
  });
  const centres = [{ centre: "all", areas: ["city"], temperatures, seller_ids: [] }];

  it("no slot on a day of rest, after its cut-off, or beyond capacity; no carrier beyond its limits or its area", () => {
    fc.assert(
      fc.property(situation, (given) => {
        const made = given.carriers.map(({ name, service, weekdays }) =>
          carrier(name, [service], { works: { weekdays, holidays: false, closed: {} } }),
        );
        const network = networkOf(networkData({ carriers: made, centres }));
        const now = new Date(monday("00:00").getTime() + given.hours * 3_600_000);
        const taken = new Map<string, number>();
        for (const {
          carrier: name,
          services: [service],
          works,
        } of made)
          windowsFrom(service as CarrierService, works, calendar, now).forEach(({ slotId }, i) =>
            taken.set(placeKey(name, slotId), given.places[i % given.places.length] ?? 0),
          );
        const asked = ask({
          now,
          taken,
          load: load({ weightGrams: given.weightGrams, temperatures: new Set([given.heat]) }),
        });
        for (const option of offer(network, asked).options) {
          const {
            services: [service],
            works,
          } = made.find(({ carrier: name }) => name === option.carrier)!;
          const { limits, areas, cut_off } = service!;
          assert.ok((limits.weight_grams ?? 0) >= given.weightGrams && limits.temperatures.includes(given.heat));
          assert.ok(areas.city, "out of its area");
          assert.ok(option.slots.length > 0);
          for (const { slotId, date, startTime } of option.slots) {
            assert.equal(restOn(works, calendar, date), undefined, `${date} is a day of rest`);
            assert.equal(localDate(startTime, calendar.timeZone), date);
            const closes = new Date(`${date}T${cut_off.time}:00+09:00`).getTime() - cut_off.days_before * 86_400_000;
            assert.ok(closes > now.getTime() && startTime > now, `${slotId} after its cut-off`);
            assert.ok(
              (taken.get(placeKey(option.carrier, slotId)) ?? 0) < (areas.city.capacity ?? 0),
              "beyond capacity",
            );
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it("nobody cheaper would have been in time, and the answer does not hang on the order of the file", () => {
    fc.assert(
      fc.property(situation, (given) => {
        const made = given.carriers.map(({ name, service }) => carrier(name, [service]));
        const now = new Date(monday("00:00").getTime() + given.hours * 3_600_000);
        const neededTime =
          given.neededHours === undefined ? undefined : new Date(now.getTime() + given.neededHours * 3_600_000);
        const wish = { method: "PICKUP_CONTACTLESS", slotId: "", neededTime } as const;
        const offers = [made, made.toReversed()].map((order) =>
          offer(networkOf(networkData({ carriers: order, centres })), ask({ now })),
        );
        const [one, other] = offers.map((it) => choose(it, wish));
        assert.deepEqual(one, other);
        if (typeof one !== "object") return;
        const inTime = (time: Date) => !neededTime || time <= neededTime;
        for (const { promiseTime, cost } of offers[0]!.options.filter(({ method }) => method === wish.method)) {
          if (one.reason === "FASTEST") assert.ok(one.option.promiseTime <= promiseTime);
          else if (inTime(promiseTime)) assert.ok(compare(one.option.cost, cost) <= 0, "a cheaper one was in time");
        }
        if (one.reason !== "FASTEST" && one.reason !== "ONLY_ONE") assert.ok(inTime(one.option.promiseTime));
      }),
      { numRuns: 300 },
    );
  });

  it("answers for an address of the example networks in less than a millisecond", () => {
    const network = openNetworks(examples).get("KR")!;
    const asked = ask({ area: network.areaOf("04524")! });
    for (let i = 0; i < 50; i++) offer(network, asked);
    const start = performance.now();
    for (let i = 0; i < 200; i++) offer(network, ask({ area: network.areaOf("04524")! }));
    const each = (performance.now() - start) / 200;
    assert.ok(each < 1, `${each.toFixed(3)} ms`);
  });
});

describe("collection network: every method", () => {
  it("is offered, or told of with a reason, never passed over", () => {
    for (const [market, network] of openNetworks(examples)) {
      const area = network.areaOf({ KR: "04524", TW: "100" }[market] ?? "")!;
      const { options, notOffered } = offer(network, ask({ area }));
      const told = new Set([...options, ...notOffered].map(({ method }) => method));
      assert.deepEqual([...told].sort(), [...handOverMethods].sort(), market);
    }
  });
});
