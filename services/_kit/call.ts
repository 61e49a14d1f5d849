// What a handler knows of the call it answers, and passes on with the calls it makes.
import type { CallOptions } from "@grpc/grpc-js";
import type { Caller } from "#kit/access.js";

/** One call under way. Calls made while answering it get its deadline, and end when it is canceled. */
export type Call = {
  /** On whose behalf. */
  readonly caller: Caller;
  /** The call as gRPC sees it; none when the work was begun by a fact or a step. */
  readonly surface?: CallOptions["parent"];
  /** Until when an answer is of use, in epoch milliseconds; none where nobody waits. */
  readonly deadline?: number;
  /** Called where the answer is one that was given before, so that the caller learns that nothing happened this time. */
  readonly recalled?: () => void;
};

/** A call on a service's own behalf: a step of the agenda, a fact. */
export function ownCall(service: string): Call {
  return { caller: { subject: service, role: "SERVICE", via: "" } };
}

/** Asks somebody on a service's own behalf while answering a call: its deadline and its end still hold. */
export function asService(service: string, { surface, deadline }: Call): Call {
  return { ...ownCall(service), surface, ...(deadline !== undefined && { deadline }) };
}
