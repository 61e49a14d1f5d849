// A nats-server that is killed, restarted, emptied, cut off or slow.
import { setTimeout as wait } from "node:timers/promises";
import type { LocalNats } from "#kit/local/nats.js";
import type { Chance } from "../prove/chance.js";
import type { Fault, Kind } from "./fault.js";
import type { House } from "./house.js";
import type { Manner } from "./proxy.js";

/** @throws Error where the mesh uses somebody else's server, which is not ours to harm */
export function natsOf({ mesh }: House): LocalNats {
  if (!mesh.servers.nats) throw new Error("NATS_URL names a server that is not ours: unset it");
  return mesh.servers.nats;
}

function gone(how: "kill" | "stop", ms: number): Fault {
  return {
    what: `nats-server is ${how === "kill" ? "killed" : "stopped"}, and started again ${ms} ms later`,
    strike: async (house) => {
      const nats = natsOf(house);
      await nats[how]();
      const since = Date.now();
      await wait(ms);
      await nats.restart();
      return { hit: true, since, readyMs: Date.now() - since };
    },
  };
}

function emptied(): Fault {
  return {
    what: "nats-server is killed, and started again with an empty store",
    strike: async (house) => {
      const since = Date.now();
      await natsOf(house).wipe();
      return { hit: true, since, readyMs: Date.now() - since };
    },
  };
}

function behaving(manner: Manner, ms: number, said: string): Fault {
  return {
    what: `${said} for ${(ms / 1000).toFixed(1)} s`,
    strike: async ({ links }) => {
      for (const { proxy } of links.to("nats")) proxy.behave(manner);
      await wait(ms);
      for (const { proxy } of links.to("nats")) proxy.behave("open");
      return { hit: true, since: Date.now() };
    },
  };
}

export const busFaults: readonly Kind[] = [
  {
    name: "nats-kill",
    about: "nats-server killed or stopped, and started again within two seconds",
    share: 5,
    draw: (chance) => gone(chance.pick(["kill", "kill", "stop"] as const), chance.between(0, 2_000)),
  },
  { name: "nats-wipe", about: "the JetStream store deleted", share: 3, draw: () => emptied() },
  {
    name: "nats-away",
    about: "nobody reaches nats-server for 3 to 8 seconds",
    share: 3,
    draw: (chance: Chance) => behaving("cut", chance.between(3_000, 8_000), "nobody reaches nats-server"),
  },
  {
    name: "nats-slow",
    about: "nats-server answers 300 ms later",
    share: 2,
    draw: (chance) => behaving("slow", chance.between(1_000, 3_000), "nats-server answers 300 ms later"),
  },
];
