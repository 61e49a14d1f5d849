// Carriers report as real ones do: over HTTP to the edge's webhook, signed by Standard Webhooks (standardwebhooks.com).
import { createHmac } from "node:crypto";
import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { rootCertificates } from "node:tls";
import { failpoint } from "#kit/failpoint.js";
import { traceparent } from "#kit/telemetry.js";
import type { Identity } from "#kit/tls.js";
import type { Report } from "./core/parcel.js";

/** What is told of one parcel. */
export type CarrierReport = { readonly carrier: string; readonly trackingNumber: string; readonly report: Report };

/** The edge understood a report and said no. */
export class ReportRefused extends Error {
  override readonly name = "ReportRefused";
}

/** The way to the edge. */
export type Carriers = {
  /** Whether there is an edge to report to. */
  readonly reporting: boolean;
  pointAt(gatewayUrl: string): void;
  /** Sends a report. @throws ReportRefused, or Error when the edge did not take it now */
  send(report: CarrierReport): Promise<void>;
  close(): void;
};

const timeoutMs = 5_000;
const connections = { keepAlive: true, maxSockets: 32 };

/**
 * @param secret signs for every carrier of the sandbox
 * @param identity shown to an edge that asks for a certificate
 */
export function openCarriers(gatewayUrl: string, secret: Buffer, identity?: Identity): Carriers {
  // One connection per report would cost more than the report.
  const agents = { "http:": new HttpAgent(connections), "https:": new HttpsAgent(connections) };
  const unfollow = identity?.follow(({ cert, key, ca }) => {
    // What is under way on the old one's connections ends there. The edge's certificate may be one of the public web.
    agents["https:"] = new HttpsAgent({ ...connections, cert, key, ca: [...rootCertificates, ca.toString()] });
  });
  let edge = gatewayUrl.replace(/\/$/, "");

  async function post(url: URL, headers: Record<string, string | number>, body: Buffer): Promise<number> {
    const secure = url.protocol === "https:";
    const agent = secure ? agents["https:"] : agents["http:"];
    failpoint("http", "report", "before");
    const status = await new Promise<number>((resolve, reject) => {
      const options = { method: "POST", agent, headers, timeout: timeoutMs };
      const call = (secure ? httpsRequest : httpRequest)(url, options, (response) => {
        response.resume();
        response.once("end", () => resolve(response.statusCode ?? 0));
        response.once("error", reject);
      });
      call.once("timeout", () => call.destroy(new Error(`no answer within ${timeoutMs} ms`)));
      call.once("error", reject);
      call.end(body);
    });
    failpoint("http", "report", "after");
    return status;
  }

  return {
    get reporting() {
      return edge !== "";
    },
    pointAt: (url) => {
      edge = url.replace(/\/$/, "");
    },
    send: async (told) => {
      const body = Buffer.from(JSON.stringify(toJson(told)));
      const status = await post(
        new URL(`${edge}/webhooks/carriers/${told.carrier}`),
        signed(secret, told.report.eventId, body),
        body,
      );
      if (status >= 200 && status <= 299) return;
      const message = `the edge answered ${status} to ${told.report.kind} of ${told.trackingNumber}`;
      throw status >= 400 && status <= 499 && status !== 429 ? new ReportRefused(message) : new Error(message);
    },
    close: () => {
      unfollow?.();
      agents["http:"].destroy();
      agents["https:"].destroy();
    },
  };
}

/** The proto3 JSON of RecordTracking's body. */
function toJson({ trackingNumber, report }: CarrierReport) {
  const { eventId, kind, code, fault, time } = report;
  const event = {
    event_id: eventId,
    kind: `TRACKING_KIND_${kind}`,
    code,
    fault: fault && `FAULT_${fault}`,
    event_time: time,
  };
  return { tracking_number: trackingNumber, event };
}

/** The standard's three headers. The timestamp is real time: business time may be weeks ahead. */
function signed(secret: Buffer, id: string, body: Buffer): Record<string, string | number> {
  const timestamp = Math.floor(Date.now() / 1000);
  const signature = createHmac("sha256", secret).update(`${id}.${timestamp}.`).update(body).digest("base64");
  const trace = traceparent();
  return {
    "content-type": "application/json",
    "content-length": body.length,
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1,${signature}`,
    ...(trace && { traceparent: trace }),
  };
}
