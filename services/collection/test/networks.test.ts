import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readConfig } from "#kit/config.js";
import { checkNetwork, NetworkInvalid } from "../core/network/shape.js";
import { examples, networksSetting, openNetworks } from "../networks.js";
import { carrier, dropOff, networkData, pickup } from "./network.builders.js";

const problemsOf = (json: unknown): readonly string[] => {
  try {
    checkNetwork(json);
    return [];
  } catch (error) {
    if (error instanceof NetworkInvalid) return error.problems;
    throw error;
  }
};

describe("networks: files", () => {
  it("come along for Korea and Taiwan, and say that their figures are examples", () => {
    const networks = openNetworks(examples);
    assert.deepEqual([...networks.keys()], ["KR", "TW"]);
    for (const { note } of networks.values()) assert.match(note, /^Example figures/);
  });

  it("know islands apart from the mainland, and nobody where nobody lives", () => {
    const networks = openNetworks(examples);
    const areas = (market: string, postcodes: readonly string[]) => postcodes.map(networks.get(market)!.areaOf);
    // Seoul, Busan, Jeju, Ulleungdo, Baengnyeongdo.
    assert.deepEqual(areas("KR", ["04524", "48058", "63122", "40217", "23100"]), [
      "capital",
      "mainland",
      "jeju",
      "islands",
      "islands",
    ]);
    // Taipei, Kaohsiung, Hualien, Magong, Kinmen, Lanyu, Liuqiu; Diaoyutai, Dongsha, Nansha.
    assert.deepEqual(areas("TW", ["100", "800", "970", "880", "893", "952", "929"]), [
      "north",
      "west",
      "east",
      "offshore",
      "offshore",
      "offshore",
      "offshore",
    ]);
    assert.deepEqual(areas("TW", ["290", "817", "819"]), [undefined, undefined, undefined]);
    assert.deepEqual(areas("TW", ["100-012"]), ["north"], "six digits");
  });

  it("leave no Taiwanese postcode out but the three where nobody lives", () => {
    const file = fileURLToPath(new URL("../../../../shared/data/geo/tw-zipcodes-3digit.json", import.meta.url));
    const { zipcodes } = JSON.parse(readFileSync(file, "utf8")) as { zipcodes: { zipcode: number; county: string }[] };
    const { areaOf } = openNetworks(examples).get("TW")!;
    const offshore = new Set(["澎湖縣", "金門縣", "連江縣"]);
    const unserved: number[] = [];
    for (const { zipcode, county } of zipcodes) {
      const area = areaOf(`${zipcode}`);
      if (area === undefined) unserved.push(zipcode);
      else if (offshore.has(county)) assert.equal(area, "offshore", `${zipcode}`);
    }
    assert.deepEqual(unserved.sort(), [290, 817, 819]);
    assert.equal(zipcodes.length > 360, true);
  });

  it("are told all that is wrong with them at once, with the path and what to write", () => {
    const [service] = networkData().carriers[0]!.services;
    const wrong = {
      ...networkData({ currency: "won" }),
      carriers: [
        {
          ...carrier("CJ Logistics", []),
          services: [{ ...service, cut_off: { time: "5pm", days_before: 1 }, cost: 1 }],
        },
      ],
      centers: [],
    };
    assert.deepEqual(
      problemsOf(wrong).map((line) => line.split(":")[0]),
      [
        "currency",
        "carriers[0].carrier",
        "carriers[0].services[0].cut_off.time",
        "carriers[0].services[0].cost",
        "centers",
      ],
    );
    assert.ok(problemsOf(wrong).includes('carriers[0].services[0].cut_off.time: write a time of day, e.g. "17:00"'));
  });

  it("are refused when their parts do not fit together", () => {
    const whole = { city: { cost_minor: 1, promise_days: 1 } };
    const wrong = (change: Parameters<typeof networkData>[0]) => problemsOf(networkData(change)).join("\n");
    assert.match(wrong({ areas: { city: ["0"], islands: ["0"] } }), /areas.islands: "0" is in city already/);
    assert.match(wrong({ areas: { city: ["0", "09999-09000"], islands: ["63"] } }), /from a lower to a higher/);
    assert.match(wrong({ carriers: [carrier("cj", [pickup({ areas: whole })])] }), /city.capacity: say how many/);
    assert.match(wrong({ carriers: [carrier("cj", [pickup({ windows: [] })])] }), /windows: say when drivers come/);
    assert.match(
      wrong({ carriers: [carrier("cj", [pickup(), pickup({ days_ahead: 3 })])] }),
      /PICKUP_IN_PERSON stands in two services/,
    );
    assert.match(
      wrong({ carriers: [carrier("cj", [dropOff({ areas: { moon: whole.city } })])] }),
      /"moon" is no group/,
    );
    assert.deepEqual(problemsOf(networkData()), []);
  });

  it("stop the start when one is wrong, and the message names the file", () => {
    const folder = mkdtempSync(join(tmpdir(), "networks-"));
    try {
      const read = () =>
        readConfig({ COLLECTION_NETWORKS: folder }, { networks: networksSetting("COLLECTION_NETWORKS") });
      assert.throws(read, /holds no network/);
      writeFileSync(join(folder, "KR.json"), JSON.stringify(networkData()));
      assert.deepEqual([...read().networks.keys()], ["KR"]);
      writeFileSync(join(folder, "TW.json"), JSON.stringify({ ...networkData({ market: "TW" }), version: "" }));
      assert.throws(read, /wrong TW\.json:\n {2}version: write a version/);
      writeFileSync(join(folder, "TW.json"), JSON.stringify(networkData()));
      assert.throws(read, /wrong TW\.json:\n {2}market: write TW, as the file is called/);
      writeFileSync(join(folder, "TW.json"), "{");
      assert.throws(read, /wrong TW\.json/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("are none unless somebody asks for them: then the transport partner chooses", () => {
    const read = (env: Record<string, string>) =>
      readConfig(env, { networks: networksSetting("COLLECTION_NETWORKS") }).networks;
    assert.deepEqual([read({}).size, read({ COLLECTION_NETWORKS: "none" }).size], [0, 0]);
    assert.deepEqual([...read({ COLLECTION_NETWORKS: "example" }).keys()], ["KR", "TW"]);
  });
});
