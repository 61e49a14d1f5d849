// Facts that come again: doubled and shuffled under new ids of the broker's, or whole streams from their beginning.
import { jetstreamManager } from "@nats-io/jetstream";
import { connect, headers } from "nats";
import type { Chance } from "../prove/chance.js";
import { services } from "../scripts/invariants/invariant.js";
import type { Fault, Kind } from "./fault.js";

/** The last ones of each service. */
const again = 150;

/** The chance is used up as the facts are there: the same trial tells them in the same order. */
function toldAgain(chance: Chance): Fault {
  return {
    what: `the last ${again} facts of each service come again, doubled and shuffled`,
    strike: async ({ books, mesh }) => {
      const of = services.map(
        (service) => `(SELECT event_id, subject, body FROM ${mesh.schemaOf(service)}.outbox
          ORDER BY create_time DESC, event_id LIMIT ${again})`,
      );
      const { rows } = await books.query(of.join(" UNION ALL "));
      const bus = await connect({ servers: mesh.servers.natsUrl });
      for (const { event_id, subject, body } of chance.retold(rows)) {
        const known = headers();
        known.set("ce-id", event_id);
        known.set("ce-type", subject);
        bus.publish(subject, body, { headers: known });
      }
      await bus.flush();
      await bus.close();
      return { hit: rows.length > 0, since: Date.now() };
    },
  };
}

/** Their places in the streams are deleted, and their connections cut: they begin again at the first message. */
function replayed(): Fault {
  return {
    what: "every consumer is deleted, and begins again at the start of its stream",
    strike: async ({ mesh, links }) => {
      const bus = await connect({ servers: mesh.servers.natsUrl });
      const manager = await jetstreamManager(bus);
      let deleted = 0;
      for await (const { config } of manager.streams.list()) {
        for await (const { name } of manager.consumers.list(config.name)) {
          await manager.consumers.delete(config.name, name);
          deleted++;
        }
      }
      await bus.close();
      for (const { proxy } of links.to("nats")) proxy.behave("cut");
      for (const { proxy } of links.to("nats")) proxy.behave("open");
      return { hit: deleted > 0, since: Date.now() };
    },
  };
}

export const deliveryFaults: readonly Kind[] = [
  { name: "told-again", about: "facts delivered again, doubled and shuffled", share: 5, draw: toldAgain },
  { name: "replayed", about: "whole streams delivered again from their beginning", share: 2, draw: () => replayed() },
];
