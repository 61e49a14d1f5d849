// A core may name the contracts' and the kit's types; their code it must not run, but for #kit/pure. dependency-cruiser
// cannot tell the two apart here, so the import lines are read. Prints each that breaks this, and ends with 1.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

// From one import to its source, over several lines; a string or comment that looks like one does not begin a line.
const imports = /^import\s+(type\s)?([^;"']*?)\s*from\s*"(#(?:gen|kit)\/[^"]+)"/gm;
const wrong = [];
let files = 0;

for (const service of readdirSync("services")) {
  for (const file of coreOf(service)) {
    files += 1;
    for (const [, isType, names = "", source = ""] of readFileSync(file, "utf8").matchAll(imports)) {
      if (isType || source.startsWith("#kit/pure/")) continue;
      const list = /^\{([^}]*)\}$/.exec(names.trim())?.[1]?.split(",") ?? [names];
      const values = list.map((name) => name.trim()).filter((name) => name !== "" && !name.startsWith("type "));
      if (values.length > 0)
        wrong.push(`${file} runs ${values.join(", ")} of ${source}: import it as a type, or hand it in`);
    }
  }
}

if (files === 0) wrong.push("no core was found: this check looks in the wrong place");
for (const line of wrong) console.log(line);
process.exitCode = wrong.length > 0 ? 1 : 0;

function coreOf(service) {
  try {
    const dir = join("services", service, "core");
    return readdirSync(dir, { recursive: true })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => join(dir, name));
  } catch {
    return []; // the kit has none, nor has a service without rules
  }
}
