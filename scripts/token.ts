// Prints a token for the local mesh: `npm run -s token -- --role AGENT --subject alice`.
import { readArguments, runCommand, secondsOf, UsageError } from "./mesh/arguments.js";
import { openIssuer, type PersonRole, personRoles } from "./mesh/issuer.js";
import { localDir } from "./mesh/places.js";

const help = `
Prints a token of the local issuer, for the authorization header.

  npm run -s token -- --role ROLE --subject WHO [--order ORDER] [--ttl 1h] [--dir DIR]

  --role     what they are: ${personRoles.join(", ")}
  --subject  who they are; for CUSTOMER the customer's id
  --order    for GUEST: the one order that they reach, of the customer that --subject names
  --ttl      how long the token lasts: 90s, 15m, 12h, 30d; 1h if not given
  --dir      the mesh's folder; .local if not given

The key is made when there is none yet. -s keeps npm's own lines out of the output:
  TOKEN=$(npm run -s token -- --role AGENT --subject alice)
`;

await runCommand("token", async () => {
  const text = { type: "string" } as const;
  const { values, positionals } = readArguments(help, { role: text, subject: text, order: text, ttl: text, dir: text });
  if (positionals.length > 0) throw new UsageError(`"${positionals[0]}" has no option before it`);
  const role = personRoles.find((word) => word === values.role?.toUpperCase()) as PersonRole | undefined;
  if (!role)
    throw new UsageError(
      `--role is ${values.role ? `no ${values.role}` : "missing"}: it is one of ${personRoles.join(", ")}`,
    );
  if (!values.subject) throw new UsageError("--subject is missing: say who they are, such as --subject alice");
  const issuer = await openIssuer(values.dir ?? localDir);
  console.log(await issuer.token(role, values.subject, secondsOf(values.ttl ?? "1h"), values.order));
  return 0;
});
