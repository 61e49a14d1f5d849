// Every boundary has a place to fail at before it and after it: `node --import tsx --conditions=source
// scripts/check/failpoints.ts`. Prints each that has not, with file and line, and ends with 1.
import { gapsIn } from "../failpoints/gaps.js";
import { sourcesOf } from "../failpoints/source.js";
import { root } from "../mesh/places.js";

const sources = sourcesOf(root);
const gaps = gapsIn(sources);
if (sources.length === 0) gaps.push("no source was found: this check looks in the wrong place");
for (const line of gaps) console.log(line);
process.exitCode = gaps.length > 0 ? 1 : 0;
