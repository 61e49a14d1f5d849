// Which addresses a webhook may go to: those of the public internet, and no others. A subscriber names the host, so
// without this they could have us knock at doors of our own (server-side request forgery).
import { BlockList, isIP } from "node:net";

/** Special-purpose blocks of IPv4: IANA's registry (RFC 6890 and its updates), multicast and what is reserved. */
const refused4 = [
  "0.0.0.0/8", // this network
  "10.0.0.0/8", // private
  "100.64.0.0/10", // carrier-grade NAT
  "127.0.0.0/8", // loopback
  "169.254.0.0/16", // link-local, and the clouds' metadata
  "172.16.0.0/12", // private
  "192.0.0.0/24", // protocol assignments
  "192.0.2.0/24", // documentation
  "192.31.196.0/24", // AS112
  "192.52.193.0/24", // AMT
  "192.88.99.0/24", // 6to4 relays
  "192.168.0.0/16", // private
  "192.175.48.0/24", // AS112
  "198.18.0.0/15", // benchmarks
  "198.51.100.0/24", // documentation
  "203.0.113.0/24", // documentation
  "224.0.0.0/4", // multicast
  "240.0.0.0/4", // reserved, and broadcast
];
/** Of IPv6 only global unicast is let through (2000::/3), and of that not what wraps an IPv4 address or is special. */
const global6 = "2000::/3";
const refused6 = [
  "2001::/23", // protocol assignments: Teredo, benchmarks, ORCHID
  "2001:db8::/32", // documentation
  "2002::/16", // 6to4
  "2620:4f:8000::/48", // AS112
  "3fff::/20", // documentation
];

const closed4 = listOf(refused4, "ipv4");
const open6 = listOf([global6], "ipv6");
const closed6 = listOf(refused6, "ipv6");
const loopback = listOf(["127.0.0.0/8"], "ipv4");
loopback.addAddress("::1", "ipv6");

/** Whether an address is one of the public internet. Mapped, translated and scoped ones are not. */
export function isPublic(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !closed4.check(address, "ipv4");
  if (family === 6 && !address.includes("%")) return open6.check(address, "ipv6") && !closed6.check(address, "ipv6");
  return false;
}

/** Whether an address is this machine's own. */
export function isLoopback(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && loopback.check(address, family === 4 ? "ipv4" : "ipv6");
}

function listOf(networks: readonly string[], family: "ipv4" | "ipv6"): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", bits] = network.split("/");
    list.addSubnet(address, Number(bits), family);
  }
  return list;
}
