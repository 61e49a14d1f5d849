// The edge's door: a person's or an outside system's token comes in, the mesh's own short-lived token goes on. Nothing but
// this module sees the first, so a service's log can never hold it.
import { bearer, type Caller, type Minter, type Verifier } from "#kit/access.js";
import { check } from "#kit/pure/check.js";
import type { Route } from "./routes.js";

/** A caller who was let in, with the token their calls go on under. */
export type Admitted = { readonly caller: Caller; readonly token: string };

export type Door = {
  /**
   * Lets in who brings a valid token and has a role that the route's contract names. The service checks the role again:
   * this only spares it the refused.
   * @throws DomainError UNAUTHENTICATED, ROLE_NOT_ALLOWED
   */
  admit(authorization: string | undefined, route: Route): Promise<Admitted>;
  /** Lets in who proved to be somebody in another way, such as by a signature. */
  vouch(caller: Caller): Promise<Admitted>;
};

export function createDoor(verify: Verifier, mint: Minter): Door {
  const vouch = async (caller: Caller) => ({ caller, token: await mint(caller) });
  return {
    vouch,
    admit: async (authorization, route) => {
      const caller = await verify(bearer(authorization));
      refuseMeshToken(caller);
      const method = route.path.slice(1);
      const { role } = caller;
      check(route.access.roles.has(role), "ROLE_NOT_ALLOWED", `${role} may not call ${method}`, { role, method });
      return vouch(caller);
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
