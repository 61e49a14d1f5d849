// Business time that jumps. It only goes forward: who would set it back is refused, and nothing moves.
import { RpcError } from "#kit/errors.js";
import type { Fault, Kind } from "./fault.js";

const hour = 3_600_000;

function jump(hours: number): Fault {
  const said = hours > 0 ? `${hours} h ahead` : `${-hours} h back, which is refused`;
  return {
    what: `the clock is set ${said}`,
    // What is under way for a day of business time has its provider's key forgotten, and its booking's day gone.
    leavesToPeople: hours >= 24,
    strike: async ({ customers }) => {
      const { shop, patiently, move } = customers;
      if (hours > 0) await move(hours * hour);
      else {
        const to = new Date((await patiently(shop.now)).getTime() + hours * hour);
        const answer = await shop.clocks.advanceClock({ to, noWait: true }).catch((error) => error);
        if (!(answer instanceof RpcError) || answer.reason !== "CLOCK_BACKWARDS")
          throw new Error(`the clock was set back: ${answer}`);
      }
      return { hit: true, since: Date.now() };
    },
  };
}

export const clockFaults: readonly Kind[] = [
  {
    name: "clock",
    about: "business time jumps an hour or a day ahead, or is asked to go back",
    share: 3,
    draw: (chance) => jump(chance.pick([1, 24, -1, -24])),
  },
];
