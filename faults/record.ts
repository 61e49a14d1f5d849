// Which boundaries the journeys of a trial pass: each process writes down the name of each failpoint when it first passes it.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { serviceNames } from "../scripts/mesh/services.js";
import { flows, probesBought } from "./flow.js";
import { openHouse } from "./house.js";
import { begun, bought, journeys, pace } from "./journeys.js";
import { settled } from "./verdict.js";

/** Plays every journey, and keeps the names in faults/points.json. */
export async function recordPoints(say: (line: string) => void): Promise<number> {
  const house = await openHouse();
  try {
    const { mesh, customers } = house;
    const fileOf = (service: string) => join(mesh.dir, `${service}.failpoints`);
    for (const service of serviceNames) {
      await mesh.restart(service, undefined, { FAILPOINT: `record:${fileOf(service)}` });
    }
    const promised = await Promise.all(
      journeys.map(async (journey) => begun(customers, journey, await bought(customers, journey))),
    );
    for (const seconds of [pace.pickup, pace.transit, pace.inspection]) await customers.move((seconds + 60) * 1000);
    promised.push(...(await flows(customers, await probesBought(customers))).begun);
    await settled(house, promised);
    const files = serviceNames.map(fileOf).filter(existsSync);
    const names = files.flatMap((file) => readFileSync(file, "utf8").split("\n").filter(Boolean)).sort();
    writeFileSync(new URL("points.json", import.meta.url), `${JSON.stringify(names, undefined, 2)}\n`);
    say(`${names.length} boundaries are passed by ${journeys.length} journeys`);
    return names.length > 0 ? 0 : 1;
  } finally {
    await house.close(false);
  }
}
