// The network between two of them fails: cut, silent, slow, byte by byte, or with connections that one side alone still
// believes in.
import { setTimeout as wait } from "node:timers/promises";
import type { Chance } from "../prove/chance.js";
import type { Fault, Kind } from "./fault.js";
import { ways } from "./links.js";
import type { Manner } from "./proxy.js";

type Way = (typeof ways)[number];

function behaving({ from, to }: Way, manner: Manner, ms: number): Fault {
  return {
    what: `${from} → ${to} is ${manner} for ${(ms / 1000).toFixed(1)} s`,
    strike: async ({ links }) => {
      const { proxy } = links.between(from, to);
      proxy.behave(manner);
      await wait(ms);
      proxy.behave("open");
      return { hit: true, since: Date.now() };
    },
  };
}

function forgotten({ from, to }: Way): Fault {
  return {
    what: `${from} → ${to} forgets its connections`,
    strike: async ({ links }) => {
      const hit = links.between(from, to).proxy.forget();
      return { hit, since: Date.now() };
    },
  };
}

const kind = (name: string, manner: Manner, share: number, about: string): Kind => ({
  name,
  about,
  share,
  draw: (chance: Chance) => behaving(chance.pick(ways), manner, chance.between(500, 4_000)),
});

export const networkFaults: readonly Kind[] = [
  kind("net-cut", "cut", 4, "a way cut: connections broken, none let in"),
  kind("net-silent", "silent", 3, "a way that carries nothing, and delivers it later"),
  kind("net-slow", "slow", 3, "a way that takes 150 ms longer in each direction"),
  kind("net-drip", "dripping", 2, "a way that brings the start of everything byte by byte"),
  {
    name: "net-half-open",
    about: "a way whose connections never carry a byte again, and nobody is told",
    share: 3,
    draw: (chance) => forgotten(chance.pick(ways)),
  },
];
