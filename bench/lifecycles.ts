// Returns from POST /v1/resolutions to the settled refund and the closed resolution, so many at a time.
import { ScenarioServiceService } from "#gen/backhaul/sandbox/v1/scenario_service.js";
import { newId } from "#kit/ids.js";
import type { Desk } from "../prove/desk.js";
import { type Bought, buy, openEdge, returnOf } from "./shop.js";

/** Nothing waits in these: parcels come and are looked at as soon as they may. */
export async function openLifecycles(desk: Desk, inFlight: number) {
  const { issuer, gatewayUrl } = desk.mesh;
  const zero = { seconds: 0n, nanos: 0 };
  await desk
    .as("partners", ScenarioServiceService, "OPERATOR")
    .setPace({ pace: { pickup: zero, transit: zero, inspection: zero, retry: zero } });
  const edge = openEdge(gatewayUrl);
  const database = await desk.connection();
  const tokens = new Map<string, string>();

  async function tokenOf({ customerId }: Bought): Promise<string> {
    const token = tokens.get(customerId) ?? (await issuer.token("CUSTOMER", customerId));
    tokens.set(customerId, token);
    return token;
  }

  async function closed(orders: readonly Bought[]): Promise<number> {
    const text = `SELECT count(*)::int AS n FROM ${desk.mesh.schemaOf("resolution")}.resolution
      WHERE state = 'CLOSED' AND order_id = ANY($1)`;
    return (await database.query(text, [orders.map(({ orderId }) => orderId)])).rows[0].n;
  }

  return {
    buy: (count: number) => buy(desk.sandbox, count, newId("run").slice(-6)),

    /** Drives all of them to their end; how many ended a second. */
    drive: async (orders: readonly Bought[]): Promise<number> => {
      const failures: Error[] = [];
      let next = 0;
      let done = 0;
      const begin = performance.now();
      const ask = async (order: Bought) => {
        const { status, text } = await edge.post(
          "/v1/resolutions",
          await tokenOf(order),
          newId("key"),
          returnOf(order),
        );
        if (status !== 200) throw new Error(`POST /v1/resolutions answered ${status}: ${text}`);
      };
      while (done < orders.length) {
        while (next - done < inFlight && next < orders.length)
          ask(orders[next++] as Bought).catch((error) => failures.push(error));
        await new Promise((resolve) => setTimeout(resolve, 50));
        if (failures[0]) throw failures[0];
        done = await closed(orders);
        if (performance.now() - begin > 300_000) throw new Error(`only ${done} of ${orders.length} closed in time`);
      }
      return (orders.length * 1000) / (performance.now() - begin);
    },

    close: () => edge.close(),
  };
}
