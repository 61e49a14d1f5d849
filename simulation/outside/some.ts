// Partners that answer as much of their contract as the cores ask.
import type { ServiceContract } from "#kit/client.js";
import type { Handlers } from "#kit/server.js";

/** Some of a contract's rpcs: a story in which another is asked fails. */
export function some<S extends ServiceContract>(handlers: Partial<Handlers<S>>): Handlers<S> {
  return handlers as Handlers<S>;
}
