// The service with its partners around it, and what a test does at its doors.

import { CustodyServiceService } from "#gen/backhaul/inspection/v1/custody_service.js";
import { DockServiceService } from "#gen/backhaul/inspection/v1/dock_service.js";
import type {
  ExpectationTerms,
  Finding as FindingMessage,
  Inspection,
} from "#gen/backhaul/inspection/v1/inspection.js";
import { InspectionState } from "#gen/backhaul/inspection/v1/inspection.js";
import { InspectionServiceService } from "#gen/backhaul/inspection/v1/inspection_service.js";
import { auditKeyOf } from "#kit/audit/config.js";
import { ownCall } from "#kit/call.js";
import type { Env } from "#kit/config.js";
import { newId } from "#kit/ids.js";
import { openDatabase } from "#kit/postgres.js";
import { clientAs, playPartners, until } from "#kit/testing/peers.js";
import { openStage } from "#kit/testing/stage.js";
import { readInspectionConfig } from "../config.js";
import type { Finding } from "../core/types.js";
import { inspectionFacts } from "../events.js";
import { toInspection } from "../proto.js";
import { start } from "../service.js";
import { inspection, mugsAndLamp } from "./builders.js";
import { openPartners } from "./partners.js";

export type House = Awaited<ReturnType<typeof openHouse>>;

/** Findings as the bench sends them. */
export const messagesOf = (findings: readonly Finding[]): FindingMessage[] =>
  toInspection(inspection({ findings })).findings;

export const state = (word: "EXPECTED" | "REGISTERED" | "INSPECTED" | "CANCELED"): InspectionState =>
  InspectionState[`INSPECTION_STATE_${word}`];

/** Starts all of it. `client` calls as a service, `bench` as Wendy of the warehouse. */
export async function openHouse(settings: Env = {}) {
  const stage = await openStage();
  const partners = openPartners();
  const played = await playPartners(stage, partners.contracts);
  const { address } = played;
  const env = stage.env("inspection", {
    WAREHOUSE_ADDRESS: address,
    INVENTORY_ADDRESS: address,
    MEDIA_ADDRESS: address,
    ...settings,
  });
  const running = await start(readInspectionConfig(env));
  const db = openDatabase({ url: stage.databaseUrl, schema: env.DATABASE_SCHEMA ?? "", poolSize: 1 });
  const client = clientAs(InspectionServiceService, running.port);
  const bench = clientAs(InspectionServiceService, running.port, "WAREHOUSE", "wendy");
  const dock = clientAs(DockServiceService, running.port, "WAREHOUSE", "dora");
  const custody = clientAs(CustodyServiceService, running.port, "WAREHOUSE", "dora");

  const expectation = (change = {}) => ({
    requestId: newId("req"),
    resolutionId: newId("res"),
    orderId: "o-1",
    market: "GB",
    lines: mugsAndLamp.map((line) => ({ ...line })),
    terms: undefined as ExpectationTerms | undefined,
    ...change,
  });
  async function expected(change = {}): Promise<Inspection> {
    return (await client.expectReceipt(expectation(change))).inspection!;
  }
  const rows = <R>(text: string, inspectionId: string) => db.query<R>({ name: "", text }, [inspectionId]);
  const stepsLeft = (inspectionId: string) =>
    rows<{ step: string }>("SELECT step FROM agenda WHERE aggregate_id = $1", inspectionId);

  return {
    stage,
    schema: env.DATABASE_SCHEMA ?? "",
    auditKey: auditKeyOf("", env.MESH_SECRET ?? ""),
    port: running.port,
    partners,
    client,
    bench,
    dock,
    custody,
    /** As a replica of the service would, past all doors. */
    query: <R>(text: string, values: readonly unknown[] = []) => db.query<R>({ name: "", text }, values),
    as: (role: "AGENT" | "WAREHOUSE" | "LEAD" | "SELLER", subject: string) =>
      clientAs(InspectionServiceService, running.port, role, subject),
    custodyOf: (subject: string) => clientAs(CustodyServiceService, running.port, "CARRIER", subject),
    /** Has the service hear a fact of the collection's. */
    hear: async <T>(
      name: string,
      message: { encode(fact: T): { finish(): Uint8Array } },
      fact: T,
      eventId = newId("evt"),
    ) => {
      const handler = inspectionFacts(db)[`backhaul.collection.v1.${name}`]!;
      await handler({ body: message.encode(fact).finish(), eventId, subject: name }, ownCall("test"));
    },
    expectation,
    expected,
    async received(): Promise<Inspection> {
      const { inspectionId } = await expected();
      return (await bench.receiveParcel({ requestId: newId("req"), inspectionId })).inspection!;
    },
    complete: (inspectionId: string, findings: readonly Finding[], withoutOutstanding = false) => {
      const said = { findings: messagesOf(findings), withoutOutstanding };
      return bench.completeInspection({ requestId: newId("req"), inspectionId, ...said });
    },
    stepsLeft,
    allDone: (inspectionId: string) =>
      until("all steps done", async () => (await stepsLeft(inspectionId)).length === 0),
    facts: (inspectionId: string) =>
      rows<{ subject: string; body: Buffer }>(
        "SELECT subject, body FROM outbox WHERE aggregate_id = $1 ORDER BY event_id",
        inspectionId,
      ),
    /** What shows up as not done, without the time. */
    async attention(inspectionId: string): Promise<object[]> {
      const [row] = await rows<{ attention: { time: string }[] }>(
        "SELECT attention FROM inspection WHERE inspection_id = $1",
        inspectionId,
      );
      return row!.attention.map(({ time: _, ...what }) => what);
    },
    async close(): Promise<void> {
      client.close();
      bench.close();
      dock.close();
      custody.close();
      await running.stop();
      await played.stop();
      await db.close();
      await stage.close();
    },
  };
}

/** Calls, or work done, that concern one inspection. */
export const of = <T extends { inspectionId: string }>(calls: readonly T[], inspectionId: string): T[] =>
  calls.filter((call) => call.inspectionId === inspectionId);
