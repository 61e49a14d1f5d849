import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect, type NatsConnection, type TlsOptions } from "nats";
import { newAuthority } from "#kit/local/authority.js";
import { type LocalNats, startNats } from "#kit/local/nats.js";
import { type LocalPostgres, startPostgres } from "#kit/local/postgres.js";
import { type Database, openDatabase } from "#kit/postgres.js";
import { type Certificates, hours, openCertificates } from "#kit/testing/certificates.js";
import { keptLog } from "#kit/testing/keptLog.js";
import { until } from "#kit/testing/peers.js";
import { testFolder, testPostgres } from "#kit/testing/stage.js";
import { type Identity, openIdentity } from "#kit/tls.js";

describe("kit: Postgres and NATS over TLS", () => {
  let certificates: Certificates;
  let identity: Identity;
  let postgres: LocalPostgres;
  let nats: LocalNats;
  const log = keptLog();
  before(async () => {
    certificates = await openCertificates();
    identity = await certificates.identity("refund");
    const of = async (name: string) => certificates.write(name, await certificates.pairFor([name]));
    const [forPostgres, forNats] = [await of("postgres"), await of("nats")];
    [postgres, nats] = await Promise.all([
      startPostgres({ dir: testFolder("tls-postgres"), tls: forPostgres, settings: { max_connections: "20" } }),
      startNats({ dir: testFolder("tls-nats"), tls: forNats }),
    ]);
  });
  after(async () => {
    await Promise.all([postgres.stop("immediate"), nats.kill()]);
    identity.close();
    certificates.close();
  });

  const session = {
    name: "",
    text: "SELECT ssl, client_dn, client_serial::text AS serial FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
  };
  async function asking<T>(url: string, by: Identity | undefined, ask: (db: Database) => Promise<T>): Promise<T> {
    const db = openDatabase({ url, schema: "public", poolSize: 2, identity: by });
    try {
      return await ask(db);
    } finally {
      await db.close();
    }
  }

  it("shows its certificate to Postgres, and verifies Postgres's in full", async () => {
    const [row] = await asking(postgres.url, identity, (db) => db.query(session));
    assert.deepEqual([row.ssl, row.client_dn], [true, "/CN=refund"]);
  });

  it("shows Postgres the new certificate with the next connection after it was replaced", async () => {
    const own = openIdentity(await certificates.settings("renewed"), log) as Identity;
    await asking(postgres.url, own, async (db) => {
      const serialOf = async () => (await db.query<{ serial: string }>(session))[0]?.serial;
      const first = await serialOf();
      certificates.write("renewed", await certificates.pairFor(["renewed"]));
      await until("a new certificate", async () => log.lines.some(([text]) => text === "certificate replaced"));
      await db.query({ name: "", text: "SELECT pg_terminate_backend(pg_backend_pid())" }).catch(() => {});
      assert.notEqual(await serialOf(), first);
    });
    own.close();
  });

  it("does not speak to a Postgres that another authority vouches for, or that has no TLS", async () => {
    const strangers = await newAuthority("strangers", hours(-1, 1));
    const pair = await certificates.pairFor(["stranger"], hours(-1, 1), strangers);
    const { cert, key, ca } = certificates.write("stranger", pair, strangers.cert);
    const settings = { ...(await certificates.settings("unused")), tlsCert: cert, tlsKey: key, tlsCa: ca };
    const stranger = openIdentity(settings, log) as Identity;
    await assert.rejects(
      asking(postgres.url, stranger, (db) => db.query(session)),
      /unable to verify|self-signed certificate/,
    );
    stranger.close();
    const plain = await testPostgres(); // what other tests stand on has no TLS; it is none of ours where a setting names it
    if (!plain) return;
    const url = `postgresql://postgres@127.0.0.1:${plain.port}/postgres`;
    await assert.rejects(
      asking(url, identity, (db) => db.query(session)),
      /does not support SSL/,
    );
  });

  it("leaves a URL alone that turns TLS off, or names an authority of its own", async () => {
    const [row] = await asking(`${postgres.url}?sslmode=disable`, identity, (db) => db.query(session));
    assert.equal(row.ssl, false);
    const ca = join(certificates.folder, "postgres-ca.crt");
    const named = `${postgres.url}?sslmode=verify-full&sslrootcert=${ca}`;
    const [other] = await asking(named, identity, (db) => db.query(session));
    assert.deepEqual([other.ssl, other.client_dn], [true, null]);
  });

  it("is let into the Postgres of deploy/ by certificate and password, and nobody without both", async () => {
    const statement = (text: string) => ({ name: "", text });
    await asking(postgres.url, identity, async (db) => {
      await db.query(statement("CREATE ROLE deployed LOGIN PASSWORD 'right'"));
      const [{ hba_file: file }] = (await db.query(statement("SHOW hba_file"))) as [{ hba_file: string }];
      writeFileSync(file, readFileSync(new URL("../../../deploy/pg_hba.conf", import.meta.url)));
      await db.query(statement("SELECT pg_reload_conf()"));
    });
    const url = (password: string, more = "") =>
      `postgresql://deployed:${password}@127.0.0.1:${postgres.port}/postgres${more}`;
    const met = (to: string, by: Identity | undefined = identity) =>
      asking(to, by, (db) => db.query(session)).then(
        () => "let in",
        (error: Error) => error.message,
      );
    await until("the rules", async () => /no encryption/.test(await met(url("right", "?sslmode=disable"))));
    const ca = join(certificates.folder, "postgres-ca.crt");
    const without = url("right", `?sslmode=verify-full&sslrootcert=${ca}`);
    assert.match(await met(without), /requires a valid client certificate/);
    assert.match(await met(url("wrong")), /password authentication failed/);
    assert.equal(await met(url("right")), "let in");
  });

  it("is let in by NATS with its certificate, and nobody is without one", async () => {
    const connection = await connect({ servers: nats.url, tls: identity.connection as TlsOptions });
    await connection.flush();
    await connection.close();
    const ca = certificates.authority.cert;
    await assert.rejects(connect({ servers: nats.url, tls: { ca }, timeout: 1_000, reconnect: false }));
  });

  it("finds NATS again after both have certificates of a new authority", async () => {
    const settings = await certificates.settings("listener");
    const own = openIdentity(settings, log) as Identity;
    const connection = await connect({
      servers: nats.url,
      tls: own.connection as TlsOptions,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 50,
    });
    const next = await newAuthority("next", hours(-1, 24));
    for (const name of ["listener", "nats"]) {
      certificates.write(name, await certificates.pairFor([name], hours(-1, 24), next), next.cert);
    }
    await until("the new certificate", async () => own.current().own.issuer === "CN=next");
    const found = statusOf(connection, "reconnect");
    await nats.restart();
    await found;
    await connection.flush();
    await connection.close();
    own.close();
  });
});

async function statusOf(connection: NatsConnection, type: string): Promise<void> {
  for await (const status of connection.status()) if (status.type === type) return;
}
