import assert from "node:assert/strict";
import * as mesh from "../../gen/client/mesh.js";
import * as sandbox from "../../gen/client/sandbox.js";
import { methodOf, registry, repeatable } from "../../services/_kit/contracts.js";
import type { Contract, Fact } from "../shape.js";

describe("what the client knows of the contracts", () => {
  const known = [...Object.values(mesh), ...Object.values(sandbox)].flatMap(({ definition, facts }: Contract) =>
    Object.entries(facts).map(([name, fact]): [string, Fact] => [definition[name]?.path ?? "", fact]),
  );

  it("is every rpc that is not a partner's, but for the stream by which the mesh keeps its clocks", () => {
    const offered = [...registry]
      .filter((it) => it.kind === "service")
      .filter(({ typeName }) => /^backhaul\.(?!partner\.)/.test(typeName))
      .flatMap(({ typeName, methods }) => methods.map(({ name }) => `/${typeName}/${name}`));
    const left = offered.filter((path) => !known.some(([one]) => one === path));
    assert.deepEqual(left, ["/backhaul.sandbox.v1.ClockService/JoinClock"]);
    assert.equal(known.length, offered.length - left.length);
  });

  it("is the contract's word on what may be sent again, and by which id", () => {
    for (const [path, { repeatable: may, requestId }] of known) {
      const method = methodOf(path);
      assert.equal(may, repeatable(method), path);
      assert.equal(
        requestId,
        method.input.fields.some(({ name }) => name === "request_id"),
        path,
      );
    }
  });

  it("tells the items of every list that has pages: the first field of its answer", () => {
    for (const [path, { items }] of known) {
      const { input, output } = methodOf(path);
      if (!input.fields.some(({ name }) => name === "page_token")) continue;
      // AIP-158: the items come before everything else; what is said of all pages together may be a list, too.
      const [first] = output.fields.toSorted((a, b) => a.number - b.number);
      assert.deepEqual([items, "list"], [first?.localName, first?.fieldKind], path);
    }
  });
});
