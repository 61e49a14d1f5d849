// Every way by which the processes of a mesh reach each other, Postgres and the bus, led through a proxy of its own: a
// process is told the proxy's address in place of the true one.

import type { Env } from "#kit/config.js";
import { callersOf } from "#kit/edges.js";
import { type ServiceName, serviceNames } from "../scripts/mesh/services.js";
import { openProxy, type TcpProxy } from "./proxy.js";

/** Where a way leads. */
export type Place = ServiceName | "postgres" | "nats";
export type Link = { readonly from: ServiceName; readonly to: Place; readonly proxy: TcpProxy };
export type Links = ReturnType<typeof openLinks>;

/** Settings that name a server by a URL. */
const servers: Readonly<Record<string, Place>> = {
  DATABASE_URL: "postgres",
  READ_DATABASE_URL: "postgres",
  NATS_URL: "nats",
  GATEWAY_URL: "gateway",
};

/** All the ways there are between processes of a mesh, in one order. */
export const ways: readonly { readonly from: ServiceName; readonly to: Place }[] = [
  ...serviceNames.flatMap((to) => (callersOf[to] ?? []).map((from) => ({ from: from as ServiceName, to }))),
  ...serviceNames.filter((it) => it !== "gateway").map((from) => ({ from, to: "postgres" }) as const),
  ...serviceNames.filter((it) => it !== "gateway" && it !== "partners").map((from) => ({ from, to: "nats" }) as const),
  { from: "partners", to: "gateway" },
];

export function openLinks() {
  const links: Link[] = [];

  async function proxyOf(from: ServiceName, to: Place, port: number): Promise<number> {
    const known = links.find((link) => link.from === from && link.to === to);
    if (known) return known.proxy.port;
    const proxy = await openProxy(port);
    links.push({ from, to, proxy });
    return proxy.port;
  }

  async function led(from: ServiceName, name: string, value: string, services: ReadonlyMap<string, ServiceName>) {
    const to = servers[name] ?? services.get(value);
    if (!to || value === "" || !(servers[name] || callersOf[to]?.includes(from))) return undefined;
    if (!servers[name]) return `127.0.0.1:${await proxyOf(from, to, Number(value.split(":").at(-1)))}`;
    const url = new URL(value);
    url.searchParams.delete("host"); // a Unix socket has no way that could break
    url.port = `${await proxyOf(from, to, Number(url.port))}`;
    return url.href.replace(/\/$/, "");
  }

  return {
    all: links as readonly Link[],
    /** The settings of a process, with a proxy's address in place of each that it calls. */
    through: async (from: ServiceName, settings: Env): Promise<Env> => {
      const services = new Map<string, ServiceName>();
      for (const name of serviceNames) services.set(settings[`${name.toUpperCase()}_ADDRESS`] ?? "", name);
      // All outside systems have one address: the sandbox's.
      services.set(settings.ORDER_ADDRESS ?? "", "partners");
      const more: Record<string, string> = {};
      for (const [name, value = ""] of Object.entries(settings)) {
        const address = await led(from, name, value, services);
        if (address) more[name] = address;
      }
      return more;
    },
    between: (from: ServiceName, to: Place): Link => {
      const link = links.find((it) => it.from === from && it.to === to);
      if (!link) throw new Error(`there is no way from ${from} to ${to}`);
      return link;
    },
    to: (to: Place) => links.filter((link) => link.to === to),
    tidy: () => {
      for (const { proxy } of links) proxy.tidy();
    },
    close: async () => {
      await Promise.all(links.map(({ proxy }) => proxy.close()));
    },
  };
}
