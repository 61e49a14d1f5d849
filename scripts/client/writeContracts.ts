// Writes gen/client/: what the client package knows of the contracts; scripts/generate.mjs runs it after the contracts'
// own code. Partners' contracts are what the mesh calls, not what it offers, and stay out.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import type { DescService } from "@bufbuild/protobuf";
import { registry } from "#kit/contracts.js";
import { contractsModule, homeOf, typesModule } from "./contracts.js";

const folder = new URL("../../gen/client/", import.meta.url);
const ours = /^backhaul\/(?!partner\/)/;
const files = [...registry.files].filter(({ name }) => ours.test(name)).sort((a, b) => (a.name < b.name ? -1 : 1));
const services = files.flatMap((file) => file.services);
const isPlayed = (service: DescService) => homeOf(service.file) === "sandbox";

rmSync(folder, { recursive: true, force: true });
mkdirSync(new URL("types/", folder), { recursive: true });
writeFileSync(new URL("mesh.ts", folder), contractsModule(services.filter((service) => !isPlayed(service))));
writeFileSync(new URL("sandbox.ts", folder), contractsModule(services.filter(isPlayed)));
for (const home of new Set(files.map(homeOf))) {
  const own = files.filter((file) => homeOf(file) === home);
  const money = registry.getFile("google/type/money.proto");
  if (home === "type" && money) own.push(money);
  writeFileSync(new URL(`types/${home}.ts`, folder), typesModule(own));
}
