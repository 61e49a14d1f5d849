import assert from "node:assert/strict";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { methodOf, registry } from "#kit/contracts.js";
import { commentOf } from "../openapi/comments.js";
import { documentOf } from "../openapi/document.js";
import { reasonsOf } from "../openapi/faults.js";
import type { Media, Operation, Response } from "../openapi/spec.js";
import { buildRoutes } from "../routes.js";
import { carrierRoutes } from "../webhooks.js";

const routes = buildRoutes(registry);
const document = documentOf(routes);
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([verb, operation]) => ({ name: `${verb.toUpperCase()} ${path}`, operation })),
);
const operation = (name: string): Operation => {
  const found = operations.find((it) => it.name === name);
  assert.ok(found, name);
  return found.operation;
};
const json = (content: Readonly<Record<string, Media>> | undefined) => content?.["application/json"] as Media;

/** Follows "#/a/b" into the document. */
function follow(ref: string): unknown {
  const steps = ref.replace(/^#\//, "").split("/");
  return steps.reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], document);
}

/** Every value under a key, anywhere in the document. */
function valuesAt(key: string, at: unknown = document): unknown[] {
  if (typeof at !== "object" || at === null) return [];
  return Object.entries(at).flatMap(([name, value]) =>
    name === key && typeof value === "string" ? [value] : valuesAt(key, value),
  );
}

function responseAt(from: Operation, status: string): Response {
  const response = from.responses[status];
  assert.ok(response, `${from.operationId} has no ${status}`);
  return ("$ref" in response ? follow(response.$ref) : response) as Response;
}

const reasonsAt = (from: Operation, status: string) =>
  Object.keys(responseAt(from, status).content?.["application/problem+json"]?.examples ?? {});

