// Asks for a return and follows it to its end: what an app does after the tap.
import type { Edge } from "./client.js";

/** One step of its history, as it happens. */
export type Step = { readonly name: string; readonly state: string; readonly text: string };

/**
 * Returns one unit of an order line.
 * @param key the caller's own id for this request: tried again with the same one, it is the same return
 * @throws Refused
 */
export async function* returnGoods(edge: Edge, orderId: string, lineId: string, key: string): AsyncGenerator<Step> {
  const resolution = await edge.ask("POST /v1/resolutions", {
    headers: { "Idempotency-Key": key },
    body: { orderId, kind: "KIND_RETURN", lines: [{ lineId, quantity: 1, reason: "NO_LONGER_NEEDED" }] },
  });
  const path = { resolution_id: resolution.resolutionId };
  for await (const { entry } of edge.watch("GET /v1/resolutions/{resolution_id}:watch", { path })) {
    if (entry) yield { name: entry.name, state: entry.state, text: entry.text };
  }
}
