// One service's audit trail with all that is known of it elsewhere, verified.
import { connect, type NatsConnection, type TlsOptions } from "nats";
import { filePlace, type Place, streamPlace } from "#kit/audit/places.js";
import type { Seal } from "#kit/audit/seal.js";
import { readTrail } from "#kit/audit/trail.js";
import { type TrailReport, verifyTrail } from "#kit/audit/verify.js";
import type { Identity } from "#kit/tls.js";

export type Where = {
  readonly databaseUrl: string;
  /** Before each service's schema. */
  readonly prefix: string;
  /** Empty for none; so is the file. */
  readonly natsUrl: string;
  readonly sealFile: string;
  /** Shown to NATS, where that asks for one. */
  readonly identity?: Identity | undefined;
  /** Without it the seals' MACs are not looked at. */
  readonly key: string | undefined;
};

/** @throws Error if something that was named cannot be read */
export async function trailOf(service: string, where: Where): Promise<TrailReport> {
  const { databaseUrl, prefix, key } = where;
  // Before the trail: what is published later may be newer than the moment at which that is read.
  const published = await publishedOf(service, where);
  return readTrail(databaseUrl, `${prefix}${service}`, (trail) => verifyTrail({ ...trail, service, published, key }));
}

async function publishedOf(service: string, { natsUrl, sealFile, identity }: Where): Promise<Seal[]> {
  let connection: NatsConnection | undefined;
  try {
    const places: Place[] = [];
    if (natsUrl) {
      const tls = identity ? { tls: identity.connection as TlsOptions } : {};
      connection = await connect({ servers: natsUrl, name: "audit", timeout: 5_000, ...tls });
      places.push(streamPlace(() => connection));
    }
    if (sealFile) places.push(filePlace(sealFile));
    return (await Promise.all(places.map((place) => place.all(service)))).flat();
  } finally {
    await connection?.close();
  }
}
