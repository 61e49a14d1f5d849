// Who is at the other end: the names in the certificate that the handshake verified, against those who may call here.
// Nobody else gets as far as a handler, be it of health or reflection. A token that the mesh minted is only taken from
// the service that minted it, so a stolen one is worth nothing without that service's key.
import {
  type Metadata,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
} from "@grpc/grpc-js";
import type { Caller } from "#kit/access.js";
import { namesIn } from "#kit/certificates.js";
import { codes, toStatus } from "#kit/errors.js";
import type { Log } from "#kit/log.js";
import { DomainError } from "#kit/pure/check.js";
import { traceId } from "#kit/telemetry.js";

/** Who may call. */
export type AllowedCallers = {
  /** Services of the mesh: they bring tokens that they minted. None lets none in. */
  readonly services: readonly string[];
  /** Others, such as an operator's tools: they bring people's tokens. */
  readonly others: readonly string[];
  /** What follows the name in a certificate. */
  readonly domain: string;
};

/** The door's view of its callers. */
export type KnownCallers = {
  /** Answers PEER_NOT_ALLOWED before anything of the call is read. */
  readonly interceptor: ServerInterceptor;
  /** @throws DomainError PEER_TOKEN_MISMATCH if the token is not one that the other end may bring */
  confirm(metadata: Metadata, caller: Caller): void;
};

/** Opens the list; each name is a label before the domain: "refund" for refund.backhaul.internal. */
export function knownCallers({ services, others, domain }: AllowedCallers, log: Log): KnownCallers {
  const allowed = new Set([...services, ...others]);
  // By the call's own metadata: a handler is given the very same.
  const peers = new WeakMap<Metadata, readonly string[]>();

  const interceptor: ServerInterceptor = (method, call) =>
    new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, admit) => {
            const names = peerNames(call, domain);
            if (names.some((name) => allowed.has(name))) {
              peers.set(metadata, names);
              return admit(metadata);
            }
            const peer = names.join() || "nobody of this domain";
            const error = new DomainError("PEER_NOT_ALLOWED", `${peer} may not call here`, { peer });
            log.warn({ method: method.path, reason: error.reason, peer, address: call.getPeer() }, "refused");
            call.sendStatus({ code: codes.PEER_NOT_ALLOWED, details: error.message, ...toStatus(error, traceId()) });
          },
        }),
    });

  return {
    interceptor,
    confirm: (metadata, { via }) => {
      const names = peers.get(metadata) ?? [];
      const theirs = via ? names.includes(via) : names.some((name) => others.includes(name));
      if (theirs) return;
      const peer = names.join();
      throw new DomainError(
        "PEER_TOKEN_MISMATCH",
        via
          ? `the token is one that ${via} passes on, and the certificate is not ${via}'s`
          : "a service passes callers on by tokens of its own, never by theirs",
        { peer, via },
      );
    },
  };
}

// Reading a certificate takes a sixth of a call's CPU, and a connection shows one certificate for all its life.
const shown = new WeakMap<object, readonly string[]>();

function peerNames(call: ServerInterceptingCallInterface, domain: string): readonly string[] {
  // grpc-js keeps the connection to itself; should it move, each call reads the certificate.
  const connection = (call as { stream?: { session?: object } }).stream?.session;
  const found = connection && shown.get(connection);
  if (found) return found;
  const names = namesIn(call.getAuthContext().sslPeerCertificate?.subjectaltname, domain);
  if (connection) shown.set(connection, names);
  return names;
}
