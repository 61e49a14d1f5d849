import assert from "node:assert/strict";
import { type DescMethod, fromBinary, fromJson, type JsonObject, toBinary, toJson } from "@bufbuild/protobuf";
import { registry } from "#kit/contracts.js";
import { InvalidRequest } from "#kit/errors.js";
import { buildRoutes, type Route } from "../routes.js";
import { bodyOf, decodeAnswer, encodeRequest, type Parts } from "../transcode.js";

const routes = buildRoutes(registry);
const route = (name: string) => routes.find(({ path }) => path.endsWith(`/${name}`)) as Route;

/** What the service would read. */
function sent(name: string, parts: Partial<Omit<Parts, "body">> & { body?: string }): JsonObject {
  const body = parts.body === undefined ? undefined : Buffer.from(parts.body);
  const bytes = encodeRequest(route(name), { params: {}, query: {}, idempotencyKey: "key-1", ...parts, body });
  const { input } = route(name);
  return toJson(input, fromBinary(input, bytes)) as JsonObject;
}

function violations(work: () => unknown): readonly { field: string; description: string }[] {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof InvalidRequest, String(error));
    return error.violations;
  }
  throw new Error("nothing was refused");
}

const malformed = (name: string, body: string, message: RegExp) =>
  assert.throws(() => sent(name, { body, params: { p0: "res_1" } }), { reason: "MALFORMED_BODY", message }, body);

describe("a request on its way in", () => {
  it("takes path, key and body together", () => {
    const body = '{"note":"broken in transit"}';
    assert.deepEqual(sent("CancelResolution", { params: { p0: "res_1" }, body }), {
      requestId: "key-1",
      resolutionId: "res_1",
      note: "broken in transit",
    });
  });

  it("reads an absent or empty body as {}", () => {
    const only = { requestId: "key-1", resolutionId: "res_1" };
    assert.deepEqual(sent("WithdrawResolution", { params: { p0: "res_1" } }), only);
    assert.deepEqual(sent("WithdrawResolution", { params: { p0: "res_1" }, body: "" }), only);
  });

  it("takes both spellings of a field, enums by name, and int64 as text", () => {
    const body = '{"order_id":"o-1","kind":"KIND_RETURN","lines":[{"lineId":"l-1","quantity":"2"}]}';
    assert.deepEqual(sent("CreateResolution", { body }), {
      requestId: "key-1",
      orderId: "o-1",
      kind: "KIND_RETURN",
      lines: [{ lineId: "l-1", quantity: 2 }],
    });
  });

  it("demands the Idempotency-Key, quoted or not", () => {
    for (const idempotencyKey of [undefined, "", " ", '""']) {
      assert.throws(() => sent("CreateResolution", { body: "{}", idempotencyKey }), {
        reason: "IDEMPOTENCY_KEY_MISSING",
      });
    }
    assert.equal(sent("CreateResolution", { body: "{}", idempotencyKey: '"8c1f"' }).requestId, "8c1f");
  });

  it("lets the body repeat key and path, and refuses to choose when they differ", () => {
    const params = { p0: "res_1" };
    assert.ok(sent("WithdrawResolution", { params, body: '{"requestId":"key-1","resolutionId":"res_1"}' }));
    const [key] = violations(() => sent("WithdrawResolution", { params, body: '{"request_id":"key-2"}' }));
    assert.deepEqual(key, { field: "request_id", description: "differs from the header Idempotency-Key: say it once" });
    const [path] = violations(() => sent("WithdrawResolution", { params, body: '{"resolutionId":"res_2"}' }));
    assert.equal(path?.field, "resolution_id");
  });

  it("names the unknown field and where it stands", () => {
    malformed("CreateResolution", '{"linez":[]}', /^unknown field "linez" in CreateResolutionRequest$/);
    malformed("CreateResolution", '{"lines":[{"bogus":1}]}', /^unknown field "bogus" in RequestedLine$/);
    malformed("CreateResolution", '{"__proto__":{"kind":1}}', /^unknown field "__proto__"/);
    malformed("CreateResolution", '{"constructor":1}', /^unknown field "constructor"/);
  });

  it("names the field whose value is of another type", () => {
    malformed("CreateResolution", '{"orderId":5}', /^CreateResolutionRequest\.order_id: expected string/);
    malformed("CreateResolution", '{"lines":[{"quantity":1.5}]}', /^RequestedLine\.quantity: expected number/);
    malformed("CreateResolution", '{"lines":{}}', /^CreateResolutionRequest\.lines: expected Array/);
    malformed("CreateResolution", '{"kind":"RETURN"}', /^Kind: "RETURN"/);
    malformed("CreateResolution", '{"orderId":"\\ud800"}', /order_id: .*UTF8/);
    malformed("CreateResolution", '{"orderId":"a","order_id":"b"}', /order_id: set multiple times/);
    malformed("CreateResolution", "[]", /^CreateResolutionRequest: Array/);
    malformed("CreateResolution", `{"${"x".repeat(5000)}":1}`, /^unknown field "x{60}…"/);
  });

  it("reads a query by either spelling, enums by either name", () => {
    const query = { page_size: "20", onHold: "true", state: "OPEN", kind: "KIND_RETURN", order_id: "o-1" };
    assert.deepEqual(sent("ListResolutions", { query }), {
      orderId: "o-1",
      state: "RESOLUTION_STATE_OPEN",
      kind: "KIND_RETURN",
      onHold: true,
      pageSize: 20,
    });
    assert.deepEqual(
      sent("WatchResolution", { params: { p0: "res_1" }, query: { afterSequence: "9007199254740993" } }),
      {
        resolutionId: "res_1",
        afterSequence: "9007199254740993",
      },
    );
  });

  it("lists every parameter that is unknown or wrong", () => {
    const query = {
      bogus: "1",
      page_size: "many",
      on_hold: "yes",
      state: "GONE",
      order_id: ["a", "b"],
      "__proto__.x": "1",
    };
    const found = Object.fromEntries(
      violations(() => sent("ListResolutions", { query })).map((v) => [v.field, v.description]),
    );
    assert.deepEqual(Object.keys(found).sort(), Object.keys(query).sort());
    assert.match(found.state ?? "", /^is none of REQUESTED, PENDING_REVIEW, OPEN/);
    assert.equal(found.order_id, "is given more than once");
    const big = violations(() => sent("ListResolutions", { query: { page_size: "99999999999" } }));
    assert.deepEqual(
      big.map((v) => v.field),
      ["page_size"],
    );
    const twice = violations(() => sent("ListResolutions", { query: { page_size: "1", pageSize: "2" } }));
    assert.equal(twice[0]?.description, "is given more than once");
  });

  it("takes nothing by query where the body is the message, nor a path parameter twice", () => {
    const [body] = violations(() => sent("CreateResolution", { body: "{}", query: { order_id: "o-1" } }));
    assert.match(body?.description ?? "", /belongs in the body/);
    const [path] = violations(() =>
      sent("GetResolution", { params: { p0: "res_1" }, query: { resolution_id: "res_2" } }),
    );
    assert.equal(path?.description, "is given more than once");
  });
});

