// Where a driver goes for an order, as the address partner says: asked once, when a pick-up is asked for, so that pick-ups
// at one door share a visit. Nobody's collection hangs on the answer.
import { status } from "@grpc/grpc-js";
import type { AddressServiceService } from "#gen/backhaul/partner/address/v1/address_service.js";
import type { Call } from "#kit/call.js";
import type { ClientOf } from "#kit/client.js";
import { RpcError } from "#kit/errors.js";
import type { Log } from "#kit/log.js";
import type { Address } from "./core/types.js";

/** Whoever asks for a collection waits meanwhile, and has a deadline of their own. */
const patienceMs = 1_000;
/** What the contract lets a key be. One that breaks it might be an address. */
const grammar = /^[A-Za-z0-9_.:-]{1,128}$/;

/** `addressKey`: "" where the partner names none. */
type Doorstep = { readonly addressKey: string; readonly address: Address };

export type Doors = ReturnType<typeof openDoors>;

export function openDoors(addresses: ClientOf<typeof AddressServiceService>, log: Log) {
  return {
    /** Undefined: nobody said so in time. The order is a door of its own then, and whoever books asks again. */
    async of(orderId: string, call: Call): Promise<Doorstep | undefined> {
      try {
        const told = await inTime(addresses.checkServiceability({ orderId }, call));
        if (!told) throw new Error(`no answer within ${patienceMs} ms`);
        const { addressKey, pickup, postcode } = told;
        return { addressKey: grammar.test(addressKey) ? addressKey : "", address: { pickup, postcode } };
      } catch (error) {
        const offered = !(error instanceof RpcError && error.code === status.UNIMPLEMENTED);
        if (offered) log.warn({ order_id: orderId, error }, "door not told: the pick-up shares no visit");
        return undefined;
      }
    },
  };
}

/** Undefined: not yet. What comes later, an error too, is of no use any more. */
async function inTime<T>(answer: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, patienceMs, undefined);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
