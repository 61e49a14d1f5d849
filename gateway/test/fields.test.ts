import assert from "node:assert/strict";
import { registry } from "#kit/contracts.js";
import { InvalidRequest } from "#kit/errors.js";
import { isMaskable, masked, takeMask } from "../fields.js";
import { buildRoutes, type Route } from "../routes.js";

const routes = buildRoutes(registry);
const routeOf = (rpc: string) => routes.find(({ path }) => path.endsWith(`/${rpc}`)) as Route;
const one = routeOf("GetResolution");
const list = routeOf("ListResolutions");

const resolution = {
  resolutionId: "res_1",
  state: "RESOLUTION_STATE_OPEN",
  lines: [
    { lineId: "l-1", quantity: 2, accepted: 0 },
    { lineId: "l-2", quantity: 1, accepted: 1 },
  ],
  decision: { decisionId: "dec_1", lines: [{ text: "Yes.", texts: { "en-GB": "Yes.", "ko-KR": "네." } }] },
  createTime: "2026-11-02T09:30:00Z",
};

const sent = (route: Route, json: object, ...fields: string[]) =>
  masked(json as never, takeMask(route, { fields }).mask);
const refused = (route: Route, ...fields: string[]) => {
  try {
    takeMask(route, { fields });
  } catch (error) {
    assert.ok(error instanceof InvalidRequest);
    return error.violations.map(({ field, description }) => `${field}: ${description}`);
  }
  return [];
};

describe("a field mask", () => {
  it("keeps the fields it names, by either name, and no others", () => {
    assert.deepEqual(sent(one, resolution, "state,resolution_id"), {
      resolutionId: "res_1",
      state: "RESOLUTION_STATE_OPEN",
    });
    assert.deepEqual(sent(one, resolution, "resolutionId"), { resolutionId: "res_1" });
  });

  it("reaches through messages, lists and maps", () => {
    assert.deepEqual(sent(one, resolution, "lines.line_id"), { lines: [{ lineId: "l-1" }, { lineId: "l-2" }] });
    assert.deepEqual(sent(one, resolution, "lines.*.line_id"), { lines: [{ lineId: "l-1" }, { lineId: "l-2" }] });
    assert.deepEqual(sent(one, resolution, "decision.lines.texts.ko-KR"), {
      decision: { lines: [{ texts: { "ko-KR": "네." } }] },
    });
  });

  it("may be given more than once, and the wider of two paths holds, in any order", () => {
    const wide = { decision: resolution.decision };
    assert.deepEqual(sent(one, resolution, "decision.lines.text", "decision"), wide);
    assert.deepEqual(sent(one, resolution, "decision", "decision.lines.text"), wide);
    assert.deepEqual(sent(one, resolution, "decision.*"), wide);
    assert.deepEqual(sent(one, resolution, "state", "create_time"), {
      state: "RESOLUTION_STATE_OPEN",
      createTime: "2026-11-02T09:30:00Z",
    });
  });

  it("is about the whole page of a list", () => {
    const page = { resolutions: [resolution], nextPageToken: "abc" };
    assert.deepEqual(sent(list, page, "resolutions.state,next_page_token"), {
      resolutions: [{ state: "RESOLUTION_STATE_OPEN" }],
      nextPageToken: "abc",
    });
  });

  it("keeps everything where it names nothing, or everything", () => {
    assert.deepEqual(sent(one, resolution, ""), resolution);
    assert.deepEqual(sent(one, resolution, "*"), resolution);
    assert.deepEqual(masked(resolution as never, takeMask(one, {}).mask), resolution);
  });

  it("is refused with each path that leads nowhere", () => {
    assert.deepEqual(refused(one, "state,lines.nope,foo", "create_time.seconds"), [
      'fields: there is no "lines.nope" in the answer',
      'fields: there is no "foo" in the answer',
      'fields: there is no "create_time.seconds" in the answer',
    ]);
    for (const path of ["state.x", "lines.", ".", "__proto__", "constructor", "lines.*.", "decision.lines.texts."])
      assert.equal(refused(one, path).length, 1, path);
    assert.deepEqual(refused(one, "state,".repeat(300)), ["fields: names more than 200 fields"]);
  });

  it("can be asked of every read of JSON, and every field that such an answer can have can be named", () => {
    const reads = routes.filter((route) => route.verb === "GET" && !route.streaming);
    assert.ok(reads.length > 30);
    for (const route of reads.filter(isMaskable)) {
      const message = route.responseBody ? route.responseBody.message : route.output;
      for (const { name, jsonName } of message?.fields ?? [])
        for (const path of [name, jsonName]) assert.deepEqual(refused(route, path), [], `${route.path} ${path}`);
    }
    assert.deepEqual(
      reads.filter((route) => !isMaskable(route)).map(({ path }) => path.split("/").at(-1)),
      ["GetLabel", "ExportSellerStatement"],
    );
  });
});
