// The routes that no contract's option declares: carriers' webhooks, health, and the document itself.
import { methodOf } from "#kit/contracts.js";
import type { Route } from "../routes.js";
import { carrierRoutes } from "../webhooks.js";
import { firstSentence } from "./comments.js";
import { faultResponses, reasonsOf } from "./faults.js";
import { type Workshop, wordsOf } from "./operation.js";
import { parametersOf } from "./parameters.js";
import type { Content, Operation, Parameter, PathItem, Response, Tag } from "./spec.js";

export const handTags: readonly Tag[] = [
  {
    name: "CarrierWebhooks",
    description: "What carriers report, signed by [Standard Webhooks](https://www.standardwebhooks.com).",
  },
  { name: "Edge", description: "The edge itself: whether it lives, and what it offers. No token is needed." },
];

export const securitySchemes = {
  bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT", description: "A token of an issuer the edge trusts." },
  signature: {
    type: "apiKey",
    in: "header",
    name: "webhook-signature",
    description:
      "`v1,` and the base64 of HMAC-SHA256 over `{webhook-id}.{webhook-timestamp}.{body}`; several, space between.",
  },
} as const;

/** Paths of the carriers' webhooks. */
export function webhookPaths(workshop: Workshop): Record<string, PathItem> {
  return Object.fromEntries(
    carrierRoutes.map((route) => {
      const isJson = !route.template.text.endsWith("/messages");
      return [route.template.text, { post: webhook(route, isJson, workshop) }];
    }),
  );
}

function webhook(route: Route, isJson: boolean, workshop: Workshop): Operation {
  const method = methodOf(route.path);
  const { description = "", summary } = wordsOf(method);
  const stored: Response = { description: "It is stored." };
  const words = "What the carrier wants to read, such as 1|OK.";
  const reply: Content = { "text/plain": { schema: { type: "string", description: words }, example: "1|OK" } };
  const reasons = [...(isJson ? ["INVALID_REQUEST", "MALFORMED_BODY"] : ["INVALID_REQUEST"]), ...reasonsOf(method)];
  return {
    operationId: `${method.parent.name}_${method.name}`,
    tags: ["CarrierWebhooks"],
    summary,
    description:
      `${description}\n\nAnswered with success only when all of it is stored: send again what was not.`.trim(),
    parameters: [...parametersOf({ ...route, requestId: undefined }, workshop.schemas, workshop.examples), ...signed],
    requestBody: { required: true, content: isJson ? jsonBody(route, workshop) : rawBody },
    responses: {
      ...(isJson ? {} : { "200": { description: words, content: reply } }),
      "204": stored,
      ...faultResponses([...reasons, "BODY_TOO_LARGE", "WEBHOOK_SIGNATURE", "INTERNAL", ...away]),
    },
    security: [{ signature: [] }],
  };
}

const away = ["STORE_UNAVAILABLE", "UPSTREAM_UNAVAILABLE", "DEADLINE_EXCEEDED"];

const signed: readonly Parameter[] = [
  {
    name: "webhook-id",
    in: "header",
    required: true,
    description: "The carrier's id for this message.",
    schema: { type: "string" },
    example: "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W",
  },
  {
    name: "webhook-timestamp",
    in: "header",
    required: true,
    description: "When it was signed, in seconds since 1970; within 5 minutes of now.",
    schema: { type: "string", pattern: "^[0-9]{1,12}$" },
    example: "1793612400",
  },
];

function jsonBody(route: Route, { schemas, examples }: Workshop): Content {
  const taken = new Set(route.bound.flat());
  const schema = schemas.ofMessage(route.input, "request", taken);
  return { "application/json": { schema, example: examples.ofMessage(route.input, "request", taken) } };
}

const rawBody: Content = {
  "*/*": { schema: { format: "binary", description: "The bytes as the carrier sends them." } },
};

/** Paths of the edge itself. */
export function edgePaths(): Record<string, PathItem> {
  const json = (description: string, example: unknown): Response => ({
    description,
    content: { "application/json": { schema: { type: "object" }, example } },
  });
  const page = (type: string, about: string, example: unknown): Response => ({
    description: about,
    headers: { etag: { description: "For `If-None-Match`.", schema: { type: "string" } } },
    content: { [type]: { schema: { type: type === "application/json" ? "object" : "string" }, example } },
  });
  const waiting = json("Not ready, or shutting down.", { status: "waiting", services: { refund: false } });
  const draining = faultResponses(["DRAINING"])["503"] as Response;
  const unready = { ...draining, ...waiting, content: { ...waiting.content, ...draining.content } };
  const kept: Response = { description: "What you have still holds." };
  return {
    "/healthz": { get: own("healthz", "The process lives.", { "200": json("It lives.", { status: "ok" }) }) },
    "/readyz": {
      get: own(
        "readyz",
        "The process is worth sending requests to. Not before every service was reached once, nor while shutting down.",
        { "200": json("Ready.", { status: "ready", services: { refund: true } }), "503": unready },
      ),
    },
    "/openapi.json": {
      get: own("openapi", "This document.", {
        "200": page("application/json", "OpenAPI 3.1.", { openapi: "3.1.1" }),
        "304": kept,
      }),
    },
    "/docs": {
      get: own("docs", "This document as a page to read.", {
        "200": page("text/html", "The page.", "<!doctype html>"),
        "304": kept,
      }),
    },
  };
}

function own(id: string, text: string, answers: Operation["responses"]): Operation {
  const summary = firstSentence(text);
  return {
    operationId: `Edge_${id}`,
    tags: ["Edge"],
    summary,
    ...(text.length > summary.length + 1 ? { description: text } : {}),
    responses: { ...answers, ...faultResponses(["INTERNAL"]) },
    security: [],
  };
}
