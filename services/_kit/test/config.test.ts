import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigError, readConfig, secret, text, url } from "#kit/config.js";
import { testFolder } from "#kit/testing/stage.js";

const settings = {
  meshSecret: secret("MESH_SECRET", "signs tokens", 8),
  databaseUrl: url("DATABASE_URL", "Postgres", ["postgres:"]),
  note: text("NOTE", "anything", "none"),
};

describe("kit: settings", () => {
  const kept = join(testFolder("config"), "secret");

  it("take what is in a file for file:/path, without the editor's line end", () => {
    writeFileSync(kept, "s3cret-s3cret \n");
    const databaseUrl = join(testFolder("config"), "url");
    writeFileSync(databaseUrl, "postgres://shop:pass@db:5432/backhaul");
    const env = { MESH_SECRET: `file:${kept}`, DATABASE_URL: `file:${databaseUrl}` };
    assert.deepEqual(readConfig(env, settings), {
      meshSecret: "s3cret-s3cret ",
      databaseUrl: "postgres://shop:pass@db:5432/backhaul",
      note: "none",
    });
  });

  it("say all that is wrong at once, which file cannot be read, and never what is in one", () => {
    writeFileSync(kept, "short");
    const env = { MESH_SECRET: `file:${kept}`, DATABASE_URL: "file:/nowhere/url" };
    assert.throws(
      () => readConfig(env, settings),
      (error: ConfigError) => {
        assert.ok(error instanceof ConfigError);
        assert.deepEqual(error.problems, [
          "MESH_SECRET has 5 characters, at least 8 are needed: signs tokens",
          "DATABASE_URL names /nowhere/url, which cannot be read (ENOENT): Postgres",
        ]);
        assert.doesNotMatch(error.message, /short/);
        return true;
      },
    );
  });

  it("are missing where the file is empty, as where nothing is set", () => {
    writeFileSync(kept, "\n");
    assert.throws(
      () => readConfig({ MESH_SECRET: `file:${kept}`, DATABASE_URL: "postgres://db" }, settings),
      /MESH_SECRET is not set: signs tokens/,
    );
  });
});
