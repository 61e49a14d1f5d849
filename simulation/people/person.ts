// What people do: they ask, and where nobody answers they ask the same again, under the same request id.
import { RpcError } from "#kit/errors.js";
import type { World } from "../world/types.js";

/** Asks until there is an answer or a no. Undefined: no. */
export async function insist<R>(world: World, what: string, ask: () => Promise<R>): Promise<R | undefined> {
  const chance = world.schedule.chance("people");
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      world.heardOf(what, error);
      if (!(error instanceof RpcError) || !error.retryable) return undefined;
      if (tries > 500) world.broken(`${what} was asked for ${tries} times: ${error.message}`);
      await new Promise<void>((resolve) => world.schedule.after(chance.between(1_000, 300_000), resolve));
    }
  }
}

/** A promise that nobody waits for: what it throws is a fault of the simulation. */
export function letGo(world: World, what: string, work: Promise<unknown>): void {
  work.catch((error) => world.broken(`${what}: ${(error as Error).stack}`));
}
