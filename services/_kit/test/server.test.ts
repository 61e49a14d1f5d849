import assert from "node:assert/strict";
import { once } from "node:events";
import { ResolutionServiceService } from "#gen/backhaul/resolution/v1/resolution_service.js";
import { fromServiceError } from "#kit/errors.js";
import { DomainError } from "#kit/pure/check.js";
import type { Implementation, RunningServer } from "#kit/server.js";
import { clientAs, partOf, serveAlone } from "#kit/testing/peers.js";

const known = "res_01ARZ3NDEKTSV4RRFFQ69G5FAV";
const unknown = "res_01ARZ3NDEKTSV4RRFFQ69G5FAX";

describe("kit: a server whose stream is refused", () => {
  let server: RunningServer;
  before(async () => {
    server = await serveAlone([watching()], { drainMs: 100 });
  });
  after(() => server.stop());

  /** How many messages came, and the reason it ended with. */
  async function watched(role: "AGENT" | "CARRIER", resolutionId: string): Promise<[messages: number, reason: string]> {
    const client = clientAs(ResolutionServiceService, server.port, role);
    const stream = await client.watchResolution({ resolutionId, afterSequence: 0n });
    let messages = 0;
    stream.on("data", () => messages++);
    const [error] = await once(stream, "error");
    client.close();
    return [messages, fromServiceError(error, "WatchResolution").reason];
  }

  it("says why at once: a role that may not, a field that is wrong, a thing that is not there", async () => {
    assert.deepEqual(await watched("CARRIER", known), [0, "ROLE_NOT_ALLOWED"]);
    assert.deepEqual(await watched("AGENT", "res_short"), [0, "INVALID_REQUEST"]);
    assert.deepEqual(await watched("AGENT", unknown), [0, "RESOLUTION_NOT_FOUND"]);
  });

  it("says why after what it had to say before", async () => {
    assert.deepEqual(await watched("AGENT", known), [2, "STORE_UNAVAILABLE"]);
  });
});

/** A resolution service that tells two things of the one it knows, then loses its database. */
function watching(): Implementation {
  const entry = { entry: undefined };
  async function* watchResolution({ resolutionId }: { resolutionId: string }) {
    if (resolutionId !== known) throw new DomainError("RESOLUTION_NOT_FOUND", "there is none");
    yield entry;
    yield entry;
    throw new DomainError("STORE_UNAVAILABLE", "the database is away");
  }
  return partOf(ResolutionServiceService, { watchResolution });
}
