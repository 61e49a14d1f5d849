// Routing for tests of what does not route.
import { openRouting, type Routing } from "../routing.js";

const nobody = () => {
  throw new Error("nobody is asked where there is no network");
};

/** No market has a network: the transport partner chooses. */
export function noNetwork(): Routing {
  const asked = new Proxy({} as never, { get: nobody });
  return openRouting({
    networks: new Map(),
    places: asked,
    calendars: asked,
    addresses: asked,
    catalog: asked,
    clock: asked,
  });
}
