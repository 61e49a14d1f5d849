// Where a webhook may go. Asked when a URL is entered and again before each try, for a name may lead elsewhere by then; the
// connection goes to the very address that was looked at.
import { lookup as resolveName } from "node:dns/promises";
import { isIP } from "node:net";
import { DomainError } from "#kit/pure/check.js";
import { isLoopback, isPublic } from "./addresses.js";

/** An address of a name. */
export type Resolved = { readonly address: string; readonly family: number };
/** Asks for every address of a name. */
export type Resolve = (host: string) => Promise<readonly Resolved[]>;

/** What is let through. */
export type TargetRules = {
  /** "local" also lets http and https to this machine through, for development. */
  readonly reach: "public" | "local";
  readonly ports: readonly number[];
};

/** A URL and the address that was found good. */
export type Target = { readonly url: URL; readonly at: Resolved };

export type Targets = ReturnType<typeof openTargets>;

const systemResolve: Resolve = (host) => resolveName(host, { all: true, verbatim: true });

export function openTargets({ reach, ports }: TargetRules, resolve: Resolve = systemResolve) {
  /** The URL, if its form is all right. @throws DomainError WEBHOOK_URL_REFUSED */
  function parse(text: string): URL {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (!url) throw refused("it is no URL");
    if (url.protocol !== "https:" && !(url.protocol === "http:" && reach === "local")) throw refused("it is not https");
    if (url.username !== "" || url.password !== "") throw refused("it has a user name in it");
    if (url.hash !== "") throw refused("it has a fragment");
    if (hostOf(url) === "") throw refused("it names no host");
    const port = url.port === "" ? 443 : Number(url.port);
    if (reach === "public" && !ports.includes(port)) throw refused(`nothing is sent to port ${port}`);
    return url;
  }

  /** @throws DomainError WEBHOOK_URL_REFUSED if any address it leads to is not let through */
  async function check(text: string): Promise<Target> {
    const url = parse(text);
    const host = hostOf(url);
    const family = isIP(host);
    const found = family ? [{ address: host, family }] : await resolve(host).catch(() => []);
    const [first] = found;
    if (!first) throw refused("its host is not found");
    // One bad address among good ones is one that a later look-up may give first.
    const open = found.every(({ address }) => isPublic(address));
    const own = reach === "local" && found.every(({ address }) => isLoopback(address));
    if (!open && !own) throw refused("its host is not on the public internet");
    if (open && url.protocol !== "https:") throw refused("it is not https");
    return { url, at: first };
  }

  return { check };
}

/** A name without its closing dot, an address without brackets. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
}

function refused(problem: string): DomainError {
  return new DomainError("WEBHOOK_URL_REFUSED", `nothing is sent there: ${problem}`, { problem });
}
