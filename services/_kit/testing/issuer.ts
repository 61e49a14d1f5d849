// An identity provider as companies run one: a JWKS behind HTTP whose keys come and go, and tokens signed with them.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";

type PrivateKey = Awaited<ReturnType<typeof generateKeyPair>>["privateKey"];
export type TestIssuer = Awaited<ReturnType<typeof openTestIssuer>>;

export async function openTestIssuer(issuer: string) {
  const secrets = new Map<string, { key: PrivateKey; alg: string }>();
  const published = new Map<string, JWK>();
  let reads = 0;
  let answer: { status: number; body?: string } = { status: 200 };

  const server = createServer((_request, response) => {
    reads++;
    response.writeHead(answer.status, { "content-type": "application/jwk-set+json" });
    response.end(answer.body ?? JSON.stringify({ keys: [...published.values()] }));
  });
  await new Promise<void>((listening) => server.listen({ host: "127.0.0.1", port: 0 }, listening));
  const { port } = server.address() as AddressInfo;

  async function makeKey(kid: string, alg: string): Promise<JWK> {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
    secrets.set(kid, { key: privateKey, alg });
    return { ...(await exportJWK(publicKey)), kid, alg };
  }

  return {
    issuer,
    jwks: `http://127.0.0.1:${port}/jwks`,
    /** How often its keys were asked for. */
    reads: () => reads,
    publish: async (kid: string, alg = "ES256") => {
      published.set(kid, await makeKey(kid, alg));
    },
    withdraw: (kid: string) => {
      published.delete(kid);
    },
    /** What whoever asks for the keys gets instead of them. */
    breakDown: (status: number, body = "") => {
      answer = { status, body };
    },
    recover: () => {
      answer = { status: 200 };
    },
    /** A token signed with a key of this id, published or not; a key is made up where there is none. */
    token: async (role: string, { subject = "somebody", kid = "k1", iss = issuer } = {}): Promise<string> => {
      if (!secrets.has(kid)) await makeKey(kid, "ES256");
      const { key, alg } = secrets.get(kid) as { key: PrivateKey; alg: string };
      return new SignJWT({ role })
        .setProtectedHeader({ alg, kid })
        .setIssuer(iss)
        .setAudience("backhaul")
        .setSubject(subject)
        .setIssuedAt()
        .setExpirationTime("5m")
        .sign(key);
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((closed) => server.close(closed));
    },
  };
}
