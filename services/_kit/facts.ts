// Facts as a core speaks of them, and as they travel: the subject on the bus is the message's full name.

import type { FactHandler } from "#kit/bus/fact.js";
import { Unreadable } from "#kit/bus/poison.js";
import type { Call } from "#kit/call.js";
import type { OutgoingFact } from "#kit/commit.js";
import { withoutPersonal } from "#kit/personal.js";

/** A message class as ts-proto writes it. */
type Message<T> = {
  encode(message: T): { finish(): Uint8Array };
  decode(bytes: Uint8Array): T;
};

/** A fact of one package in a core's words: its message's name and its content. */
export type FactOf<M> = {
  [K in keyof M & string]: M[K] extends Message<infer T> ? { readonly name: K; readonly body: T } : never;
}[keyof M & string];

/**
 * Writes facts of a package for the bus: announcer("backhaul.refund.v1", { RefundGranted })({ name, body }). A fact tells
 * ids, never people: whoever needs the words asks the service that has them.
 */
export function announcer<M>(pkg: string, messages: M): (fact: FactOf<M>) => OutgoingFact {
  return ({ name, body }) => {
    const message = messages[name as keyof M] as Message<unknown>;
    return { subject: `${pkg}.${name}`, body: message.encode(withoutPersonal(`${pkg}.${name}`, body)).finish() };
  };
}

/** Reads a fact for its handler, which spends `eventId`. What cannot be read is Unreadable. */
export function hear<T>(
  message: Message<T>,
  handle: (fact: T, eventId: string, call: Call) => Promise<unknown>,
): FactHandler {
  return async ({ body, eventId }, call) => {
    await handle(decoded(message, body), eventId, call);
  };
}

function decoded<T>(message: Message<T>, body: Uint8Array): T {
  try {
    return message.decode(body);
  } catch (error) {
    throw new Unreadable("its body is no message of its type", { cause: error });
  }
}
