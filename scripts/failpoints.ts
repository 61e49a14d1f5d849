// All places where a process can be made to fail, from the code: `npm run -s failpoints`, with `-- --json` for programs.
// docs/failpoints.md is the same as a page.

import { placesOf } from "./failpoints/places.js";
import { root } from "./mesh/places.js";

// Who reads a part of it closes the pipe.
process.stdout.on("error", () => process.exit(0));
const places = await placesOf(root);
if (process.argv.includes("--json")) console.log(JSON.stringify(places, undefined, 2));
else for (const { name, at } of places) console.log(`${name}  ${at}`);
