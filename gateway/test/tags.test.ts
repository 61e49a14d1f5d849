import assert from "node:assert/strict";
import { type EdgeUnderTest, edgeBefore, fakeServices } from "./fakes.js";

const service = "/backhaul.resolution.v1.ResolutionService";

describe("the edge: a read that is asked for again", () => {
  let state = "RESOLUTION_STATE_OPEN";
  let services: Awaited<ReturnType<typeof fakeServices>>;
  let edge: EdgeUnderTest;

  before(async () => {
    services = await fakeServices(
      {
        [`${service}/GetResolution`]: () => ({ resolution: { resolutionId: "res_1", state } }),
        [`${service}/WithdrawResolution`]: () => ({ resolution: { resolutionId: "res_1", state } }),
      },
      {
        [`${service}/WatchResolution`]: (_input, stream) => {
          stream.send({ entry: { sequence: "1" } });
          stream.end();
        },
      },
    );
    edge = await edgeBefore(services.address);
  });
  after(async () => {
    await edge.stop();
    services.stop();
  });

  const read = (tag?: string) =>
    edge.fetch("/v1/resolutions/res_1", tag === undefined ? {} : { headers: { "if-none-match": tag } });

  it("is answered 304 without a body while nothing has changed, and whole when something has", async () => {
    const first = await read();
    const tag = first.headers.get("etag") as string;
    assert.match(tag, /^W\/"[\w-]{43}"$/);
    for (const known of [tag, tag.slice(2), `"other", ${tag}`, "*"]) {
      const same = await read(known);
      assert.deepEqual([same.status, await same.text()], [304, ""], known);
      assert.equal(same.headers.get("etag"), tag);
      assert.equal(same.headers.get("cache-control"), "private, no-cache");
      assert.equal(same.headers.get("vary"), first.headers.get("vary"));
    }
    state = "RESOLUTION_STATE_CLOSED";
    const changed = await read(tag);
    assert.equal(changed.status, 200);
    assert.notEqual(changed.headers.get("etag"), tag);
    assert.match(await changed.text(), /RESOLUTION_STATE_CLOSED/);
  });

  it("is another answer for another caller, and packed another way", async () => {
    assert.equal((await read()).headers.get("vary"), "accept-language, authorization, accept-encoding");
  });

  it("has no tag where it is a change or a stream", async () => {
    const change = await edge.fetch("/v1/resolutions/res_1:withdraw", {
      method: "POST",
      headers: { "idempotency-key": "k", "if-none-match": "*" },
    });
    assert.deepEqual([change.status, change.headers.get("etag")], [200, null]);
    const stream = await edge.fetch("/v1/resolutions/res_1:watch", { headers: { "if-none-match": "*" } });
    assert.deepEqual([stream.status, stream.headers.get("etag")], [200, null]);
    assert.equal(stream.headers.get("cache-control"), "no-store");
    await stream.text();
  });
});
