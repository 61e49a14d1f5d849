// An outside system that is down, slow, loses its answers, or says no.
import { type Scenario, Twist } from "#gen/backhaul/sandbox/v1/scenario_service.js";
import type { Fault, Kind } from "./fault.js";

/** What the mesh asks of outside systems on these journeys; "" is whatever comes first. */
const asked = [
  "",
  "",
  "GetOrder",
  "ListShipments",
  "GetPayment",
  "RefundPayment",
  "FindRefund",
  "BookPickup",
  "StopRelease",
  "HoldStock",
  "AnnounceParcel",
] as const;
/** Asked once the customer has our word. */
const refusable = ["RefundPayment", "BookPickup", "StopRelease", "HoldStock"] as const;

function playing(said: string, scenario: Partial<Scenario>, leavesToPeople = false): Fault {
  return {
    what: `${scenario.method || "any call"} of an outside system ${said}, ${scenario.times} times`,
    leavesToPeople,
    strike: async ({ customers }) => {
      await customers.patiently(() => customers.shop.scenario(scenario));
      return { hit: true, since: Date.now() };
    },
  };
}

export const outsideFaults: readonly Kind[] = [
  {
    name: "partner-down",
    about: "calls of outside systems fail, and did nothing",
    share: 3,
    draw: (chance) =>
      playing("fails", { twist: Twist.TWIST_ERROR, method: chance.pick(asked), times: chance.between(2, 8) }),
  },
  {
    name: "partner-slow",
    about: "calls of outside systems take a second, or longer than anybody waits",
    share: 3,
    draw: (chance) => {
      const seconds = chance.pick([1, 1, 6]);
      const latency = { seconds: BigInt(seconds), nanos: 0 };
      const scenario = { twist: Twist.TWIST_LATENCY, method: chance.pick(asked), latency };
      return playing(`takes ${seconds} s`, { ...scenario, times: chance.between(1, 4) });
    },
  },
  {
    name: "partner-lost",
    about: "calls of outside systems do their work, and the answer is lost",
    share: 4,
    draw: (chance) =>
      playing("loses its answer", {
        twist: Twist.TWIST_TIMEOUT_AFTER_SUCCESS,
        method: chance.pick(asked),
        times: chance.between(1, 5),
      }),
  },
  {
    name: "partner-wrong",
    about: "an outside system says no for good to what it should do",
    share: 2,
    draw: (chance) => {
      const scenario = { twist: Twist.TWIST_REFUSED, method: chance.pick(refusable), times: 1 };
      return playing("says no", scenario, true);
    },
  },
];
