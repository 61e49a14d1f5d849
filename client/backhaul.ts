// createBackhaul: one object with a typed client per service of the mesh.
import * as mesh from "../gen/client/mesh.js";
import type { AnyMethod } from "../services/_kit/methods.js";
import { credentialsOf, type Line, openLine } from "./line.js";
import { type BackhaulOptions, type CallOptions, settingsOf, type WatchOptions } from "./options.js";
import { each } from "./pager.js";
import type { ClientsOf, Contract, Fact } from "./shape.js";
import { follow } from "./stream.js";
import { ask, type Written } from "./unary.js";

/** A process of the mesh, as `addresses` names it. */
export type Home = (typeof mesh)[keyof typeof mesh]["home"];

/** The services of the mesh. */
export type Backhaul = ClientsOf<typeof mesh>;

/**
 * The mesh at its addresses. Nothing is connected before the first call.
 * @throws TypeError without an address, RangeError for a number that cannot be, Error for a certificate that is none
 */
export function createBackhaul(options: BackhaulOptions<Home>): Backhaul {
  return clientsOf(mesh, options);
}

/** The clients of any set of contracts. */
export function clientsOf<S extends Readonly<Record<string, Contract>>>(
  contracts: S,
  options: BackhaulOptions<string>,
): ClientsOf<S> {
  const settings = settingsOf(options);
  const channel = credentialsOf(options.tls);
  if (!options.address && !options.addresses) throw new TypeError("say where the mesh is: address, or addresses");
  const lines = new Map<string, Line>();
  const lineTo = (home: string): Line => {
    const address = options.addresses?.[home] ?? options.address;
    if (!address) throw new TypeError(`say where ${home} is: addresses.${home}, or address for all`);
    const line = lines.get(home) ?? openLine(address, settings, channel);
    lines.set(home, line);
    return line;
  };
  const clients = Object.entries(contracts).map(([name, { definition, home, facts }]) => {
    const methods = Object.entries(facts).map(([rpc, fact]) => [
      rpc,
      methodOf(() => lineTo(home), definition[rpc] as AnyMethod, fact),
    ]);
    return [name, Object.fromEntries(methods)];
  });
  const close = () => {
    for (const { client } of lines.values()) client.close();
  };
  return { ...Object.fromEntries(clients), close };
}

function methodOf(line: () => Line, method: AnyMethod, fact: Fact) {
  if (method.responseStream) {
    return (request: object, options?: WatchOptions) => follow(line(), method, fact, request, options);
  }
  const unary = async (request: Written, options?: CallOptions) => ask(line(), method, fact, request, options);
  const { items } = fact;
  if (items === undefined) return unary;
  const pages = (request: Written, options?: CallOptions) => each((page) => unary(page, options), items, request);
  return Object.assign(unary, { each: pages });
}
