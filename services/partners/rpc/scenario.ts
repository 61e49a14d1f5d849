// The rpcs of backhaul.sandbox.v1.ScenarioService: what goes wrong, and the pace.
import {
  type Pace as PaceMessage,
  type Scenario as ScenarioMessage,
  type ScenarioServiceService,
  Twist as TwistMessage,
} from "#gen/backhaul/sandbox/v1/scenario_service.js";
import type { Duration } from "#gen/google/protobuf/duration.js";
import { InvalidRequest, type Violation } from "#kit/errors.js";
import type { Handlers } from "#kit/server.js";
import { words } from "#kit/words.js";
import type { Pace } from "../core/parcel.js";
import { type Scenario, twists } from "../core/scenario.js";
import type { Paced } from "../pace.js";
import type { Store } from "../store/store.js";

export const twistWords = words(TwistMessage, "TWIST_");

/** @param methods every rpc of a partner, by its name */
export function scenarioRpc(
  { scenarios }: Store,
  pace: Paced,
  methods: ReadonlySet<string>,
): Handlers<typeof ScenarioServiceService> {
  return {
    async addScenario({ scenario }) {
      const wanted = toScenario(scenario as ScenarioMessage);
      const violations = faults(wanted, methods);
      if (violations.length > 0) throw new InvalidRequest(violations);
      return { scenario: toMessage(await scenarios.add(wanted)) };
    },

    async listScenarios() {
      return { scenarios: (await scenarios.list()).map(toMessage) };
    },

    async clearScenarios() {
      await scenarios.clear();
      return {};
    },

    async setPace({ pace: message }) {
      await pace.set(toPace(message as PaceMessage));
      return { pace: toPaceMessage(pace.now()) };
    },
  };
}

/** A scenario that could never play is a mistake in the test that sets it. */
function faults({ twist, method, latencyMs }: Omit<Scenario, "scenarioId">, methods: ReadonlySet<string>): Violation[] {
  const only: readonly string[] | undefined = twists[twist].methods;
  const found: Violation[] = [];
  if (method !== "" && !methods.has(method)) {
    found.push({ field: "scenario.method", description: `no partner has an rpc ${method}` });
  } else if (method !== "" && only && !only.includes(method)) {
    found.push({ field: "scenario.method", description: `${twist} fits ${only.join(" and ")} only` });
  }
  if (twist === "LATENCY" && latencyMs <= 0) {
    found.push({ field: "scenario.latency", description: "say how much longer the call takes" });
  }
  return found;
}

function toScenario({
  twist,
  orderId,
  method,
  times,
  ratePpm,
  seed,
  latency,
  units,
}: ScenarioMessage): Omit<Scenario, "scenarioId"> {
  const word = twistWords.word(twist);
  if (!word) throw new InvalidRequest([{ field: "scenario.twist", description: "not a twist of this version" }]);
  return { twist: word, orderId, method, times, ratePpm, seed, latencyMs: latency ? toMs(latency) : 0, units };
}

function toMessage({ latencyMs, twist, ...scenario }: Scenario): ScenarioMessage {
  return { ...scenario, twist: twistWords.value(twist), latency: latencyMs > 0 ? fromMs(latencyMs) : undefined };
}

function toPace({ pickup, transit, inspection, retry }: PaceMessage): Pace {
  const entries = Object.entries({ pickup, transit, inspection, retry }).map(([name, value]) => {
    const ms = value ? toMs(value) : 0;
    if (ms < 0) throw new InvalidRequest([{ field: `pace.${name}`, description: "must be 0 or more" }]);
    return [`${name}Ms`, ms];
  });
  return Object.fromEntries(entries) as Pace;
}

function toPaceMessage({ pickupMs, transitMs, inspectionMs, retryMs }: Pace): PaceMessage {
  return {
    pickup: fromMs(pickupMs),
    transit: fromMs(transitMs),
    inspection: fromMs(inspectionMs),
    retry: fromMs(retryMs),
  };
}

function toMs({ seconds, nanos }: Duration): number {
  return Number(seconds) * 1000 + Math.round(nanos / 1_000_000);
}

function fromMs(ms: number): Duration {
  return { seconds: BigInt(Math.floor(ms / 1000)), nanos: (ms % 1000) * 1_000_000 };
}
