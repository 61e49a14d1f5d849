import assert from "node:assert/strict";
import type { DescMessage } from "@bufbuild/protobuf";
import { registry } from "#kit/contracts.js";
import { createExamples } from "../openapi/example.js";
import { sampleOf } from "../openapi/sample.js";
import { createSchemas } from "../openapi/schema.js";

const message = (name: string) => registry.getMessage(name) as DescMessage;

describe("a message as JSON Schema", () => {
  const create = message("backhaul.resolution.v1.CreateResolutionRequest");
  const goodwill = message("backhaul.refund.v1.GrantGoodwillRequest");
  const refund = message("backhaul.refund.v1.Refund");
  const entry = message("backhaul.resolution.v1.TimelineEntry");
  const schemas = createSchemas([create, goodwill], [refund, entry]);

  it("maps every kind of field as proto3 JSON does", () => {
    const { properties = {} } = schemas.ofMessage(entry, "answer");
    assert.deepEqual([properties.sequence?.type, properties.sequence?.format], ["string", "int64"]);
    assert.deepEqual([properties.createTime?.type, properties.createTime?.format], ["string", "date-time"]);
    assert.equal(properties.applied?.type, "boolean");
    assert.equal(properties.state?.$ref, "#/components/schemas/resolution.v1.ResolutionState");
    const photo = schemas.ofMessage(message("backhaul.collection.v1.RecordCarrierMessageRequest"), "request");
    assert.equal(photo.properties?.content?.contentEncoding, "base64");
  });

  it("tells an enum's names, each with what it means", () => {
    schemas.refTo(create, "request");
    const kind = schemas.components()["type.v1.Kind"];
    assert.ok(kind?.enum?.includes("KIND_RETURN"));
    assert.equal((kind?.["x-enum-descriptions"] as Record<string, string>).KIND_RETURN, "Send goods back for money.");
  });

  it("holds a request to the contract's rules, and refuses what it does not know", () => {
    const line = schemas.ofMessage(message("backhaul.eligibility.v1.RequestedLine"), "request");
    assert.deepEqual(line.required, ["lineId", "quantity", "reason"]);
    assert.deepEqual([line.properties?.quantity?.exclusiveMinimum, line.properties?.quantity?.maximum], [0, 1_000_000]);
    assert.equal(line.properties?.lineId?.pattern, "^[A-Za-z0-9_.-]{1,80}$");
    assert.equal(line.additionalProperties, false);
    const { kind, lines } = schemas.ofMessage(create, "request").properties ?? {};
    assert.deepEqual(kind?.not, { enum: ["KIND_UNSPECIFIED"] });
    assert.deepEqual([lines?.minItems, lines?.maxItems], [1, 200]);
  });

  it("promises in an answer every field that is always written, and lets it grow", () => {
    const { required = [], additionalProperties } = schemas.ofMessage(entry, "answer");
    assert.ok(required.includes("applied") && required.includes("sequence"));
    assert.ok(!required.includes("createTime"), "a message that is not set is left out");
    assert.equal(additionalProperties, undefined);
  });

  it("keeps apart a message that goes both ways", () => {
    assert.equal(
      schemas.ofMessage(goodwill, "request").properties?.amount?.$ref,
      "#/components/schemas/google.type.Money.Input",
    );
    schemas.refTo(refund, "answer");
    const { "google.type.Money": told, "google.type.Money.Input": asked } = schemas.components();
    assert.deepEqual(told?.required, ["currencyCode", "units", "nanos"]);
    assert.equal(asked?.required, undefined);
  });

  it("allows one member of a oneof, or none", () => {
    // The contracts have no oneof of their own; the rules they are written with have.
    const [choice] = schemas.ofMessage(
      message("buf.validate.RepeatedRules").fields[3]?.message as DescMessage,
      "request",
    ).allOf as {
      oneOf: unknown[];
    }[];
    assert.deepEqual(choice?.oneOf[0], { required: ["float"] });
    assert.ok(JSON.stringify(choice?.oneOf.at(-1)).startsWith('{"not":{"anyOf":[{"required":["float"]}'));
  });
});

describe("an example", () => {
  const get = message("backhaul.resolution.v1.GetResolutionRequest");
  const create = message("backhaul.resolution.v1.CreateResolutionRequest");
  const resolution = message("backhaul.resolution.v1.Resolution");
  const examples = createExamples([create, get, resolution]);

  it("of a request holds what it must", () => {
    assert.deepEqual(Object.keys(examples.ofMessage(create, "request")), ["requestId", "orderId", "kind", "lines"]);
  });

  it("has the same id in the request and in the answer", () => {
    const { resolutionId: asked } = examples.ofMessage(get, "request");
    const { resolutionId: told } = examples.ofMessage(resolution, "answer");
    assert.match(String(asked), /^res_[0-9A-HJKMNP-TV-Z]{26}$/);
    assert.equal(told, asked);
  });

  it("is what the contract's comment gives", () => {
    const [line] = examples.ofMessage(create, "request").lines as { reason: string }[];
    assert.equal(line?.reason, "SIZE_TOO_SMALL");
  });

  it("fits every form of pattern that the contracts use, and gives up on others", () => {
    for (const pattern of [
      "^[A-Z]{2}$",
      "^(AMBIENT|CHILLED)?$",
      "^[0-9a-f]{64}$",
      "^[A-Z][A-Z0-9_]{0,63}$",
      "^a(b[cd]+)?\\.$",
    ]) {
      assert.match(sampleOf(pattern) ?? "", new RegExp(pattern));
    }
    assert.equal(sampleOf("^(?!a)[a]$"), undefined);
  });
});
