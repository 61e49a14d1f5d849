// Page tokens as REST callers get them: what the service gave, sealed for this list, these filters and this caller. A token
// that was changed, or taken to another list, is refused here instead of giving a page out of its place.
import { createHmac, timingSafeEqual } from "node:crypto";
import { type DescField, type Message, ScalarType, toJson } from "@bufbuild/protobuf";
import { registry } from "#kit/contracts.js";
import { DomainError } from "#kit/pure/check.js";
import type { Route } from "./routes.js";

/** Seals and opens tokens; every replica of a mesh alike. */
export type PageTokens = {
  /**
   * Puts the service's own token into a request that came with a sealed one; returns what seals the next.
   * @throws DomainError PAGE_TOKEN_INVALID
   */
  open(route: Route, request: Message, who: string): (nextToken: string) => string;
};

/** Of a list that pages: where a request says which page, and an answer what comes after it. */
export type Paging = { readonly token: DescField; readonly next: DescField };

const paging = new WeakMap<Route, Paging | "none">();

// 96 bits: nobody guesses one, and a token stays short enough for a URL.
const sealLength = 16;

/** Whether a route pages: page_token in, next_page_token out (AIP-158). */
export function pagingOf(route: Route): Paging | undefined {
  const known = paging.get(route) ?? findPaging(route) ?? "none";
  paging.set(route, known);
  return known === "none" ? undefined : known;
}

function findPaging({ readOnly, streaming, responseBody, input, output }: Route): Paging | undefined {
  if (!readOnly || streaming || responseBody) return undefined;
  const token = input.fields.find(({ name, scalar }) => name === "page_token" && scalar === ScalarType.STRING);
  const next = output.fields.find(({ name, scalar }) => name === "next_page_token" && scalar === ScalarType.STRING);
  return token && next && { token, next };
}

/** @param secret what the replicas share */
export function createPageTokens(secret: string): PageTokens {
  const key = createHmac("sha256", secret).update("page tokens").digest();
  return {
    open: (route, request, who) => {
      const { token } = pagingOf(route) as Paging;
      const fields = request as unknown as Record<string, unknown>;
      const sealed = String(fields[token.localName] ?? "");
      fields[token.localName] = "";
      const asked = filterOf(route, request, who);
      const sealOf = (text: string) =>
        createHmac("sha256", key).update(`${asked}\0${text}`).digest("base64url").slice(0, sealLength);
      if (sealed !== "") {
        const text = sealed.slice(sealLength);
        if (!isSame(sealed.slice(0, sealLength), sealOf(text))) throw invalid();
        fields[token.localName] = text;
      }
      return (nextToken) => (nextToken === "" ? "" : sealOf(nextToken) + nextToken);
    },
  };
}

/** Who asks for what: how many rows a page has may change on the way. */
function filterOf({ path, input }: Route, request: Message, who: string): string {
  const { pageSize: _any, ...filter } = toJson(input, request, { registry }) as Record<string, unknown>;
  return JSON.stringify([path, who, filter]);
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function invalid(): DomainError {
  return new DomainError(
    "PAGE_TOKEN_INVALID",
    "page_token is not one that this list gave you for these filters: leave it out to start over",
  );
}
