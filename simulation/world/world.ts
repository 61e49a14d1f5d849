// The cores' processes, their schemas, the network and the bus between them, the partners outside: one story's world.
import { RpcError } from "#kit/errors.js";
import { leaseLost } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import type { ServiceParts } from "#kit/service.js";
import { type Guarantee, Schema } from "../database/schema.js";
import type { Row } from "../database/table.js";
import { openAgenda } from "./agenda.js";
import { openBroker } from "./broker.js";
import { boot } from "./host.js";
import { openNetwork } from "./network.js";
import type { Schedule } from "./schedule.js";
import type { Core, Host, Witness, World } from "./types.js";
import type { Weather } from "./weather.js";

export type Setting = {
  readonly schedule: Schedule;
  readonly weather: Weather;
  readonly cores: Readonly<Record<string, Core>>;
  readonly witness: Witness;
  readonly calmMs: number;
  readonly forgotten?: readonly Guarantee[] | undefined;
  /** Breaks something in a core's parts, to see that a story would show it. */
  readonly spoil?: Spoil | undefined;
};

export type Spoil = (service: string, parts: ServiceParts) => ServiceParts;

const replicas = 2;

export function openWorld({
  schedule,
  weather,
  cores,
  witness,
  calmMs,
  forgotten,
  spoil = (_, parts) => parts,
}: Setting): World {
  const hosts = new Map<string, (Host | undefined)[]>();
  const breaches: string[] = [];
  const refusals = new Map<string, number>();
  const subscribed = new Map<string, Set<string>>();
  const chance = schedule.chance("hosts");

  const schemas = Object.fromEntries(
    Object.entries(cores).map(([service, { twin }]) => {
      const watch = {
        step: (row: Row) => world.agenda.wait(schemas[service] as Schema, row),
        facts: (rows: readonly Row[]) => rows.forEach(world.broker.publish),
        change: (table: string, row: Row, before: Row | undefined) => {
          schedule.tell(`${service} ${table} ${Object.values(row)[0]} v${row.version} ${row.state}`);
          witness(world, service, table, row, before);
        },
      };
      return [service, new Schema(service, twin, schedule.now, watch, forgotten)];
    }),
  );

  function start(service: string, place: number): void {
    const { wire } = cores[service] as Core;
    const host = boot(world, service, `${service}#${place}`, async (ground) => {
      const parts = spoil(service, await wire(ground));
      for (const subject of Object.keys(parts.facts ?? {}))
        subscribed.set(subject, (subscribed.get(subject) ?? new Set()).add(service));
      return parts;
    });
    const places = hosts.get(service) ?? [];
    places[place] = host;
    hosts.set(service, places);
  }

  const world: World = {
    schedule,
    weather,
    schemas,
    readers: Object.fromEntries(Object.entries(cores).map(([service, { reader }]) => [service, reader])),
    breaches,
    refusals,
    calmMs,
    network: undefined as never,
    agenda: undefined as never,
    broker: undefined as never,
    liveHost: (service) => {
      const up = (hosts.get(service) ?? []).flatMap((host) => (host?.alive && host.parts ? [host] : []));
      return up.length > 0 ? chance.pick(up) : undefined;
    },
    listeners: (subject) => [...(subscribed.get(subject) ?? [])],
    crash: (host) => {
      if (!host.alive) return;
      host.alive = false;
      schedule.tell(`${host.name} dies`);
      for (const lost of host.underWay) lost();
      host.underWay.clear();
      const downMs = chance.pick([50, 2_000, 20_000, 120_000, 900_000]);
      schedule.after(downMs, () => start(host.service, Number(host.name.split("#")[1])));
    },
    heardOf: (where, error) => {
      const meant = error instanceof DomainError || error instanceof RpcError || leaseLost(error);
      if (!meant) world.broken(`${where} failed without a reason: ${(error as Error)?.stack ?? error}`);
      const reason = (error as Partial<DomainError>)?.reason || "UNANSWERED";
      refusals.set(reason, (refusals.get(reason) ?? 0) + 1);
    },
    broken: (what) => {
      schedule.tell(`BROKEN ${what}`);
      breaches.push(what);
    },
  };
  Object.assign(world, { agenda: openAgenda(world), broker: openBroker(world), network: openNetwork(world) });
  for (const service of Object.keys(cores)) for (let place = 0; place < replicas; place++) start(service, place);
  return world;
}
