import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  clearExtension,
  createFileRegistry,
  fromBinary,
  getExtension,
  setExtension,
  toBinary,
} from "@bufbuild/protobuf";
import { FileDescriptorSetSchema, type MethodOptions } from "@bufbuild/protobuf/wkt";
import { root } from "../mesh/places.js";

const image = readFileSync(join(root, "gen/image.binpb"));
const extension = createFileRegistry(fromBinary(FileDescriptorSetSchema, image)).getExtension(
  "backhaul.type.v1.access",
);
assert.ok(extension);
const access = extension;
type Access = { roles: number[]; owner: boolean };

describe("the check that every rpc says who may call it", () => {
  const folder = mkdtempSync(join(tmpdir(), "backhaul-access-"));
  after(() => rmSync(folder, { recursive: true }));

  /** The contracts with the options of RefundService/GetRefund changed. */
  function check(change: (options: MethodOptions) => void) {
    const set = fromBinary(FileDescriptorSetSchema, image);
    const methods = set.file.flatMap((file) => file.service).find(({ name }) => name === "RefundService")?.method;
    const options = methods?.find(({ name }) => name === "GetRefund")?.options;
    assert.ok(options);
    change(options);
    const file = join(folder, "image.binpb");
    writeFileSync(file, toBinary(FileDescriptorSetSchema, set));
    const { status, stdout } = spawnSync(process.execPath, ["scripts/check/access.mjs", file], { cwd: root });
    return { status, says: stdout.toString() };
  }
  const ruled = (rule: Partial<Access>) => (options: MethodOptions) => {
    setExtension(options, access, Object.assign(getExtension(options, access) as unknown as Access, rule) as never);
  };

  it("holds for the contracts as they are", () => {
    assert.deepEqual(
      check(() => {}),
      { status: 0, says: "" },
    );
  });

  const broken: Readonly<Record<string, [change: (options: MethodOptions) => void, says: string]>> = {
    "has no access option": [
      (options) => clearExtension(options, access),
      "has no access option: nobody could call it",
    ],
    "names nobody": [ruled({ roles: [], owner: false }), "names no role: nobody could call it"],
    "names a role that nobody is": [ruled({ roles: [0, 3], owner: false }), "names ROLE_UNSPECIFIED, which nobody is"],
    "names a role twice": [ruled({ roles: [3, 3], owner: false }), "names a role twice"],
    "lets customers at everybody's": [
      ruled({ roles: [1], owner: false }),
      "lets customers or guests in without asking for ownership",
    ],
    "asks owners whom it does not let in": [
      ruled({ roles: [3], owner: true }),
      "asks for ownership, but neither customers nor guests may call it",
    ],
  };
  for (const [what, [change, says]] of Object.entries(broken)) {
    it(`fails for an rpc that ${what}, and says which`, () => {
      assert.deepEqual(check(change), { status: 1, says: `backhaul.refund.v1.RefundService/GetRefund ${says}\n` });
    });
  }
});
