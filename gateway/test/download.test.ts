import assert from "node:assert/strict";
import { DomainError } from "#kit/pure/check.js";
import { edgeBefore, fakeServices, type StreamAnswer } from "./fakes.js";

const rpc = "/backhaul.resolution.v1.DeskExportService/DownloadExport";
const path = "/v1/desk/exports/claims:download";
const part = (text: string) => ({ body: { contentType: "text/csv", data: Buffer.from(text).toString("base64") } });

describe("a download", () => {
  async function downloading(answer: StreamAnswer, test: (fetched: () => Promise<Response>) => Promise<void>) {
    const services = await fakeServices({}, { [rpc]: answer });
    const edge = await edgeBefore(services.address, { heartbeatMs: 60_000 });
    try {
      await test(() => edge.fetch(path, { headers: { authorization: "Bearer LEAD.lena.token" } }));
    } finally {
      await edge.stop();
      services.stop();
    }
  }

  it("is its parts one after the other, under the type that the first names, and kept by nobody", () =>
    downloading(
      (_input, stream) => {
        stream.send(part("a,b\r\n"));
        for (let n = 0; n < 200; n++) stream.send(part(`${n},${"x".repeat(1000)}\r\n`));
        stream.end();
      },
      async (fetched) => {
        const response = await fetched();
        assert.equal(response.headers.get("content-type"), "text/csv");
        assert.equal(response.headers.get("cache-control"), "no-store");
        const lines = (await response.text()).split("\r\n");
        assert.deepEqual([lines[0], lines.length, lines[200]?.slice(0, 4)], ["a,b", 202, "199,"]);
      },
    ));

  it("that is refused is a problem like any other", () =>
    downloading(
      (_input, stream) => stream.fail(new DomainError("EXPORT_NOT_FOUND", "no export claims", { export_id: "claims" })),
      async (fetched) => {
        const response = await fetched();
        assert.deepEqual(
          [response.status, ((await response.json()) as { reason: string }).reason],
          [404, "EXPORT_NOT_FOUND"],
        );
      },
    ));

  it("that breaks in the middle breaks its connection, so that nobody takes a part for the whole", () =>
    downloading(
      (_input, stream) => {
        stream.send(part("a,b\r\n"));
        stream.send(part("1,2\r\n"));
        stream.fail(new DomainError("STORE_UNAVAILABLE", "away", {}));
      },
      async (fetched) => {
        await assert.rejects(async () => (await fetched()).text());
      },
    ));
});
