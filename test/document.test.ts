// What the OpenAPI document promises against what a real mesh answers.
import assert from "node:assert/strict";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { newId } from "#kit/ids.js";
import type { OpenApi } from "../gateway/openapi/spec.js";
import type { PersonRole } from "../scripts/mesh/issuer.js";
import { type Mesh, openMesh } from "./mesh.js";
import { openShop, type Shop } from "./shop.js";

describe("the OpenAPI document of a running mesh", function () {
  this.timeout(60_000);
  let mesh: Mesh;
  let shop: Shop;
  let document: OpenApi;
  const ajv = new Ajv2020({ strict: false, allErrors: true });

  before(async () => {
    mesh = await openMesh();
    shop = await openShop(mesh.doors);
    document = (await (await fetch(`${mesh.gatewayUrl}/openapi.json`)).json()) as OpenApi;
    addFormats.default(ajv);
    ajv.addFormat("uint64", /^[0-9]+$/);
    ajv.addSchema(document, "document");
  });
  after(async () => {
    shop?.close();
    await mesh?.stop();
  });

  /** Holds an answer to the operation it comes from. */
  function check(operation: string, status: number, json: unknown): void {
    const [verb = "", path = ""] = operation.split(" ");
    const response = document.paths[path]?.[verb.toLowerCase()]?.responses[String(status)];
    assert.ok(response, `${operation} answers ${status}, which the document does not know: ${JSON.stringify(json)}`);
    const place =
      "$ref" in response ? response.$ref : `#/paths/${pointer(path)}/${verb.toLowerCase()}/responses/${status}`;
    const media = pointer(status < 400 ? "application/json" : "application/problem+json");
    const validate = ajv.compile({ $ref: `document${place}/content/${media}/schema` });
    assert.ok(validate(json), `${operation}: ${ajv.errorsText(validate.errors)} in ${JSON.stringify(json)}`);
  }

  const pointer = (step: string) => encodeURIComponent(step.replaceAll("~", "~0").replaceAll("/", "~1"));

  async function get(role: PersonRole, subject: string, path: string, values: Record<string, string> = {}, query = "") {
    const place = path.replaceAll(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
    const { status, json } = await shop.rest(role, subject, "GET", place + query);
    check(`GET ${path}`, status, json);
    return json;
  }

  it("describes what comes of a return, wherever it is read", async () => {
    const order = await shop.order({ market: "KR" });
    const body = {
      orderId: order.orderId,
      kind: "KIND_RETURN",
      lines: [{ lineId: order.lineId, quantity: 1, reason: "NO_LONGER_NEEDED" }],
    };
    for (const path of ["/v1/eligibility:check", "/v1/resolutions:preview", "/v1/resolutions"]) {
      const { status, json } = await shop.rest("CUSTOMER", order.customerId, "POST", path, body);
      assert.equal(status, 200, path);
      check(`POST ${path}`, status, json);
    }
    await shop.pass(4.2);
    const [listed] = (await get("AGENT", "alice", "/v1/resolutions", {}, `?order_id=${order.orderId}`)).resolutions;
    const { resolutionId, refundId, collectionId, inspectionId, decision } = listed;
    const ids = {
      resolution_id: resolutionId,
      refund_id: refundId,
      collection_id: collectionId,
      inspection_id: inspectionId,
      decision_id: decision.decisionId,
    };
    await get("CUSTOMER", order.customerId, "/v1/resolutions/{resolution_id}", ids);
    await get("CUSTOMER", order.customerId, "/v1/resolutions/{resolution_id}/timeline", ids);
    await get("FINANCE", "fiona", "/v1/refunds/{refund_id}", ids);
    await get("FINANCE", "fiona", "/v1/refunds/{refund_id}/ledger", ids);
    await get("AGENT", "alice", "/v1/collections/{collection_id}", ids);
    await get("AGENT", "alice", "/v1/collections/{collection_id}/tracking", ids);
    await get("WAREHOUSE", "walter", "/v1/inspections/{inspection_id}", ids);
    await get("AGENT", "alice", "/v1/decisions/{decision_id}", ids);
    await get("POLICY_AUTHOR", "paula", "/v1/policies");
  });

  it("knows the refusals, too", async () => {
    const { orderId, customerId, lineId } = await shop.order();
    const lines = (quantity: number, id = lineId) => [{ lineId: id, quantity, reason: "NO_LONGER_NEEDED" }];
    const bodies: [body: object, status: number][] = [
      [{ orderId, kind: "KIND_RETURN", lines: [] }, 400],
      [{ orderId, kind: "KIND_RETURN", line: [] }, 400],
      [{ orderId: newId("ord"), kind: "KIND_RETURN", lines: lines(1) }, 404],
      [{ orderId, kind: "KIND_RETURN", lines: lines(99) }, 422],
      [{ orderId, kind: "KIND_RETURN", lines: lines(1, "no-such-line") }, 422],
    ];
    for (const [body, expected] of bodies) {
      const { status, json } = await shop.rest("CUSTOMER", customerId, "POST", "/v1/resolutions", body);
      assert.equal(status, expected, JSON.stringify(json));
      check("POST /v1/resolutions", status, json);
    }
    const { status, json } = await shop.rest("SELLER", "sam", "GET", "/v1/resolutions");
    assert.equal(status, 403);
    check("GET /v1/resolutions", status, json);
  });
});
