// The example as a program: TOKEN=… npx tsx --conditions=source examples/rest-client/main.ts URL ORDER LINE
import { randomUUID } from "node:crypto";
import { openEdge, Refused } from "./client.js";
import { returnGoods } from "./returnGoods.js";

const [url = "http://localhost:8080", orderId = "", lineId = ""] = process.argv.slice(2);
try {
  const edge = openEdge(url, process.env.TOKEN ?? "");
  for await (const { name, state, text } of returnGoods(edge, orderId, lineId, randomUUID())) {
    console.log(`${name}  ${state}  ${text}`);
  }
} catch (error) {
  if (!(error instanceof Refused)) throw error;
  console.error(`${error.problem.reason}: ${error.problem.detail}`);
  process.exitCode = 1;
}
