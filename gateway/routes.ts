// The route table, built from the contracts' google.api.http options: one route per rpc and binding. Knows no domain.
import {
  type DescField,
  type DescMessage,
  type DescMethod,
  type FileRegistry,
  getOption,
  hasOption,
  ScalarType,
} from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import { type AccessRule, accessOf, repeatable } from "#kit/contracts.js";
import { parseTemplate, type Template } from "./template.js";

type Verb = "GET" | "PUT" | "POST" | "PATCH" | "DELETE";

/** A field, reached through the message fields before it. */
export type FieldPath = readonly DescField[];

/** One way in: what REST calls, and which rpc that is. */
export type Route = {
  readonly verb: Verb;
  readonly template: Template;
  /** What each parameter of the template fills. */
  readonly pathFields: readonly FieldPath[];
  /** What path and header fill; a body may repeat it, not contradict it. */
  readonly bound: readonly FieldPath[];
  /** Where the body goes: the whole message, one field of it, or there is none. */
  readonly body: "*" | DescField | undefined;
  /** The part of the answer that is sent; all of it if not set. */
  readonly responseBody: DescField | undefined;
  /** The field the Idempotency-Key fills; the header is demanded where there is one. */
  readonly requestId: DescField | undefined;
  readonly input: DescMessage;
  readonly output: DescMessage;
  /** "backhaul.refund.v1.RefundService" */
  readonly service: string;
  /** "/backhaul.refund.v1.RefundService/GetRefund" */
  readonly path: string;
  /** Whose address serves it: the word after "backhaul." in the package, "refund"; empty where every service does. */
  readonly domain: string;
  /** The template's parameter that says who is asked, where every service serves it: "p0". */
  readonly serviceParam: string | undefined;
  readonly streaming: boolean;
  /** Whether it only reads, so that nobody misses it when the caller leaves. */
  readonly readOnly: boolean;
  /** Whether it may be sent again after it failed. */
  readonly repeatable: boolean;
  readonly access: AccessRule;
};

/** google.api.HttpRule, read from the descriptor set. */
export type HttpRule = {
  readonly pattern: { readonly case?: string; readonly value?: unknown };
  readonly body: string;
  readonly responseBody: string;
  readonly additionalBindings: readonly HttpRule[];
};

/**
 * All routes of the contracts.
 * @throws Error if a contract asks for something the edge cannot offer, or two rpcs for the same route
 */
export function buildRoutes(registry: FileRegistry): Route[] {
  const http = registry.getExtension("google.api.http");
  if (!http) throw new Error("the descriptor set has no google.api.http: run npm run generate");
  const routes: Route[] = [];
  for (const file of registry.files) {
    for (const method of file.services.flatMap((service) => service.methods)) {
      if (!hasOption(method, http)) continue; // no annotation, not on the edge
      const rule = getOption(method, http) as unknown as HttpRule;
      routes.push(...[rule, ...rule.additionalBindings].map((binding) => bind(method, binding)));
    }
  }
  refuseTwins(routes);
  return routes;
}

/**
 * Binds one rpc to one HTTP verb and path.
 * @throws Error if the rule names no such field, or asks for something the edge cannot offer
 */
export function bind(method: DescMethod, rule: HttpRule): Route {
  const name = `${method.parent.typeName}.${method.name}`;
  const { input, output } = method;
  const verb = String(rule.pattern.case).toUpperCase() as Verb;
  if (!["GET", "PUT", "POST", "PATCH", "DELETE"].includes(verb))
    throw new Error(`${name}: no verb ${verb} at the edge`);
  if (method.methodKind !== "unary" && method.methodKind !== "server_streaming") {
    throw new Error(`${name}: a client stream has no place in HTTP`);
  }
  const template = parseTemplate(String(rule.pattern.value));
  const pathFields = template.fields.map((field) => pathField(name, input, field));
  const requestId = verb === "GET" ? undefined : requestIdOf(input);
  const served = template.fields.indexOf("service");
  if (verb === "GET" && input.fields.some((field) => field.name === "fields")) {
    throw new Error(`${name}: "fields" is the field mask of every read, and cannot be a field of ${input.typeName}`);
  }
  return {
    verb,
    template,
    pathFields,
    bound: requestId ? [...pathFields, [requestId]] : pathFields,
    body: bodyField(name, input, rule.body),
    responseBody: rule.responseBody ? fieldOf(name, output, rule.responseBody) : undefined,
    requestId,
    input,
    output,
    service: method.parent.typeName,
    path: `/${method.parent.typeName}/${method.name}`,
    domain: served < 0 ? (method.parent.typeName.split(".")[1] ?? "") : "",
    serviceParam: served < 0 ? undefined : `p${served}`,
    streaming: method.methodKind === "server_streaming",
    readOnly: method.idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS,
    repeatable: repeatable(method),
    access: accessOf(method),
  };
}

function fieldOf(method: string, message: DescMessage, name: string): DescField {
  const field = message.fields.find((f) => f.name === name);
  if (!field) throw new Error(`${method}: ${message.typeName} has no field ${name}`);
  return field;
}

/** A parameter is one word, so it fills a scalar or an enum, and a body must not be able to undo it through a oneof. */
function pathField(method: string, input: DescMessage, dotted: string): FieldPath {
  const path: DescField[] = [];
  let message: DescMessage | undefined = input;
  for (const name of dotted.split(".")) {
    if (!message) throw new Error(`${method}: {${dotted}} goes through a field that is no message`);
    const field: DescField = fieldOf(method, message, name);
    path.push(field);
    message = field.fieldKind === "message" ? field.message : undefined;
  }
  const kind = path.at(-1)?.fieldKind;
  if ((kind !== "scalar" && kind !== "enum") || path.some((field) => field.oneof)) {
    throw new Error(`${method}: {${dotted}} is neither a scalar nor an enum, or in a oneof`);
  }
  return path;
}

function bodyField(method: string, input: DescMessage, body: string): Route["body"] {
  if (body === "" || body === "*") return body || undefined;
  const field = fieldOf(method, input, body);
  if (field.fieldKind !== "message" || field.oneof) throw new Error(`${method}: body "${body}" is not a message field`);
  return field;
}

function requestIdOf(input: DescMessage): DescField | undefined {
  return input.fields.find(
    (f) => f.name === "request_id" && f.fieldKind === "scalar" && f.scalar === ScalarType.STRING,
  );
}

function refuseTwins(routes: readonly Route[]): void {
  const seen = new Map<string, Route>();
  for (const route of routes) {
    const key = `${route.verb} ${route.template.pattern}`;
    const twin = seen.get(key);
    if (twin) throw new Error(`${twin.path} and ${route.path} both want ${route.verb} ${route.template.text}`);
    seen.set(key, route);
  }
}
