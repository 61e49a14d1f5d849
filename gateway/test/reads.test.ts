import assert from "node:assert/strict";
import { DomainError } from "#kit/pure/check.js";
import { type EdgeUnderTest, edgeBefore, fakeServices } from "./fakes.js";

const service = "/backhaul.resolution.v1.ResolutionService";
const texts = { "en-GB": "You can send this back.", "ko-KR": "반품할 수 있습니다.", "zh-TW": "可以退貨。" };
const line = { lineId: "l-1", text: texts["en-GB"], texts };
const resolution = { resolutionId: "res_1", state: "RESOLUTION_STATE_OPEN", decision: { lines: [line] } };

describe("the edge: a read in the caller's language, and as much of it as they ask for", () => {
  let services: Awaited<ReturnType<typeof fakeServices>>;
  let edge: EdgeUnderTest;

  before(async () => {
    services = await fakeServices(
      {
        [`${service}/GetResolution`]: ({ resolutionId }) => {
          if (resolutionId === "res_1") return { resolution };
          const id = String(resolutionId);
          throw new DomainError("RESOLUTION_NOT_FOUND", `there is no ${id}`, { resolution_id: id });
        },
      },
      {
        [`${service}/WatchResolution`]: (_input, stream) => {
          stream.send({ entry: { sequence: "1", text: texts["en-GB"], texts } });
          stream.fail(new DomainError("RESOLUTION_NOT_FOUND", "gone", { resolution_id: "res_1" }));
        },
      },
    );
    edge = await edgeBefore(services.address);
  });
  after(async () => {
    await edge.stop();
    services.stop();
  });

  const read = (path: string, language?: string) =>
    edge.fetch(path, language === undefined ? {} : { headers: { "accept-language": language } });
  type Shown = { decision: { lines: { text: string; texts: object }[] } };
  const textOf = async (response: Response) => ((await response.json()) as Shown).decision.lines[0]?.text;

  it("gives the text of the language, and says which it is and what it hangs on", async () => {
    for (const [asked, tag, text] of [
      ["ko-KR,ko;q=0.9,en;q=0.8", "ko", texts["ko-KR"]],
      ["zh-TW", "zh-TW", texts["zh-TW"]],
      ["fr, en;q=0.1", "en", texts["en-GB"]],
    ] as const) {
      const response = await read("/v1/resolutions/res_1", asked);
      assert.equal(response.headers.get("content-language"), tag);
      assert.match(response.headers.get("vary") ?? "", /accept-language/);
      assert.equal(await textOf(response), text);
    }
  });

  it("leaves the text of the market where nobody asks, or for what nothing is written in", async () => {
    for (const asked of [undefined, "fr", "*"]) {
      const response = await read("/v1/resolutions/res_1", asked);
      assert.deepEqual([response.headers.get("content-language"), await textOf(response)], [null, texts["en-GB"]]);
      assert.match(response.headers.get("vary") ?? "", /accept-language/);
    }
  });

  it("speaks the language in refusals, too, whoever makes them", async () => {
    for (const path of ["/v1/resolutions/res_2", "/v1/nowhere", "/v1/resolutions/res_1?fields=nope"]) {
      const [korean, english] = [await read(path, "ko"), await read(path)];
      assert.deepEqual([korean.headers.get("content-language"), english.headers.get("content-language")], ["ko", "en"]);
      assert.match(korean.headers.get("vary") ?? "", /accept-language/);
      const [one, other] = (await Promise.all([korean.json(), english.json()])) as Record<string, unknown>[];
      assert.match(String(one?.title), /\p{Script=Hangul}/u);
      assert.deepEqual(
        [one?.reason, one?.metadata, one?.violations],
        [other?.reason, other?.metadata, other?.violations],
      );
    }
  });

  it("speaks it in streams, to the last line", async () => {
    const lines = (await (await read("/v1/resolutions/res_1:watch", "zh-TW")).text()).trimEnd().split("\n");
    const [first, last] = lines.map((text) => JSON.parse(text));
    assert.equal(first.entry.text, texts["zh-TW"]);
    assert.equal(last.problem.title, "找不到申請。");
  });

  it("sends the fields that are asked for, in the language, under a tag of their own", async () => {
    const whole = await read("/v1/resolutions/res_1", "ko");
    const part = await read("/v1/resolutions/res_1?fields=state,decision.lines.text", "ko");
    assert.deepEqual(await part.json(), {
      state: "RESOLUTION_STATE_OPEN",
      decision: { lines: [{ text: texts["ko-KR"] }] },
    });
    const tags = [whole, part, await read("/v1/resolutions/res_1?fields=state")].map(({ headers }) =>
      headers.get("etag"),
    );
    assert.equal(new Set(tags).size, 3);
    const again = await edge.fetch("/v1/resolutions/res_1?fields=state", {
      headers: { "if-none-match": tags[2] ?? "" },
    });
    assert.equal(again.status, 304);
    const other = await edge.fetch("/v1/resolutions/res_1", { headers: { "if-none-match": tags[2] ?? "" } });
    assert.equal(other.status, 200);
  });

  it("refuses a field that there is not, by its path, and asks no service", async () => {
    const before = services.seen.length;
    const response = await read("/v1/resolutions/res_1?fields=state&fields=lines.nope");
    const { reason, violations } = (await response.json()) as { reason: string; violations: object[] };
    assert.deepEqual([response.status, reason], [400, "INVALID_REQUEST"]);
    assert.deepEqual(violations, [{ field: "fields", description: 'there is no "lines.nope" in the answer' }]);
    assert.equal(services.seen.length, before);
  });
});
