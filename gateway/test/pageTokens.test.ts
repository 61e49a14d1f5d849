import assert from "node:assert/strict";
import { pagingOf } from "../pageTokens.js";
import { type EdgeUnderTest, edgeBefore, fakeServices, routes } from "./fakes.js";

const list = "/backhaul.resolution.v1.ResolutionService/ListResolutions";

describe("the edge: pages of a list", () => {
  let services: Awaited<ReturnType<typeof fakeServices>>;
  let edge: EdgeUnderTest;
  let replica: EdgeUnderTest;

  before(async () => {
    services = await fakeServices({
      [list]: ({ pageToken }) => ({ resolutions: [], nextPageToken: pageToken === "c2Vjb25k" ? "" : "c2Vjb25k" }),
    });
    edge = await edgeBefore(services.address);
    replica = await edgeBefore(services.address);
  });
  after(async () => {
    await edge.stop();
    await replica.stop();
    services.stop();
  });

  type Page = { nextPageToken: string; reason?: string };
  const ask = async (query: string, { at = edge, who = "c-17" } = {}): Promise<Page> => {
    const headers = { authorization: `Bearer CUSTOMER.${who}.token` };
    return (await (await at.fetch(`/v1/resolutions?${query}`, { headers })).json()) as Page;
  };

  it("go on where the last one ended, at any replica, with pages of any size, by either name", async () => {
    const { nextPageToken } = await ask("state=OPEN&page_size=1");
    for (const query of [
      "state=OPEN&page_size=7",
      "state=RESOLUTION_STATE_OPEN&pageSize=1",
      "page_size=1&state=OPEN",
    ]) {
      for (const at of [edge, replica]) {
        assert.deepEqual(await ask(`${query}&page_token=${nextPageToken}`, { at }), {
          resolutions: [],
          nextPageToken: "",
        });
        assert.equal(services.seen.at(-1)?.input.pageToken, "c2Vjb25k");
      }
    }
  });

  it("are of one list, with its filters, for who asked, and nothing else opens them", async () => {
    const { nextPageToken: token } = await ask("state=OPEN");
    const before = services.seen.length;
    const changed = token.slice(0, -1) + (token.endsWith("A") ? "B" : "A");
    const others = [`state=CLOSED&page_token=${token}`, `page_token=${token}`, `state=OPEN&page_token=${changed}`];
    for (const query of [...others, "state=OPEN&page_token=c2Vjb25k", "state=OPEN&page_token=x"])
      assert.equal((await ask(query)).reason, "PAGE_TOKEN_INVALID", query);
    assert.equal((await ask(`state=OPEN&page_token=${token}`, { who: "c-18" })).reason, "PAGE_TOKEN_INVALID");
    assert.equal(services.seen.length, before, "no service was asked");
  });

  it("are sealed for every list of the contracts that pages", () => {
    const pages = routes.filter(({ input }) => input.fields.some(({ name }) => name === "page_token"));
    assert.ok(pages.length >= 9);
    assert.deepEqual(
      pages.filter((route) => !pagingOf(route)).map(({ path }) => path),
      [],
    );
  });
});
