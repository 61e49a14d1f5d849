// A fact at the door of a service.
import type { Call } from "#kit/call.js";

/** A fact as it came in. */
export type IncomingFact = { readonly eventId: string; readonly subject: string; readonly body: Uint8Array };

/** Takes a fact in; its commit spends the event id under the consumer's name. @throws Unreadable if nobody ever can */
export type FactHandler = (fact: IncomingFact, call: Call) => Promise<void>;

/** What a service listens to: subject → handler. */
export type FactHandlers = Readonly<Record<string, FactHandler>>;
