import assert from "node:assert/strict";
import { type IncomingMessage, request } from "node:http";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { preferredCoding } from "../pack.js";
import { type EdgeUnderTest, edgeBefore, fakeServices } from "./fakes.js";

const png = Buffer.alloc(5000, 7);

describe("the edge: answers that are packed", () => {
  let services: Awaited<ReturnType<typeof fakeServices>>;
  let edge: EdgeUnderTest;

  before(async () => {
    services = await fakeServices(
      {
        "/backhaul.resolution.v1.ResolutionService/ListResolutions": ({ pageSize }) => ({
          resolutions: Array.from({ length: Number(pageSize ?? 0) }, (_, i) => ({ resolutionId: `res_${i}` })),
        }),
        "/backhaul.collection.v1.HandOverService/GetLabel": () => ({
          label: { contentType: "image/png", data: png.toString("base64") },
        }),
      },
      {
        "/backhaul.resolution.v1.ResolutionService/WatchResolution": (_input, stream) => {
          for (let i = 1; i <= 100; i++) stream.send({ entry: { sequence: String(i), text: "took a step" } });
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

  /** As it is on the wire: fetch would unpack it unasked. */
  async function get(path: string, headers: Record<string, string>) {
    const authorization = "Bearer CUSTOMER.c-17.token";
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      request(edge.url + path, { headers: { authorization, ...headers } }, resolve)
        .once("error", reject)
        .end();
    });
    const body = Buffer.concat(await answer.toArray());
    return { status: answer.statusCode, headers: answer.headers, body };
  }
  const many = "/v1/resolutions?page_size=40";

  it("come as gzip or brotli, by what the caller takes, and say the same", async () => {
    const plain = await get(many, {});
    assert.equal(plain.headers["content-encoding"], undefined);
    const packed = { gzip: gunzipSync, br: brotliDecompressSync };
    for (const [coding, unpack] of Object.entries(packed)) {
      const { headers, body } = await get(many, { "accept-encoding": coding });
      assert.equal(headers["content-encoding"], coding);
      assert.equal(headers["content-length"], String(body.length));
      assert.equal(headers.etag, plain.headers.etag);
      assert.match(headers.vary ?? "", /accept-encoding/);
      assert.ok(body.length < plain.body.length / 3, `${body.length} of ${plain.body.length} bytes`);
      assert.deepEqual(unpack(body), plain.body);
    }
  });

  it("hold as long when they were packed", async () => {
    const { headers } = await get(many, { "accept-encoding": "gzip" });
    const again = await get(many, { "accept-encoding": "gzip", "if-none-match": headers.etag ?? "" });
    assert.deepEqual([again.status, again.body.length], [304, 0]);
  });

  it("are those of text, and no small ones", async () => {
    const small = await get("/v1/resolutions?page_size=0", { "accept-encoding": "gzip" });
    assert.equal(small.headers["content-encoding"], undefined);
    const label = await get("/v1/collections/col_1/label", { "accept-encoding": "gzip" });
    assert.equal(label.headers["content-encoding"], undefined);
    assert.deepEqual(label.body, png);
  });

  it("are whole ones: a stream's events go out as they come", async () => {
    for (const accept of ["text/event-stream", "application/x-ndjson"]) {
      const { headers } = await get("/v1/resolutions/res_1:watch", { "accept-encoding": "gzip, br", accept });
      assert.deepEqual([headers["content-type"], headers["content-encoding"]], [accept, undefined]);
    }
  });

  const cases: readonly (readonly [string | undefined, string | undefined])[] = [
    [undefined, undefined],
    ["", undefined],
    ["gzip", "gzip"],
    ["gzip, deflate, br", "br"],
    ["BR;q=0.5, gzip ; q=0.8", "gzip"],
    ["br;q=0, gzip;q=0", undefined],
    ["*", "br"],
    ["*;q=0.1, br;q=0", "gzip"],
    ["identity, gzip;q=0.5", undefined],
    ["zstd, deflate", undefined],
    ["gzip;q=much", undefined],
  ];
  for (const [header, coding] of cases) {
    it(`${header === undefined ? "no Accept-Encoding" : `"${header}"`} takes ${coding ?? "none"}`, () => {
      assert.equal(preferredCoding(header), coding);
    });
  }
});
