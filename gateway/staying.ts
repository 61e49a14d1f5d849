// Who follows a stream stays as long as what let them in: a guest's session or a key that was taken back ends it.
import type { FastifyReply, FastifyRequest } from "fastify";
import { isApiKey } from "#kit/apiKeys.js";
import { Unavailable } from "#kit/errors.js";
import { DomainError } from "#kit/pure/check.js";
import type { Admitted, Door } from "./auth.js";
import type { Route } from "./routes.js";

/** With what identify.ts remembers, gone within the five seconds that are promised. */
const everyMs = 1_000;

/** Calls `leave` once the door would let the caller in no more; where nobody can say, they stay. */
export function whileAdmitted(
  door: Door,
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
  { caller }: Admitted,
  leave: () => void,
): void {
  const { authorization } = request.headers;
  const revocable = caller.role === "GUEST" || isApiKey(authorization?.slice("Bearer ".length) ?? "");
  if (!revocable) return;
  const timer = setInterval(() => {
    door.admit(authorization, route, request.ip).catch((error) => {
      if (error instanceof DomainError && !(error instanceof Unavailable)) leave();
    });
  }, everyMs);
  reply.raw.once("close", () => clearInterval(timer));
}