describe("an answer on its way out", () => {
  const bytes = (method: Route, json: JsonObject) => toBinary(method.output, fromJson(method.output, json));

  it("is the part that the contract names, with every field in it", () => {
    const get = route("GetResolution");
    const json = decodeAnswer(get, bytes(get, { resolution: { resolutionId: "res_1", onHold: false } }));
    const body = bodyOf(get, json) as JsonObject;
    assert.equal(body.resolutionId, "res_1");
    assert.equal(body.onHold, false);
    assert.equal(body.state, "RESOLUTION_STATE_UNSPECIFIED");
    assert.equal(body.version, "0");
  });

  it("is the whole message where the contract names no part", () => {
    const list = route("ListResolutions");
    assert.deepEqual(bodyOf(list, decodeAnswer(list, new Uint8Array())), { resolutions: [], nextPageToken: "" });
  });

  it("is null when a service leaves that part out", () => {
    const get = route("GetResolution");
    assert.equal(bodyOf(get, decodeAnswer(get, new Uint8Array())), null);
  });

  it("does not trip over fields of a newer contract", () => {
    const get = route("GetResolution");
    const newer = Buffer.concat([bytes(get, { resolution: {} }), Buffer.from([0xfa, 0x3e, 0x01, 0x61])]);
    assert.ok(bodyOf(get, decodeAnswer(get, newer)));
  });
});

describe("every route", () => {
  it("can carry a request and an answer", () => {
    for (const one of routes) {
      const params = Object.fromEntries(one.pathFields.map((_, i) => [`p${i}`, "x"]));
      assert.ok(encodeRequest(one, { params, query: {}, body: undefined, idempotencyKey: "k" }), one.path);
      assert.ok(decodeAnswer(one, new Uint8Array()), one.path);
    }
    const methods: DescMethod[] = [...registry].flatMap((d) => (d.kind === "service" ? d.methods : []));
    assert.ok(routes.length > 20 && routes.length < methods.length);
  });
});
