// The words of a simulated world: who is in it, and what its parts do for each other.
import type { Caller } from "#kit/access.js";
import type { Connect } from "#kit/client.js";
import type { LeasedStep } from "#kit/commit.js";
import type { Implementation } from "#kit/server.js";
import type { Ground, ServiceParts } from "#kit/service.js";
import type { Reader } from "../database/reader.js";
import type { Schema, Twin } from "../database/schema.js";
import type { Row } from "../database/table.js";
import type { Schedule } from "./schedule.js";
import type { Weather } from "./weather.js";

/** A process of a service. */
export type Host = {
  readonly service: string;
  readonly name: string;
  alive: boolean;
  /** Undefined until it is up. */
  parts: ServiceParts | undefined;
  /** What must be known of its work where it dies: calls it answers, facts it takes in. */
  readonly underWay: Set<() => void>;
};

/** How a service's parts are put together on a ground. */
export type Wire = (ground: Ground) => ServiceParts | Promise<ServiceParts>;

/** A core: its wiring, and what stands for its schema. */
export type Core = { readonly wire: Wire; readonly twin: Twin; readonly reader?: Reader };

export type Network = {
  /** From now on a partner answers a contract. */
  answer(partner: string, implementation: Implementation): void;
  /** Clients of whoever answers a contract, for a process. */
  connect(host: Host): Connect;
  /** A person's clients: every call is theirs. */
  as(caller: Caller): Connect;
};

export type SimulatedAgenda = {
  /** Has a step claimed when it may be. */
  wait(schema: Schema, step: Row): void;
  perform(host: Host, step: LeasedStep): void;
  /** Removes a step that changes nothing else, a little later. */
  finish(host: Host, step: LeasedStep): void;
};

export type Broker = {
  publish(fact: Row): void;
  /** Facts on their way, with their consumer. */
  readonly open: ReadonlySet<string>;
  /** What nobody could take in, and why. */
  readonly letters: ReadonlyMap<string, string>;
};

export type World = {
  readonly schedule: Schedule;
  readonly weather: Weather;
  readonly network: Network;
  readonly agenda: SimulatedAgenda;
  readonly broker: Broker;
  readonly schemas: Readonly<Record<string, Schema>>;
  readonly readers: Readonly<Record<string, Reader | undefined>>;
  /** One of a service's processes that are up; undefined if none is. */
  liveHost(service: string): Host | undefined;
  /** The services that listen to a fact. */
  listeners(subject: string): readonly string[];
  crash(host: Host): void;
  /** An error on its way to a caller, or to another try: one that nobody meant is a fault of ours. */
  heardOf(where: string, error: unknown): void;
  /** Something that must never be. */
  broken(what: string): void;
  readonly breaches: readonly string[];
  /** Refusals that were answered or led to another try, by reason. */
  readonly refusals: ReadonlyMap<string, number>;
  /** When the storm is over. */
  readonly calmMs: number;
};

/** Who looks at every row as it is committed. */
export type Witness = (world: World, service: string, table: string, row: Row, before: Row | undefined) => void;
