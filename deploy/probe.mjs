// Whether the process in this container answers, for its health check: `node probe.mjs` asks a service, `node probe.mjs
// edge` the gateway. In the image it lies beside dist/; it ends with 0 or 1.
import { edgeReady, serving } from "./dist/scripts/mesh/ready.js";

const probe = process.argv[2] === "edge" ? edgeReady : serving;
process.exit((await probe(Number(process.env.PORT))) ? 0 : 1);
