// Writes gen/rest/api.ts, the types for clients of the edge; scripts/generate.mjs runs it after the contracts' own code.
import { mkdirSync, writeFileSync } from "node:fs";
import { registry } from "#kit/contracts.js";
import { buildRoutes } from "../routes.js";
import { documentOf } from "./document.js";
import { typesOf } from "./types.js";

const folder = new URL("../../gen/rest/", import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL("api.ts", folder), typesOf(documentOf(buildRoutes(registry))));
