// Who the sandbox reports to: an edge that checks signatures, an inspection service and a refund service that keep what
// they are told.
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { DockServiceService, type ScanParcelRequest } from "#gen/backhaul/inspection/v1/dock_service.js";
import { type ExpectedLine, Inspection, InspectionState } from "#gen/backhaul/inspection/v1/inspection.js";
import {
  type CompleteInspectionRequest,
  InspectionServiceService,
  type ReceiveParcelRequest,
  type RecordFindingRequest,
} from "#gen/backhaul/inspection/v1/inspection_service.js";
import { type NoteProviderNewsRequest, RefundServiceService } from "#gen/backhaul/refund/v1/refund_service.js";
import type { Caller } from "#kit/access.js";
import { Unavailable } from "#kit/errors.js";
import { DomainError } from "#kit/pure/check.js";
import { type Handlers, implement } from "#kit/server.js";
import { playPartners } from "#kit/testing/peers.js";
import type { Stage } from "#kit/testing/stage.js";
import { webhookKey } from "./builders.js";

/** A report as it came in. */
export type Seen = {
  readonly carrier: string;
  readonly tracking_number: string;
  readonly event: {
    readonly event_id: string;
    readonly kind: string;
    readonly code: string;
    readonly fault?: string;
    readonly event_time: string;
  };
};

/** The edge's webhook. `answer` is the status it gives. */
export async function edge() {
  const reports: Seen[] = [];
  const faults: string[] = [];
  const state = { answer: 204, connections: 0 };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      const { "webhook-id": id, "webhook-timestamp": time, "webhook-signature": signature } = request.headers;
      const right = `v1,${createHmac("sha256", webhookKey).update(`${id}.${time}.${body}`).digest("base64")}`;
      if (signature !== right) faults.push(`signature ${signature}`);
      if (Math.abs(Date.now() / 1000 - Number(time)) > 5) faults.push(`timestamp ${time}`);
      const carrier = /^\/webhooks\/carriers\/([a-z]+)$/.exec(request.url ?? "")?.[1];
      if (!carrier || request.method !== "POST") faults.push(`${request.method} ${request.url}`);
      if (state.answer === 204) reports.push({ carrier: carrier ?? "", ...JSON.parse(body.toString()) });
      response.writeHead(state.answer).end();
    });
  });
  server.on("connection", () => state.connections++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    reports,
    faults,
    state,
    of: (trackingNumber: string) => reports.filter((r) => r.tracking_number === trackingNumber),
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}

export type Edge = Awaited<ReturnType<typeof edge>>;

/** The inspection service. `refusing` makes it say no for good. */
export async function bench(stage: Stage) {
  const received: ReceiveParcelRequest[] = [];
  const completed: CompleteInspectionRequest[] = [];
  const callers: Caller[] = [];
  const scanned: ScanParcelRequest[] = [];
  const recorded: (RecordFindingRequest & { readonly who: string })[] = [];
  const state = { refusing: false, wantsTwo: false, expected: [] as ExpectedLine[] };
  const inspection = (inspectionId: string) =>
    Inspection.fromPartial({
      inspectionId,
      state: InspectionState.INSPECTION_STATE_REGISTERED,
      expected: state.expected,
      recorded: recorded.flatMap(({ finding, ...of }) =>
        of.inspectionId === inspectionId && finding ? [finding] : [],
      ),
    });
  const notPlayed = async () => {
    throw new DomainError("INTERNAL", "a warehouse's system does not call this", {});
  };
  const handlers = Object.fromEntries(Object.keys(InspectionServiceService).map((name) => [name, notPlayed]));
  const contract = implement(InspectionServiceService, {
    ...(handlers as unknown as Handlers<typeof InspectionServiceService>),
    receiveParcel: async (request, { caller }) => {
      callers.push(caller);
      if (state.refusing) throw new DomainError("INSPECTION_STATE", "canceled", {});
      received.push(request);
      return { inspection: inspection(request.inspectionId) };
    },
    getInspection: async ({ inspectionId }) => ({ inspection: inspection(inspectionId) }),
    recordFinding: async (request, { caller }) => {
      recorded.push({ ...request, who: caller.subject });
      return { inspection: inspection(request.inspectionId) };
    },
    completeInspection: async (request) => {
      const seenBy = new Set(recorded.filter((r) => r.inspectionId === request.inspectionId).map(({ who }) => who));
      if (state.wantsTwo && seenBy.size < 2) throw new DomainError("SECOND_INSPECTOR", "two people have to look", {});
      completed.push(request);
      return { inspection: inspection(request.inspectionId) };
    },
  });
  const dock = implement(DockServiceService, {
    ...(Object.fromEntries(Object.keys(DockServiceService).map((name) => [name, notPlayed])) as unknown as Handlers<
      typeof DockServiceService
    >),
    scanParcel: async (request) => {
      scanned.push(request);
      return { inspection: inspection(request.inspectionId), quarantined: [], also: [] };
    },
  });
  const { address, stop } = await playPartners(stage, [contract, dock]);
  return { address, stop, received, scanned, recorded, completed, callers, state };
}

export type Bench = Awaited<ReturnType<typeof bench>>;

/** The refund service, as far as providers know it. `away` makes it fail. */
export async function refundDesk(stage: Stage) {
  const news: NoteProviderNewsRequest[] = [];
  const callers: Caller[] = [];
  const state = { away: false, asked: 0 };
  const notPlayed = async () => {
    throw new DomainError("INTERNAL", "a provider does not call this", {});
  };
  const handlers = Object.fromEntries(Object.keys(RefundServiceService).map((name) => [name, notPlayed]));
  const contract = implement(RefundServiceService, {
    ...(handlers as unknown as Handlers<typeof RefundServiceService>),
    noteProviderNews: async (request, { caller }) => {
      state.asked++;
      if (state.away) throw new Unavailable("STORE_UNAVAILABLE", "come back later");
      callers.push(caller);
      news.push(request);
      return { refunds: 1 };
    },
  });
  const { address, stop } = await playPartners(stage, [contract]);
  return {
    address,
    stop,
    news,
    callers,
    state,
    of: (name: string) => news.filter((n) => n.key === name || n.paymentId === name),
  };
}

export type RefundDesk = Awaited<ReturnType<typeof refundDesk>>;
