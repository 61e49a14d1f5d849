// `PLANTED=name node --import ./planted/register.mjs --import tsx …`: runs a program with one planted bug in it. It comes
// before tsx, so that the bug is in the source that tsx is given.
import { register } from "node:module";
import { pathToFileURL } from "node:url";
import { tsImport } from "tsx/esm/api";

const { bugs } = await tsImport("./bugs.ts", import.meta.url);
const { PLANTED: name } = process.env;
const bug = bugs.find((one) => one.name === name);
if (!bug) throw new Error(`PLANTED=${name}: no such bug; there are ${bugs.map((one) => one.name).join(", ")}`);
const { file, find, put } = bug;
const url = pathToFileURL(file).href;
register("./hook.mjs", import.meta.url, { data: { name, file, find, put, url } });
