// The edge's OpenAPI 3.1 document, made from the route table that it serves: what is a route is described, and the other way
// round. The same contracts make the same document, byte by byte.
import { methodOf } from "#kit/contracts.js";
import type { Route } from "../routes.js";
import { carrierRoutes } from "../webhooks.js";
import { edgePaths, handTags, securitySchemes, webhookPaths } from "./byHand.js";
import { commentOf } from "./comments.js";
import { createExamples } from "./example.js";
import { faultExamples, problemSchema, reasonSchema, sharedResponses } from "./faults.js";
import { operationOf } from "./operation.js";
import { createSchemas } from "./schema.js";
import type { OpenApi, PathItem, Tag } from "./spec.js";

const description = `Returns, exchanges, cancellations, claims and refunds.

Bodies are proto3 JSON, read strictly: what is not described is refused. Fields go by \`orderId\` or \`order_id\`; 64-bit
integers come back as text; an answer holds every field, set or not, but for messages that are not set. Query parameters
take an enum also by its short name: \`?state=OPEN\`.

Every POST that changes something needs an \`Idempotency-Key\`. An error is \`application/problem+json\` with a reason of the
error manual.`.replaceAll(/(?<!\n)\n(?!\n)/g, " ");

/** The document of these routes and of those written by hand. */
export function documentOf(routes: readonly Route[]): OpenApi {
  const all = [...routes, ...carrierRoutes];
  const requests = [...new Set(all.map(({ input }) => input))];
  const answers = routes.flatMap((route) => route.responseBody?.message ?? (route.responseBody ? [] : route.output));
  const workshop = { schemas: createSchemas(requests, answers), examples: createExamples([...requests, ...answers]) };

  const paths: Record<string, PathItem> = {};
  const twins = new Map<string, number>();
  for (const route of routes) {
    const twin = twins.get(route.path) ?? 0;
    twins.set(route.path, twin + 1);
    const { text } = route.template;
    paths[text] = { ...paths[text], [route.verb.toLowerCase()]: operationOf(route, workshop, twin) };
  }
  Object.assign(paths, webhookPaths(workshop), edgePaths());

  return {
    openapi: "3.1.1",
    info: { title: "Backhaul", version: "v1", description },
    servers: [{ url: "/" }],
    security: [{ bearer: [] }],
    tags: [...tagsOf(routes), ...handTags],
    paths,
    components: {
      securitySchemes,
      schemas: { ...workshop.schemas.components(), Problem: problemSchema(), Reason: reasonSchema() },
      examples: faultExamples(),
      responses: sharedResponses(),
    },
  };
}

/** One per service, in the order of its routes. */
function tagsOf(routes: readonly Route[]): Tag[] {
  const services = new Set(routes.map((route) => methodOf(route.path).parent));
  return [...services].map((service) => ({ name: service.name, description: commentOf(service) }));
}
