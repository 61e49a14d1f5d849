// Reads the YAML that compose.yaml is written in, so that its test needs no package for it: maps and lists by
// indentation, quoted and plain text, [a, b], anchors, and `<<: *anchor`. Anything else is an error. For deploy.test.ts.

export type Yaml = string | Yaml[] | { [key: string]: Yaml };

type Line = { readonly number: number; readonly indent: number; readonly text: string };

/** @throws Error naming the line that is not understood */
export function readYaml(source: string): Yaml {
  const anchors = new Map<string, Yaml>();
  const lines = source.split("\n").flatMap((raw, i): Line[] => {
    const text = raw.trim();
    return text === "" || text.startsWith("#") ? [] : [{ number: i + 1, indent: raw.search(/\S/), text }];
  });
  let at = 0;

  function block(indent: number): Yaml {
    return lines[at]?.text.startsWith("- ") ? list(indent) : map(indent);
  }

  function list(indent: number): Yaml[] {
    const items: Yaml[] = [];
    for (let line = lines[at]; line && line.indent === indent && line.text.startsWith("- "); line = lines[at]) {
      const text = line.text.slice(2);
      if (/^[\w-]+:( |$)/.test(text)) {
        // A map that begins behind the dash goes on below its first key.
        lines[at] = { ...line, indent: indent + 2, text };
        items.push(map(indent + 2));
      } else {
        at++;
        items.push(scalar(text, line));
      }
    }
    return items;
  }

  function map(indent: number): Yaml {
    let inherited = {};
    const own: { [key: string]: Yaml } = {};
    for (let line = lines[at]; line && line.indent === indent; line = lines[at]) {
      const [, key, rest = ""] = /^([\w.-]+|<<):(?: +(.*))?$/.exec(line.text) ?? [];
      if (key === undefined) throw new Error(`line ${line.number} is no "key: value": ${line.text}`);
      if (key in own) throw new Error(`line ${line.number} says ${key} again`);
      at++;
      const value = valueAt(rest, line);
      if (key === "<<") inherited = { ...inherited, ...(value as object) };
      else own[key] = value;
    }
    return { ...inherited, ...own };
  }

  function valueAt(rest: string, line: Line): Yaml {
    const [, anchor, text = ""] = /^(?:&(\w+) *)?(.*)$/.exec(rest) ?? [];
    const next = lines[at];
    const nested = text === "" && next !== undefined && next.indent > line.indent;
    const value = nested ? block(next.indent) : scalar(text, line);
    if (anchor) anchors.set(anchor, value);
    return value;
  }

  function scalar(text: string, line: Line): Yaml {
    if (text.startsWith("*")) {
      const value = anchors.get(text.slice(1));
      if (value === undefined) throw new Error(`line ${line.number} means an anchor that is not there: ${text}`);
      return value;
    }
    if (text.startsWith("[")) return text.slice(1, -1).split(/, */).map(unquoted);
    if (/^[{|>!]/.test(text)) throw new Error(`line ${line.number} is YAML that is not read here: ${text}`);
    return unquoted(text);
  }

  const root = block(0);
  const left = lines[at];
  if (left) throw new Error(`line ${left.number} is indented as nothing before it: ${left.text}`);
  return root;
}

function unquoted(text: string): string {
  return /^"(.*)"$/.exec(text)?.[1] ?? text;
}
