// Thousands of bad inputs at every door of the mesh; `npm run prove -- --only fuzz` sends many more to one in processes of its
// own, and watches each of them.
import assert from "node:assert/strict";
import { watchLaps } from "#kit/laps.js";
import { meshSecret } from "#kit/testing/stage.js";
import { chanceOf } from "../../prove/chance.js";
import { authorizations, fuzzGrpc } from "../../prove/fuzz/grpc.js";
import { Findings } from "../../prove/fuzz/oracle.js";
import { fuzzRest } from "../../prove/fuzz/rest.js";
import type { ServiceName } from "../../scripts/mesh/services.js";
import { waiting } from "../posts/returns.js";
import type { Stand } from "./stand.js";

const seed = 20_261_126;

/** Adds the tests of bad input. */
export function nothingBreaks(stand: () => Stand): void {
  /** The longest lap of the event loop, which is everybody's here. A machine that lets it wait is not its fault. */
  async function longestHold(work: () => Promise<void>): Promise<number> {
    const laps = watchLaps();
    await work();
    laps.stop();
    return laps.takeHeld();
  }
  /** Somebody who means well is still served. */
  async function serves(): Promise<void> {
    const { shop } = stand();
    assert.equal((await shop.ask(await shop.order(), "RETURN")).state, "RESOLUTION_STATE_OPEN");
  }

  it("5,000 bad requests over REST: each is answered as the document says, and the edge lives", async () => {
    const { mesh, shop } = stand();
    const there = await waiting(shop);
    const ids = [
      there.resolutionId,
      there.collectionId,
      there.inspectionId,
      there.orderId,
      "rfd_01K8ZC4N5T6W7X9YABDEFGHJKM",
    ];
    const findings = new Findings();
    const door = { gatewayUrl: mesh.gatewayUrl, token: mesh.doors.token, ids };
    const held = await longestHold(() => fuzzRest(door, chanceOf(seed), 5000, findings));
    assert.deepEqual(findings.lines, []);
    assert.ok(findings.inputs >= 5000 && held < 200, `${findings.inputs} inputs, the loop was held for ${held} ms`);
    await serves();
  });

  it("1,000 bad calls at the services' ports, nested groups among them: each has a status, and all services live", async () => {
    const { mesh } = stand();
    const findings = new Findings();
    const authorizationOf = await authorizations(meshSecret);
    const door = { addressOf: (service: ServiceName) => `127.0.0.1:${mesh.port(service)}`, authorizationOf };
    const held = await longestHold(() => fuzzGrpc(door, chanceOf(seed), 1000, findings));
    assert.deepEqual(findings.lines, []);
    assert.ok(findings.inputs >= 1000 && held < 200, `${findings.inputs} inputs, the loop was held for ${held} ms`);
    await serves();
  });
}
