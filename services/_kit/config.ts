// Typed settings from the environment. A service says what it needs in one object; all that is missing or wrong is
// reported at once, so that nobody mends one line per start.
import { readFileSync } from "node:fs";

/** One setting: how it is read, and what to tell a person about it. */
export type Setting<T> = {
  readonly name: string;
  readonly about: string;
  readonly fallback: T | undefined;
  readonly parse: (text: string) => T;
  /** May be missing where this other setting is there. */
  readonly unless?: string;
};

/** Everything wrong with the settings, one line each. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";

  constructor(readonly problems: readonly string[]) {
    super(
      `${problems.length} setting${problems.length > 1 ? "s are" : " is"} missing or wrong:\n  ${problems.join("\n  ")}`,
    );
  }
}

/** Where settings come from: process.env, or what a test hands in. */
export type Env = Readonly<Record<string, string | undefined>>;

type Values<S> = { readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never };

/**
 * Reads all settings. An empty value counts as not set; `file:/path` stands for what is in that file, so that no secret
 * has to stand in the environment.
 * @throws ConfigError that lists every missing or wrong setting
 */
export function readConfig<S extends Record<string, Setting<unknown>>>(env: Env, settings: S): Values<S> {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries(settings)) {
    try {
      const text = referred(env[setting.name] ?? "");
      if (text === "") {
        const spared = setting.unless !== undefined && env[setting.unless];
        if (setting.fallback === undefined && !spared) problems.push(`${setting.name} is not set: ${setting.about}`);
        values[key] = setting.fallback;
        continue;
      }
      values[key] = setting.parse(text);
    } catch (error) {
      problems.push(`${setting.name} ${(error as Error).message}: ${setting.about}`);
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return values as Values<S>;
}

/** A file's last line end is an editor's, and not part of a secret. */
function referred(value: string): string {
  if (!value.startsWith("file:")) return value;
  const path = value.slice("file:".length);
  try {
    return readFileSync(path, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    throw new Error(`names ${path}, which cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** Free text. */
export function text(name: string, about: string, fallback?: string): Setting<string> {
  return { name, about, fallback, parse: (value) => value };
}

/** Text that is at least so long. No problem ever prints a setting's value, so secrets stay out of logs. */
export function secret(name: string, about: string, minLength: number): Setting<string> {
  return {
    name,
    about,
    fallback: undefined,
    parse: (value) => {
      if (value.length < minLength) throw new Error(`has ${value.length} characters, at least ${minLength} are needed`);
      return value;
    },
  };
}

/** A whole number within bounds; the name says the unit (`…_MS`, `…_DAYS`). */
export function integer(
  name: string,
  about: string,
  { min = 0, max = Number.MAX_SAFE_INTEGER, fallback }: { min?: number; max?: number; fallback?: number } = {},
): Setting<number> {
  return {
    name,
    about,
    fallback,
    parse: (value) => {
      const number = Number(value);
      if (!Number.isSafeInteger(number) || number < min || number > max) {
        throw new Error(`is not a whole number from ${min} to ${max}`);
      }
      return number;
    },
  };
}

/** A URL with one of these schemes, e.g. "postgres:". */
export function url(name: string, about: string, schemes: readonly string[], fallback?: string): Setting<string> {
  return {
    name,
    about,
    fallback,
    parse: (value) => {
      const scheme = URL.canParse(value) ? new URL(value).protocol : "";
      if (!schemes.includes(scheme)) throw new Error(`is not a URL that begins with ${schemes.join(" or ")}`);
      return value;
    },
  };
}

/** A gRPC target: host:port, or a list such as ipv4:10.0.0.1:7051,10.0.0.2:7051. */
export function address(name: string, about: string, fallback?: string): Setting<string> {
  return {
    name,
    about,
    fallback,
    parse: (value) => {
      if (!/^([a-z][a-z0-9+.-]*:\/*)?[^\s:]+:\d+(,[^\s:]+:\d+)*$/i.test(value)) throw new Error("is not host:port");
      return value;
    },
  };
}

/** One of a few words. */
export function oneOf<W extends string>(name: string, about: string, words: readonly W[], fallback?: W): Setting<W> {
  return {
    name,
    about,
    fallback,
    parse: (value) => {
      const word = words.find((w) => w === value);
      if (word === undefined) throw new Error(`is none of ${words.join(", ")}`);
      return word;
    },
  };
}

/** URLs with commas between, each with one of these schemes. */
export function urls(name: string, about: string, schemes: readonly string[], fallback?: string): Setting<string> {
  const one = url(name, about, schemes);
  return {
    name,
    about,
    fallback,
    parse: (value) => {
      const each = value.split(",").map((part) => one.parse(part.trim()));
      return each.join(",");
    },
  };
}

/** Any of a few words, with commas between. */
export function listOf<W extends string>(name: string, about: string, words: readonly W[]): Setting<readonly W[]> {
  return {
    name,
    about: `${about}: ${words.join(", ")}`,
    fallback: [],
    parse: (value) =>
      value.split(",").map((part) => {
        const word = words.find((w) => w === part.trim());
        if (word === undefined) throw new Error(`has a word that is none of ${words.join(", ")}`);
        return word;
      }),
  };
}
