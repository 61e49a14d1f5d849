// The edge's door: a person's or an outside system's token comes in, the mesh's own short-lived token goes on. Nothing but
// this module sees the first, so a service's log can never hold it.
import type { Caller, Minter } from "#kit/access.js";
import { check } from "#kit/pure/check.js";
import type { Route } from "./routes.js";

/** A caller who was let in, with the token their calls go on under; `known` is false where it is their address alone. */
export type Admitted = { readonly caller: Caller; readonly token: string; readonly known: boolean };

/**
 * Tells who somebody is by what they bring, and what they may do at most: anything their role may, or fewer rpcs.
 * @throws DomainError UNAUTHENTICATED, SCOPE_NOT_ALLOWED
 */
export type Identify = (authorization: string | undefined, route: Route) => Promise<Caller>;

export type Door = {
  /**
   * Lets in who brings a valid token and has a role that the route's contract names. The service checks the role again:
   * this only spares it the refused.
   * Who brings nothing gets in where the contract asks for no token, as somebody of that address.
   * @throws DomainError UNAUTHENTICATED, ROLE_NOT_ALLOWED, SCOPE_NOT_ALLOWED
   */
  admit(authorization: string | undefined, route: Route, address: string): Promise<Admitted>;
  /** Lets in who proved to be somebody in another way, such as by a signature. */
  vouch(caller: Caller): Promise<Admitted>;
};

export function createDoor(identify: Identify, mint: Minter, stranger: (address: string) => Caller): Door {
  const pass = async (caller: Caller, known: boolean) => ({ caller, token: await mint(caller), known });
  return {
    vouch: (caller) => pass(caller, true),
    admit: async (authorization, route, address) => {
      if (authorization === undefined && route.access.withoutToken) return pass(stranger(address), false);
      const caller = await identify(authorization, route);
      refuseMeshToken(caller);
      const method = route.path.slice(1);
      const { role } = caller;
      check(route.access.roles.has(role), "ROLE_NOT_ALLOWED", `${role} may not call ${method}`, { role, method });
      return pass(caller, true);
    },
  };
}

/** The mesh's own tokens are for inside: one that leaked must not open the front door. */
function refuseMeshToken(caller: Caller): void {
  const cause = "a token of the mesh";
  check(caller.via === "", "UNAUTHENTICATED", "send your own token, not one that services use among each other", {
    cause,
  });
}
