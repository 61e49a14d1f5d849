// Two replicas of the service with the outside systems played, clients of both, and the way of a policy into force.
import assert from "node:assert/strict";
import { EligibilityServiceService, RequestedLine } from "#gen/backhaul/eligibility/v1/eligibility_service.js";
import { PolicyServiceService } from "#gen/backhaul/eligibility/v1/policy_service.js";
import { Kind } from "#gen/backhaul/type/v1/kind.js";
import type { RoleWord } from "#kit/contracts.js";
import { RpcError } from "#kit/errors.js";
import { newId } from "#kit/ids.js";
import { openDatabase } from "#kit/postgres.js";
import { clientAs, playPartners } from "#kit/testing/peers.js";
import { openStage } from "#kit/testing/stage.js";
import { readEligibilityConfig } from "../config.js";
import { start } from "../service.js";
import { policyLife } from "./life.js";
import { partners } from "./partners.js";

/** That an rpc was refused for this reason, with at least these metadata. */
export const reason =
  (expected: string, metadata: Readonly<Record<string, string>> = {}) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof RpcError, String(error));
    assert.equal(error.reason, expected, error.message);
    for (const [key, value] of Object.entries(metadata)) assert.equal(error.metadata[key], value, key);
    return true;
  };

export type Desk = Awaited<ReturnType<typeof openDesk>>;

/** Ann writes policies, Bob approves them, Lee leads the desk. */
export async function openDesk() {
  const world = partners();
  const stage = await openStage();
  const playing = await playPartners(stage, world.contracts);
  const names = ["ORDER", "SHIPMENT", "CATALOG", "MEMBERSHIP", "RISK", "CALENDAR"];
  const addresses = Object.fromEntries(names.map((name) => [`${name}_ADDRESS`, playing.address]));
  const config = readEligibilityConfig(stage.env("eligibility", addresses));
  // Two replicas at once, on one schema that nobody has used before.
  const replicas = await Promise.all([start(config), start(config)]);
  const db = openDatabase({ url: stage.databaseUrl, schema: config.databaseSchema, poolSize: 2 });

  const clients: { close(): void }[] = [];
  const kept = <C extends { close(): void }>(client: C): C => {
    clients.push(client);
    return client;
  };
  const policiesAs = (role: RoleWord, subject: string, replica = 0) =>
    kept(clientAs(PolicyServiceService, replicas[replica]?.port ?? 0, role, subject));
  const decisionsAs = (role: RoleWord, subject: string, replica = 0) =>
    kept(clientAs(EligibilityServiceService, replicas[replica]?.port ?? 0, role, subject));
  const author = policiesAs("POLICY_AUTHOR", "ann");
  const approver = policiesAs("POLICY_APPROVER", "bob");
  const lead = policiesAs("LEAD", "lee");
  const services = [decisionsAs("SERVICE", "test", 0), decisionsAs("SERVICE", "test", 1)] as const;

  /** The decision about one unit of an order, by one of the replicas. */
  async function decide(orderId: string, replica: 0 | 1 = 0) {
    const lines = [RequestedLine.fromPartial({ lineId: "l-1", quantity: 1, reason: "NO_LONGER_NEEDED" })];
    const asked = { requestId: newId("req"), orderId, kind: Kind.KIND_RETURN, lines };
    const { decision } = await services[replica].decideEligibility(asked);
    return decision!;
  }

  return {
    world,
    stage,
    db,
    policiesAs,
    decisionsAs,
    author,
    approver,
    lead,
    decide,
    ...policyLife(author, approver),
    close: async () => {
      for (const client of clients) client.close();
      await db.close();
      await Promise.all(replicas.map((replica) => replica.stop()));
      await playing.stop();
      await stage.close();
    },
  };
}
