// The document as one page to read: every operation by service, every message below. It is whole without its script, which
// only searches; what the script hides or opens is marked here.
import { fieldsOf, schemaSection, typeText } from "./pageSchema.js";
import { pageScript } from "./pageScript.js";
import { pageStyle } from "./pageStyle.js";
import type { Content, Example, Media, OpenApi, Operation, Parameter, Reference, Response } from "./spec.js";
import { html, prose } from "./text.js";

/** The page, complete with its style and script. */
export function pageOf(document: OpenApi): string {
  const { info, tags, components } = document;
  const entries = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([verb, operation]) => ({ verb, path, operation })),
  );
  const sections = tags.map(({ name, description }) => {
    const own = entries.filter(({ operation }) => operation.tags.includes(name));
    const rows = own.map(({ verb, path, operation }) => operationRow(verb, path, operation, document));
    return `<section id="${html(name)}"><h2>${html(spaced(name))}</h2>${prose(description)}${rows.join("")}</section>`;
  });
  const links = tags.map(({ name }) => `<li><a href="#${html(name)}">${html(spaced(name))}</a></li>`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${html(info.title)} REST reference</title>
<style>${pageStyle}</style>
</head>
<body>
<nav aria-label="Services">
<p class="brand"><a href="#top">${html(info.title)} <small>${html(info.version)}</small></a></p>
<label class="find">Search <input id="search" type="search" placeholder="withdraw, tracking" autocomplete="off"></label>
<p id="found" role="status"></p>
<ul>${links.join("")}<li><a href="#reasons">Reasons</a></li><li><a href="#schemas">Messages</a></li></ul>
</nav>
<main id="top">
<header><h1>REST reference</h1>${prose(info.description)}<p><a href="openapi.json">OpenAPI ${html(document.openapi)}</a></p></header>
${sections.join("\n")}
<section id="reasons"><h2>Reasons</h2><p>Why a request is refused, and what its answer looks like.</p>${Object.entries(components.examples).map(reasonRow).join("")}</section>
<section id="schemas"><h2>Messages</h2>${Object.entries(components.schemas).map(schemaSection).join("")}</section>
</main>
<script>${pageScript}</script>
</body>
</html>
`;
}

/** "CollectionNetworkService" → "Collection network", "ApiKeyService" → "API key" */
function spaced(name: string): string {
  const words = name.replace(/Service$/, "").replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ");
  return (words[0] + words.slice(1).toLowerCase()).replace(/^Api\b/, "API");
}

function operationRow(verb: string, path: string, operation: Operation, document: OpenApi): string {
  const { operationId, summary, description, parameters = [], requestBody, responses } = operation;
  const parts = [
    description ? prose(description) : `<p>${html(summary)}.</p>`,
    callersOf(operation),
    parameters.length > 0 ? `<h4>Parameters</h4>${parameterTable(parameters)}` : "",
    requestBody
      ? `<h4>Body${requestBody.required ? "" : " <small>may be left out</small>"}</h4>${contentOf(requestBody.content)}`
      : "",
    ...Object.entries(responses).map(([status, response]) => responsePart(status, response, document)),
  ];
  const words = [
    operationId,
    path,
    summary,
    ...Object.values(responses).flatMap((it) => reasonsIn(resolve(it, document))),
  ];
  return `<details class="entry" id="${html(operationId)}" data-words="${html(words.join(" ").toLowerCase())}">
<summary><b class="verb ${verb}">${verb.toUpperCase()}</b> <code>${breakable(path)}</code> <span>${html(summary)}</span></summary>
<div class="inside">${parts.join("")}</div></details>
`;
}

function reasonRow([reason, { summary = "", value }]: readonly [string, Example]): string {
  const words = `${reason} ${summary}`.toLowerCase();
  const { status } = value as { status: number };
  return `<details class="entry" id="reason-${html(reason)}" data-words="${html(words)}"><summary><b class="verb">${status}</b> <code>${html(reason)}</code> <span>${html(summary)}</span></summary><div class="inside"><p>${html(summary)}</p><pre>${html(JSON.stringify(value, null, 2))}</pre></div></details>
`;
}

/** A path may break before its parts, so that it fits on a phone. */
function breakable(path: string): string {
  return html(path).replaceAll(/(?=[/:])/g, "<wbr>");
}

function callersOf(operation: Operation): string {
  if (operation.security?.length === 0) return "<p>Needs no token.</p>";
  const roles = operation["x-roles"];
  if (!roles) return "<p>Signed by the carrier.</p>";
  const list = roles.map((role) => `<code>${html(role)}</code>`).join(" ");
  return `<p class="roles">For ${list}${operation["x-owner"] ? "; customers and guests reach only what is theirs" : ""}</p>`;
}

function parameterTable(parameters: readonly Parameter[]): string {
  const rows = parameters.map(({ name, in: place, required, description = "", schema, example }) => {
    const shown = example === undefined ? "" : ` <span class="eg">${html(String(example))}</span>`;
    const marks = `<small>${place}${required ? ", required" : ""}</small>`;
    return `<div class="field"><dt><code>${html(name)}</code> ${typeText(schema)} ${marks}</dt><dd>${prose(description)}${shown}</dd></div>`;
  });
  return `<dl>${rows.join("")}</dl>`;
}

function contentOf(content: Content): string {
  return Object.entries(content)
    .map(([type, media]) => mediaPart(type, media))
    .join("");
}

function mediaPart(type: string, { schema, example }: Media): string {
  const name = schema.$ref || schema.type === "array" ? typeText(schema) : "";
  const fields = schema.properties ? fieldsOf(schema) : "";
  const text = typeof example === "string" ? example : JSON.stringify(example, null, 2);
  const shown =
    example === undefined
      ? ""
      : `<details class="example"><summary>Example</summary><pre>${html(text)}</pre></details>`;
  return `<p><small>${html(type)}</small> ${name}</p>${fields}${shown}`;
}

function responsePart(status: string, reference: Response | Reference, document: OpenApi): string {
  const response = resolve(reference, document);
  const isFault = response.content?.["application/problem+json"] !== undefined;
  const heading = `<h4><span class="status s${status[0]}">${status}</span></h4>`;
  if (!isFault) return `${heading}${prose(response.description)}${contentOf(response.content ?? {})}`;
  const reasons = reasonsIn(response).map((reason) => {
    const title = document.components.examples[reason]?.summary ?? "";
    return `<p><a href="#reason-${html(reason)}"><code>${html(reason)}</code></a> ${html(title)}</p>`;
  });
  return `<div class="fault">${heading}<div>${reasons.join("")}</div></div>`;
}

function reasonsIn(response: Response): string[] {
  return Object.keys(response.content?.["application/problem+json"]?.examples ?? {});
}

function resolve(response: Response | Reference, { components }: OpenApi): Response {
  if (!("$ref" in response)) return response;
  return components.responses[response.$ref.split("/").at(-1) ?? ""] as Response;
}
