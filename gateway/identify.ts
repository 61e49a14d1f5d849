// What somebody may bring to say who they are: a token of an issuer, a guest's, or a key.

import { ApiKeyServiceService, type CheckApiKeyResponse } from "#gen/backhaul/resolution/v1/api_key_service.js";
import { GuestServiceService } from "#gen/backhaul/resolution/v1/guest_service.js";
import { bearer, createMinter, createVerifier } from "#kit/access.js";
import { isApiKey } from "#kit/apiKeys.js";
import { openAddress } from "#kit/client.js";
import { RpcError, Unavailable } from "#kit/errors.js";
import { openGuestTokens } from "#kit/guestTokens.js";
import type { TokenSettings } from "#kit/issuers.js";
import type { Identity } from "#kit/tls.js";
import { apiKeyReader } from "./apiKeys.js";
import type { Identify } from "./auth.js";
import { guestReader } from "./guests.js";
import { remember } from "./remember.js";

export type IdentifyOptions = TokenSettings & {
  readonly meshSecret: string;
  readonly callDeadlineMs: number;
  /** Of the service that keeps sessions and keys. */
  readonly address: string;
  /** With which the edge proves itself to it; in plain text without. */
  readonly identity?: Identity | undefined;
};

// What was taken back opens nothing after this: five seconds are promised.
const rememberedMs = 4_000;
const most = 20_000;

/** @throws Error if an issuer's keys are in a file that cannot be read */
export function openIdentify(options: IdentifyOptions): { readonly identify: Identify; close(): void } {
  const { meshSecret, callDeadlineMs: deadlineMs, address, identity } = options;
  const verify = createVerifier(options, meshSecret);
  const mint = createMinter("gateway", meshSecret);
  const opened = openAddress(address, { service: "gateway", mint, deadlineMs, identity });
  const guests = opened.connect(GuestServiceService);
  const tokens = openGuestTokens(meshSecret);
  const readGuest = guestReader(tokens, remember(rememberedMs, most), async (sessionId) => {
    return (await asked(guests.getGuestSession({ sessionId }))).live;
  });
  const keys = opened.connect(ApiKeyServiceService);
  const readKey = apiKeyReader(remember<CheckApiKeyResponse>(rememberedMs, most), (key) =>
    asked(keys.checkApiKey(key)),
  );
  return {
    identify: async (authorization, route) => {
      const [, key] = /^Bearer (\S+)$/i.exec(authorization ?? "") ?? [];
      if (key && isApiKey(key)) return readKey(key, route);
      const token = bearer(authorization);
      return tokens.isOne(token) ? readGuest(token) : verify(token);
    },
    close: opened.close,
  };
}

/** Whoever cannot be asked is away: nobody is let in, and nobody told that what they bring is wrong. */
async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    const message = "nobody can say now whether what you bring holds; try again";
    throw new Unavailable("UPSTREAM_UNAVAILABLE", message, { target: error.method });
  }
}
