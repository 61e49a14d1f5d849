// `npm run ca`: a development authority, and a certificate for each process of a mesh.
import { join, resolve } from "node:path";
import { readArguments, runCommand, UsageError } from "./mesh/arguments.js";
import { holders, openCertificateFolder } from "./mesh/certificates.js";
import { localDir } from "./mesh/places.js";

const help = `
Makes a development authority and a certificate for each process, in a folder per holder (tls.crt, tls.key, ca.crt).
Called again it renews those whose time is half over. Processes read a renewed one by themselves.

  npm run ca [-- --renew NAME] [--dir DIR] [--days 30] [--domain backhaul.internal]

  --renew   a new certificate for NAME at once; a name that is not known yet gets its first one
  --dir     holds them; .local/tls if not given. Its ca.key signs certificates that every process believes: keep it
  --days    how long a certificate lasts
  --domain  what follows a name in it; the processes' TLS_DOMAIN

Holders: ${holders.join(", ")}.
`;

await runCommand("ca", async () => {
  const text = { type: "string" } as const;
  const { values, positionals } = readArguments(help, { renew: text, dir: text, days: text, domain: text });
  if (positionals.length > 0) throw new UsageError(`"${positionals[0]}" has no option before it`);
  const days = Number(values.days ?? 30);
  if (!(days > 0 && days <= 365)) throw new UsageError("--days is a number up to 365");
  if (values.renew !== undefined && !/^[a-z0-9-]+$/.test(values.renew))
    throw new UsageError("--renew is a name such as refund");
  const dir = resolve(values.dir ?? join(localDir, "tls"));
  const folder = await openCertificateFolder(dir, values.domain ?? "backhaul.internal", days);
  if (values.renew) await folder.renew(values.renew);
  const made = values.renew ? [values.renew] : await folder.renewOld(holders);
  console.error(made.length > 0 ? `${dir}: new for ${made.join(", ")}` : `${dir}: all have half of their time left`);
  return 0;
});
