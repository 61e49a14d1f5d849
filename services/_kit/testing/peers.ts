// The other side of a service under test: a server that plays its partners, and clients that call it.
import { createMinter, createVerifier } from "#kit/access.js";
import { type ClientOf, openAddress, type ServiceContract } from "#kit/client.js";
import type { RoleWord } from "#kit/contracts.js";
import { createLog } from "#kit/log.js";
import { DomainError } from "#kit/pure/check.js";
import { type Handlers, type Implementation, implement, type ServerOptions, serve } from "#kit/server.js";
import { meshSecret, type Stage } from "./stage.js";

/** Serves fakes that implement the generated contracts; resolves with their address. */
export async function playPartners(
  stage: Stage,
  fakes: readonly Implementation[],
): Promise<{ address: string; stop(): Promise<void> }> {
  const { TOKEN_JWKS: jwks = "", TOKEN_ISSUER: issuer = "", TOKEN_AUDIENCE: audience = "" } = stage.env("partner");
  const server = await serve(fakes, {
    host: "127.0.0.1",
    port: 0,
    verify: createVerifier({ issuer, audience, jwks }, meshSecret),
    log: createLog("partner", "silent"),
    reflection: false,
    drainMs: 100,
  });
  return { address: `127.0.0.1:${server.port}`, stop: server.stop };
}

/** A contract of which a test needs a few methods; the others fail. */
export function partOf<S extends ServiceContract>(contract: S, handlers: Partial<Handlers<S>>): Implementation {
  const none = async () => {
    throw new DomainError("INTERNAL", "not played here");
  };
  const all = { ...Object.fromEntries(Object.keys(contract).map((name) => [name, none])), ...handlers };
  return implement(contract, all as Handlers<S>);
}

/** Serves them without a stage: only tokens of the mesh's own are believed. */
export function serveAlone(
  fakes: readonly Implementation[],
  more: Partial<ServerOptions> = {},
): ReturnType<typeof serve> {
  const verify = createVerifier({ issuer: "", audience: "", issuers: [] }, meshSecret);
  const log = createLog("test", "silent");
  return serve(fakes, { host: "127.0.0.1", port: 0, verify, log, reflection: false, drainMs: 2_000, ...more });
}

/** A client that speaks as this caller, or as a service of the mesh. */
export function clientAs<S extends ServiceContract>(
  contract: S,
  port: number,
  role: RoleWord = "SERVICE",
  subject = "test",
  deadlineMs = 10_000,
): ClientOf<S> & { close(): void } {
  const mint = createMinter("test", meshSecret);
  const caller = { subject, role, via: "" };
  const opened = openAddress(`127.0.0.1:${port}`, { service: subject, mint: () => mint(caller), deadlineMs });
  return { ...opened.connect(contract), close: opened.close };
}

/** Waits until a condition holds; fails with the last error, or after the time is up. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | false>,
  timeoutMs = 20_000,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > end) throw new Error(`${what} did not happen within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
