// The collection networks, read from their files once, at the start.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Setting } from "#kit/config.js";
import { type Network, networkOf } from "./core/network/network.js";
import { checkNetwork, NetworkInvalid } from "./core/network/shape.js";

/** By market. */
export type Networks = ReadonlyMap<string, Network>;

/** The networks that come along, with example figures. */
export const examples = fileURLToPath(new URL("networks/", import.meta.url));

/** Where networks are read from: "none", "example", or a folder. */
export function networksSetting(name: string): Setting<Networks> {
  const about = 'folder of collection networks by market, "example", or "none": the transport partner chooses carriers';
  return {
    name,
    about,
    fallback: new Map(),
    parse: (text) => (text === "none" ? new Map() : openNetworks(text === "example" ? examples : text)),
  };
}

/** @throws Error that names file and path of everything that is wrong, and says what to write */
export function openNetworks(folder: string): Networks {
  const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
  if (files.length === 0) throw new Error(`holds no network, e.g. KR.json: ${folder}`);
  const networks = files.map((file) => readNetwork(folder, file));
  return new Map(networks.map((network) => [network.market, network]));
}

function readNetwork(folder: string, file: string): Network {
  try {
    const data = checkNetwork(JSON.parse(readFileSync(join(folder, file), "utf8")));
    const named = file.slice(0, -".json".length);
    if (data.market !== named) throw new NetworkInvalid([`market: write ${named}, as the file is called`]);
    return networkOf(data);
  } catch (error) {
    if (error instanceof NetworkInvalid || error instanceof SyntaxError)
      throw new Error(`has a wrong ${file}:\n  ${error.message}\n `);
    throw error;
  }
}
