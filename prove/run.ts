// npm run prove [-- --only carts,once] [-- --json]: the long proofs: that money is exact and paid once, with real servers
// and real processes on this machine, and that policies keep to the law. Each says what it asks for and shows what was
// counted; it fails if one does not hold.
import { rmSync } from "node:fs";
import { passingFolder } from "#kit/local/folder.js";
import { provenBreaks } from "./breaks.js";
import { provenCarts } from "./carts.js";
import { provenKills } from "./kills.js";
import { openProvenMesh, type ProvenMesh } from "./mesh.js";
import { provenOnce } from "./once.js";
import { provenPolicies } from "./policies.js";
import type { Proof, Say } from "./proof.js";

const parts: Readonly<Record<string, (mesh: ProvenMesh, say: Say) => Promise<Proof[]>>> = {
  carts: (_, say) => provenCarts(say),
  once: provenOnce,
  kills: provenKills,
  breaks: provenBreaks,
  policies: (_, say) => provenPolicies(say),
};

const json = process.argv.includes("--json");
const at = process.argv.indexOf("--only");
const only = at < 0 ? Object.keys(parts) : (process.argv[at + 1] ?? "").split(",");
const unknown = only.filter((name) => !(name in parts));
if (unknown.length > 0) {
  console.error(`no proof is called ${unknown.join(", ")}; there are ${Object.keys(parts).join(", ")}`);
  process.exit(2);
}

process.env.LOG_LEVEL ??= "warn";
const say: Say = (line) => console.error(line);
const dir = passingFolder("prove");
const startedAt = Date.now();
const mesh = await openProvenMesh(dir, say);
const proofs: Proof[] = [];
try {
  for (const name of only) {
    say(`proving ${name}`);
    proofs.push(...(await (parts[name] as (typeof parts)[string])(mesh, say)));
  }
} finally {
  await mesh.close();
  rmSync(dir, { recursive: true, force: true });
}
const failed = proofs.filter(({ ok }) => !ok).length;
const seconds = Math.round((Date.now() - startedAt) / 1000);
if (json) console.log(JSON.stringify({ proofs, seconds }, null, 2));
else {
  for (const { asked, counted, ok } of proofs) console.log(`${ok ? "✔" : "✘"} ${asked}\n  ${counted}`);
  console.log(`\n${proofs.length - failed} of ${proofs.length} proofs hold, ${seconds} s`);
}
process.exitCode = failed > 0 ? 1 : 0;
