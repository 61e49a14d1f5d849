import assert from "node:assert/strict";
import { DomainError } from "#kit/pure/check.js";
import { openTargets, type Resolve } from "../targets.js";

/** A resolver that knows these names; every other one is not there. */
const names: Readonly<Record<string, readonly string[]>> = {
  "hooks.shop.example": ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"],
  "private.example": ["10.1.2.3"],
  "mixed.example": ["93.184.216.34", "192.168.0.7"],
  "mixed6.example": ["93.184.216.34", "fd00::7"],
  "metadata.example": ["169.254.169.254"],
  "loop.example": ["127.0.0.1"],
  "loop6.example": ["::1"],
  "mapped.example": ["::ffff:10.0.0.1"],
  "nat64.example": ["64:ff9b::a00:1"],
  "none.example": [],
};
const resolve: Resolve = async (host) => {
  const found = names[host];
  if (!found) throw new Error("ENOTFOUND");
  return found.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
};
const targets = openTargets({ reach: "public", ports: [443, 8443] }, resolve);
const local = openTargets({ reach: "local", ports: [443, 8443] }, resolve);

const hostile = [
  // Names that lead inside.
  "https://private.example/",
  "https://mixed.example/",
  "https://mixed6.example/",
  "https://metadata.example/latest/meta-data/",
  "https://loop.example/",
  "https://loop6.example/",
  "https://mapped.example/",
  "https://nat64.example/",
  "https://none.example/",
  "https://nobody.example/",
  "https://loop.example./",
  // Addresses of IPv4, however they are written.
  "https://127.0.0.1/",
  "https://127.1/",
  "https://2130706433/",
  "https://0x7f000001/",
  "https://0177.0.0.1/",
  "https://0x7f.1/",
  "https://127.0.0.1./",
  "https://①②⑦.0.0.1/",
  "https://0.0.0.0/",
  "https://0/",
  "https://10.0.0.1/",
  "https://100.64.0.1/",
  "https://169.254.169.254/",
  "https://172.16.0.1/",
  "https://172.31.255.255/",
  "https://192.0.0.192/",
  "https://192.168.1.1/",
  "https://198.18.0.1/",
  "https://203.0.113.9/",
  "https://224.0.0.1/",
  "https://255.255.255.255/",
  // Addresses of IPv6, and what wraps one of IPv4.
  "https://[::]/",
  "https://[::1]/",
  "https://[0:0:0:0:0:0:0:1]/",
  "https://[::ffff:127.0.0.1]/",
  "https://[::ffff:7f00:1]/",
  "https://[::127.0.0.1]/",
  "https://[64:ff9b::7f00:1]/",
  "https://[64:ff9b:1::a00:1]/",
  "https://[2002:7f00:1::]/",
  "https://[2001:0:4136:e378:8000:63bf:80ff:fffe]/",
  "https://[2001:db8::1]/",
  "https://[fc00::1]/",
  "https://[fd12:3456::1]/",
  "https://[fe80::1]/",
  "https://[fec0::1]/",
  "https://[ff02::1]/",
  "https://[100::1]/",
  "https://[fd00:ec2::254]/",
  // Other schemes, ports and parts.
  "http://hooks.shop.example/",
  "ftp://hooks.shop.example/",
  "file:///etc/passwd",
  "gopher://hooks.shop.example/",
  "javascript:alert(1)",
  "https://hooks.shop.example:22/",
  "https://hooks.shop.example:5432/",
  "https://hooks.shop.example:80/",
  "https://user:secret@hooks.shop.example/",
  "https://hooks.shop.example@127.0.0.1/",
  "https://hooks.shop.example/#x",
  "https://",
  "hooks.shop.example",
  "",
];

const refused = (error: unknown) => error instanceof DomainError && error.reason === "WEBHOOK_URL_REFUSED";

describe("where a webhook may go", () => {
  for (const url of hostile) {
    it(`not to ${url || "nothing"}`, () => assert.rejects(targets.check(url), refused));
  }

  it("to https on the public internet, at the ports of the settings, and to the address that was looked at", async () => {
    const { at, url } = await targets.check("https://hooks.shop.example/in?shop=1");
    assert.deepEqual([at.address, url.pathname], ["93.184.216.34", "/in"]);
    await targets.check("https://hooks.shop.example:8443/");
    await targets.check("https://93.184.216.34/");
    await targets.check("https://[2606:2800:220:1:248:1893:25c8:1946]/");
  });

  it("in development also to this machine without TLS, and to nothing else that is private", async () => {
    await local.check("http://loop.example:4000/");
    await local.check("http://127.0.0.1:4000/");
    await local.check("http://[::1]:4000/");
    for (const url of [
      "http://private.example/",
      "https://10.0.0.1/",
      "http://hooks.shop.example/",
      "http://mixed.example/",
    ])
      await assert.rejects(local.check(url), refused, url);
  });
});