describe("the OpenAPI document", () => {
  it("is OpenAPI 3.1", async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(document));
    assert.ok(valid, JSON.stringify(errors, null, 1));
  });

  it("is the same each time, byte by byte", () => {
    assert.equal(JSON.stringify(documentOf(buildRoutes(registry))), JSON.stringify(document));
  });

  it("has every route of the edge, and no other of the contracts", () => {
    const byHand = ["GET /healthz", "GET /readyz", "GET /openapi.json", "GET /docs"];
    const served = [...routes, ...carrierRoutes].map(({ verb, template }) => `${verb} ${template.text}`);
    assert.deepEqual(operations.map(({ name }) => name).sort(), [...served, ...byHand].sort());
  });

  it("gives each operation an id of its own, a summary, a tag that is explained, an error and an example", () => {
    const ids = operations.map((it) => it.operation.operationId);
    assert.deepEqual(ids, [...new Set(ids)]);
    const tags = new Set(document.tags.map(({ name }) => name));
    for (const { name, operation: it } of operations) {
      assert.ok(it.summary, `${name} has no summary: comment its rpc`);
      assert.ok(it.tags.length === 1 && it.tags.every((tag) => tags.has(tag)), `${name} has no tag`);
      const faults = Object.keys(it.responses).filter((status) => Number(status) >= 400);
      assert.ok(faults.length > 0, `${name} has no error`);
      const media = [
        ...Object.values(it.requestBody?.content ?? {}),
        ...Object.values(responseAt(it, Object.keys(it.responses)[0] ?? "").content ?? {}),
      ];
      const shown =
        media.some(({ example }) => example !== undefined) ||
        it.parameters?.some(({ example }) => example !== undefined);
      assert.ok(shown, `${name} has no example`);
    }
  });

  it("refers to nothing that is not there, and keeps nothing that nobody refers to", () => {
    const refs = [...new Set(valuesAt("$ref"))] as string[];
    assert.deepEqual(
      refs.filter((ref) => follow(ref) === undefined),
      [],
    );
    const schemas = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
    assert.deepEqual(
      schemas.filter((ref) => !refs.includes(ref)),
      [],
    );
  });

  it("has patterns that every reader of JSON Schema can compile", () => {
    for (const pattern of valuesAt("pattern")) assert.doesNotThrow(() => new RegExp(pattern as string, "u"));
  });

  it("keeps its own schemas in every example", () => {
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats.default(ajv);
    ajv.addFormat("uint64", /^[0-9]+$/);
    ajv.addSchema(document, "document");
    const check = (schema: object, value: unknown, name: string) => {
      const absolute = JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#', '"$ref":"document#'));
      const validate = ajv.compile(absolute);
      assert.ok(validate(value), `${name}: ${ajv.errorsText(validate.errors)} in ${JSON.stringify(value)}`);
    };
    for (const { name, operation: it } of operations) {
      for (const { schema, example, name: own } of it.parameters ?? [])
        if (example !== undefined) check(schema, example, `${name} ${own}`);
      const contents = [
        it.requestBody?.content,
        ...Object.keys(it.responses).map((status) => responseAt(it, status).content),
      ];
      for (const { schema, example } of contents.flatMap((content) => Object.values(content ?? {}))) {
        if (example !== undefined) check(schema, example, name);
      }
    }
    const problem = document.components.schemas.Problem as object;
    for (const [reason, { value }] of Object.entries(document.components.examples)) check(problem, value, reason);
  });

  it("leaves out of a body what path and Idempotency-Key say, and demands what the contract does", () => {
    const withdraw = operation("POST /v1/resolutions/{resolution_id}:withdraw");
    assert.deepEqual(
      withdraw.parameters?.map(({ name, in: place, required }) => [name, place, required]),
      [
        ["resolution_id", "path", true],
        ["Idempotency-Key", "header", true],
        ["Accept-Language", "header", undefined],
      ],
    );
    const body = json(operation("POST /v1/resolutions").requestBody?.content).schema;
    assert.equal(body.properties?.requestId, undefined);
    assert.deepEqual(body.required, ["orderId", "kind", "lines"]);
    assert.equal(operation("POST /v1/resolutions").requestBody?.required, true);
    assert.equal(withdraw.requestBody?.required, false);
  });

  it("asks for no key where nothing is changed", () => {
    const names = (name: string) => operation(name).parameters?.map((it) => it.name) ?? [];
    assert.ok(!names("POST /v1/resolutions:preview").includes("Idempotency-Key"));
    assert.ok(!names("GET /v1/resolutions/{resolution_id}").includes("Idempotency-Key"));
  });

  it("tells which reads can be had in part, and which answers in a language", () => {
    const names = (name: string) => operation(name).parameters?.map((it) => it.name) ?? [];
    assert.ok(names("GET /v1/resolutions").includes("fields"));
    assert.ok(!names("GET /v1/collections/{collection_id}/label").includes("fields"));
    assert.ok(names("GET /v1/resolutions/{resolution_id}/timeline").includes("Accept-Language"));
    assert.ok(!names("GET /v1/refunds").includes("Accept-Language"));
  });

  it("answers with the part of the answer that is sent", () => {
    const one = json(responseAt(operation("GET /v1/resolutions/{resolution_id}"), "200").content).schema;
    assert.equal(one.$ref, "#/components/schemas/resolution.v1.Resolution");
    const list = json(responseAt(operation("GET /v1/resolutions"), "200").content).schema;
    assert.equal(list.$ref, "#/components/schemas/resolution.v1.ListResolutionsResponse");
  });

  it("offers a stream as lines and as events, from where a reader left", () => {
    const watch = operation("GET /v1/resolutions/{resolution_id}:watch");
    const content = responseAt(watch, "200").content ?? {};
    assert.deepEqual(Object.keys(content), ["application/x-ndjson", "text/event-stream"]);
    assert.ok(watch.parameters?.some(({ name }) => name === "Last-Event-ID"));
    assert.match(String(content["text/event-stream"]?.example), /^id: 1\ndata: \{.*\}\n\nevent: end\n/);
  });

  it("offers a label as bytes that need not be loaded twice", () => {
    const label = operation("GET /v1/collections/{collection_id}/label");
    assert.deepEqual(Object.keys(responseAt(label, "200").content ?? {}), ["*/*"]);
    assert.ok(label.responses["304"] && label.parameters?.some(({ name }) => name === "If-None-Match"));
  });

  it("tells the reasons of an rpc's comment under the status they are answered with", () => {
    const withdraw = operation("POST /v1/resolutions/{resolution_id}:withdraw");
    assert.deepEqual(reasonsAt(withdraw, "404"), ["RESOLUTION_NOT_FOUND"]);
    assert.deepEqual(reasonsAt(withdraw, "409"), ["CONTENTION", "RESOLUTION_STATE", "ALREADY_HANDED_OVER"]);
    assert.deepEqual(reasonsAt(withdraw, "422"), ["REQUEST_ID_REUSED"]);
    assert.deepEqual(reasonsAt(withdraw, "401"), ["UNAUTHENTICATED"]);
  });

  it("follows a comment that takes over another rpc's reasons", () => {
    const decide = reasonsOf(methodOf("/backhaul.eligibility.v1.EligibilityService/DecideEligibility"));
    assert.ok(decide.includes("NO_POLICY") && decide.includes("EVIDENCE_MISSING"), decide.join());
  });

  it("knows every reason that a comment names", () => {
    for (const file of registry.files) {
      for (const method of file.services.flatMap(({ methods }) => methods)) {
        const [, list = ""] = /\bReasons: ?([^.]*)/.exec(commentOf(method)) ?? [];
        const named = list.match(/\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b/g) ?? [];
        const known = reasonsOf(method);
        assert.deepEqual(
          named.filter((reason) => !known.includes(reason)),
          [],
          `${method.parent.typeName}/${method.name}`,
        );
      }
    }
  });

  it("says who may call, and with what", () => {
    const { security, "x-roles": roles, "x-owner": owner } = operation("POST /v1/resolutions/{resolution_id}:withdraw");
    assert.deepEqual([security, roles, owner], [undefined, ["CUSTOMER", "GUEST", "AGENT", "LEAD"], true]);
    assert.deepEqual(operation("POST /webhooks/carriers/{carrier}").security, [{ signature: [] }]);
    for (const path of ["/healthz", "/readyz", "/openapi.json", "/docs"])
      assert.deepEqual(operation(`GET ${path}`).security, []);
  });
});
