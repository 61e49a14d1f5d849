// The stage door of every partner: what a scenario says of a call happens here, around a handler that knows nothing of
// it. Without any scenario a call goes straight through.
import { setTimeout as wait } from "node:timers/promises";
import type { Call } from "#kit/call.js";
import type { ServiceContract } from "#kit/client.js";
import { Unavailable } from "#kit/errors.js";
import { DomainError } from "#kit/pure/check.js";
import { type Handlers, type Implementation, implement } from "#kit/server.js";
import type { Twist } from "./core/scenario.js";
import type { Scenarios } from "./store/scenarios.js";

type RequestOf<M> = M extends { requestSerialize: (value: infer Q) => Buffer } ? Q : never;
type ResponseOf<M> = M extends { responseDeserialize: (value: Buffer) => infer R } ? R : never;

/** A partner's rpc: what it answers, and which case a request belongs to. */
export type Rpc<Q, R> = {
  /** The order a request is about, or the best other name it has; see `concerns`. */
  readonly about: (request: Q) => string | Promise<string>;
  /** `twist` is what a scenario wants of the answer itself: SOLD_OUT, ALREADY_SHIPPED, REFUND_PENDING, STATEMENT_MISSING. */
  readonly answer: (request: Q, call: Call, twist?: Twist) => Promise<R>;
};

/** A partner's contract: one Rpc per method. */
export type Partner<S> = { readonly [K in keyof S]: Rpc<RequestOf<S[K]>, ResponseOf<S[K]>> };

/** So long a caller waits in vain for an answer that was lost. */
const lostAnswerMs = 50;

/** Serves a partner, with the scenarios at its door. */
export function played<S extends ServiceContract>(
  contract: S,
  partner: Partner<S>,
  scenarios: Scenarios,
): Implementation {
  const handlers = Object.entries(contract).map(([name, { path }]) => {
    const rpc = partner[name] as Rpc<unknown, unknown>;
    const method = methodName(path);
    const handler = (request: unknown, call: Call) =>
      scenarios.any ? playedOut(rpc, method, scenarios, request, call) : rpc.answer(request, call);
    return [name, handler];
  });
  return implement(contract, Object.fromEntries(handlers) as Handlers<S>);
}

/** "RefundPayment", as scenarios name an rpc. */
export function methodName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

async function playedOut(
  rpc: Rpc<unknown, unknown>,
  method: string,
  scenarios: Scenarios,
  request: unknown,
  call: Call,
) {
  const scenario = await scenarios.play("call", method, () => rpc.about(request));
  switch (scenario?.twist) {
    case "LATENCY":
      await wait(scenario.latencyMs);
      return rpc.answer(request, call);
    case "ERROR":
      throw new Unavailable("UPSTREAM_UNAVAILABLE", `${method} fails by scenario ${scenario.scenarioId}`, {
        target: method,
      });
    case "REFUSED":
      throw new DomainError("PARTNER_REFUSED", `${method} is refused by scenario ${scenario.scenarioId}`, {
        partner: method,
        code: scenario.scenarioId,
      });
    case "TIMEOUT_AFTER_SUCCESS":
      await rpc.answer(request, call);
      await wait(lostAnswerMs);
      throw new DomainError("DEADLINE_EXCEEDED", `${method}'s answer is lost by scenario ${scenario.scenarioId}`);
    default:
      return rpc.answer(request, call, scenario?.twist);
  }
}
