// RESOLUTION_ADDRESS=host:port TOKEN_FILE=path ALERTS_FILE=path node dist/main.js; SIGTERM or Ctrl-C stops it.
import { readFile } from "node:fs/promises";
import { createBackhaul } from "@backhaul/client";
import { watchReturns } from "./alerts.js";
import { Book } from "./book.js";

const { RESOLUTION_ADDRESS = "127.0.0.1:7052", TOKEN_FILE = "token", ALERTS_FILE = "alerts.jsonl" } = process.env;
const lookBackMs = 30 * 86_400_000;

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => stop.abort(signal));

const backhaul = createBackhaul({
  addresses: { resolution: RESOLUTION_ADDRESS },
  // Read each time: whoever renews the token writes a new file.
  token: async () => (await readFile(TOKEN_FILE, "utf8")).trim(),
  userAgent: "restock-alerts/1",
});
const pace = { everyMs: Number(process.env.EVERY_MS ?? 10_000), since: new Date(Date.now() - lookBackMs) };
await watchReturns(backhaul, new Book(ALERTS_FILE), pace, stop.signal);
backhaul.close();
