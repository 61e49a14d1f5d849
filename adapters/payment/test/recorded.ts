// Shapes that were recorded at the providers. They lie beside the checkout, not in it: tests that need them are skipped
// where they are not.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

/** Seen from the project's root. */
const place = "../shared/data/payments";
const path = (file: string) => fileURLToPath(new URL(`../../../${place}/${file}`, import.meta.url));
const files = {
  all: "stripe-fixtures3.json.gz",
  refunds: "stripe-fixtures-refund-subset.json",
  words: "refund-api-vocab.json",
};
export const present = Object.values(files).every((file) => existsSync(path(file)));

/** Behind a title, where the shapes are missing. */
export const skipped = present ? "" : ` (skipped: ${place} is not there)`;

type Shape = Record<string, unknown>;

/** Stripe's objects by name, e.g. "refund": github.com/stripe/openapi, MIT. */
export function stripeShape(name: string): Shape {
  const subset = JSON.parse(readFileSync(path(files.refunds), "utf8")).resources;
  const all = JSON.parse(gunzipSync(readFileSync(path(files.all))).toString()).resources;
  const shape = subset[name] ?? all[name];
  if (!shape) throw new Error(`no shape of ${name} was recorded`);
  return structuredClone(shape);
}

/** What is known of Toss Payments' cancel: request, response and rules, in words. */
export function tossWords(): { request: string; response: string; rules: string[] } {
  return JSON.parse(readFileSync(path(files.words), "utf8"))["toss payments (KR)"];
}
