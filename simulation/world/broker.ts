// Facts from outboxes to whoever listens: at least once each, in any order, some of them twice and some after hours. One
// that is refused comes again; after so many times it is a dead letter, which an operator replays.
import { ownCall } from "#kit/call.js";
import type { Row } from "../database/table.js";
import type { Broker, Host, World } from "./types.js";

const ackWaitMs = 30_000;
const deliveriesMax = 10;
const replayMs = 7_200_000;
/** Replays after which nobody believes any more that it is the weather. */
const replaysMax = 12;

export function openBroker(world: World): Broker {
  const { schedule, weather } = world;
  const chance = schedule.chance("broker");
  /** Facts on their way to a consumer. */
  const open = new Set<string>();
  const letters = new Map<string, string>();

  function publish(fact: Row): void {
    for (const consumer of world.listeners(fact.subject)) {
      open.add(`${consumer} ${fact.eventId}`);
      const ms = weather.strikes("fact late") ? chance.between(600_000, 20_000_000) : chance.between(2, 400);
      later(ms, consumer, fact, 1);
      while (weather.strikes("fact twice")) later(chance.between(2, 3_600_000), consumer, fact, 1);
    }
  }

  function later(ms: number, consumer: string, fact: Row, deliveries: number, replays = 0): void {
    schedule.after(ms, () => deliver(consumer, fact, deliveries, replays));
  }

  function deliver(consumer: string, fact: Row, deliveries: number, replays: number): unknown {
    const host = world.liveHost(consumer);
    if (!host) return later(1_000, consumer, fact, deliveries, replays);
    const died = () => later(ackWaitMs, consumer, fact, deliveries + 1, replays);
    host.underWay.add(died);
    void take(host, fact).then((error) => {
      if (!host.underWay.delete(died)) return;
      const { subject, eventId, aggregateId } = fact;
      schedule.tell(
        `${host.name} fact ${subject} ${aggregateId} ${error ? `again: ${(error as Error).message}` : "taken"}`,
      );
      if (!error) {
        open.delete(`${consumer} ${eventId}`);
        letters.delete(eventId);
        return;
      }
      world.heardOf(`fact ${subject}`, error);
      if (deliveries < deliveriesMax) {
        later(Math.min(200 * 2 ** (deliveries - 1), 15_000), consumer, fact, deliveries + 1, replays);
        return;
      }
      letters.set(eventId, `${subject} to ${consumer}: ${(error as Error).message}`);
      if (replays < replaysMax) later(replayMs, consumer, fact, 1, replays + 1);
    });
  }

  async function take(host: Host, { subject, body, eventId }: Row): Promise<unknown> {
    try {
      await host.parts?.facts?.[subject]?.({ subject, body, eventId } as never, ownCall(host.service));
      return undefined;
    } catch (error) {
      return error;
    }
  }

  return { publish, open, letters };
}
