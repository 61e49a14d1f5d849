// Headers that stand on every answer, also on those that are given before there is a request.
import type { FastifyReply } from "fastify";

export type Headers = Readonly<Record<string, string>>;

/**
 * All that @fastify/helmet would add for a server that hardly sends HTML; it works its headers out anew for each request,
 * which costs as much as reading a body. An answer that may be kept says so itself.
 * @param hstsSeconds how long browsers remember to come by TLS only; 0 leaves that to whatever ends TLS
 */
export function everyAnswer(hstsSeconds: number): Headers {
  return {
    "cache-control": "no-store", // what people gave back is nobody else's business
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    ...(hstsSeconds > 0 ? { "strict-transport-security": `max-age=${hstsSeconds}; includeSubDomains` } : {}),
    "x-content-type-options": "nosniff",
  };
}

/** Says that the answer would be another one if this header of the request were. */
export function vary(reply: FastifyReply, name: string): void {
  const names = String(reply.getHeader("vary") ?? "");
  if (names.split(", ").includes(name)) return;
  reply.header("vary", names ? `${names}, ${name}` : name);
}
