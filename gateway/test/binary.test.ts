import assert from "node:assert/strict";
import { DomainError } from "#kit/pure/check.js";
import { type EdgeUnderTest, edgeBefore, fakeServices } from "./fakes.js";

const png = Buffer.from("89504e470d0a1a0a00ff", "hex");

describe("the edge: answers that are no JSON", () => {
  let services: Awaited<ReturnType<typeof fakeServices>>;
  let edge: EdgeUnderTest;

  before(async () => {
    services = await fakeServices({
      "/backhaul.collection.v1.HandOverService/GetLabel": ({ collectionId, format }) => {
        if (collectionId === "col_gone") throw new DomainError("COLLECTION_NOT_FOUND", "none", { collection_id: "x" });
        const contentType = format === "LABEL_FORMAT_PNG" ? "image/png" : "application/pdf";
        return { label: { contentType, data: png.toString("base64") } };
      },
    });
    edge = await edgeBefore(services.address);
  });
  after(async () => {
    await edge.stop();
    services.stop();
  });

  it("sends the bytes as they are, under their own type", async () => {
    const answer = await edge.fetch("/v1/collections/col_1/label?format=PNG");
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("content-type"), "image/png");
    assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
    assert.deepEqual(Buffer.from(await answer.arrayBuffer()), png);
  });

  it("tells the same answer by the same tag, and sends it only to who has not got it", async () => {
    const first = await edge.fetch("/v1/collections/col_1/label?format=PNG");
    const tag = first.headers.get("etag") as string;
    assert.match(tag, /^"[\w-]{43}"$/);
    const again = (header: string, format = "PNG") =>
      edge.fetch(`/v1/collections/col_1/label?format=${format}`, { headers: { "if-none-match": header } });
    for (const header of [tag, `W/${tag}`, `"other", ${tag}`, "*"]) {
      const same = await again(header);
      assert.equal(same.status, 304, header);
      assert.equal(await same.text(), "");
      assert.equal(same.headers.get("etag"), tag);
    }
    assert.equal((await again('"other"')).status, 200);
    assert.equal((await again(tag, "PDF")).status, 200, "the same bytes as another thing");
  });

  it("may be kept by the caller alone, and asked for each time", async () => {
    const answer = await edge.fetch("/v1/collections/col_1/label");
    assert.equal(answer.headers.get("cache-control"), "private, no-cache");
  });

  it("answers a refusal as a problem all the same", async () => {
    const answer = await edge.fetch("/v1/collections/col_gone/label");
    assert.equal(answer.status, 404);
    assert.equal(answer.headers.get("content-type"), "application/problem+json");
  });
});
