// A sample of `npm run faults`: one trial of each kind of fault, and what the trials stand on.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { kinds } from "../faults/kinds.js";
import { playAll } from "../faults/lanes.js";
import { points } from "../faults/points.js";
import { openProxy, type TcpProxy } from "../faults/proxy.js";
import { line } from "../faults/report.js";
import { drawTrial } from "../faults/trial.js";

const seed = 20_261_126;

describe("a way between two processes", () => {
  let server: Server;
  let proxy: TcpProxy;
  let socket: Socket;
  /** How each piece came. */
  let pieces: string[];

  beforeEach(async () => {
    server = createServer({ noDelay: true }, (comer) => comer.pipe(comer)).listen(0, "127.0.0.1");
    await once(server, "listening");
    proxy = await openProxy((server.address() as AddressInfo).port);
    pieces = [];
    socket = await opened();
    socket.on("data", (piece) => pieces.push(piece.toString()));
  });
  afterEach(async () => {
    socket.destroy();
    await proxy.close();
    server.close();
  });

  async function opened(): Promise<Socket> {
    const it = connect({ host: "127.0.0.1", port: proxy.port, noDelay: true });
    it.on("error", () => {});
    await once(it, "connect");
    return it;
  }

  /** Its end, in whatever way. */
  function closed(it: Socket): Promise<unknown> {
    it.on("error", () => {});
    return new Promise((resolve) => it.once("close", resolve));
  }

  /** What comes back of a word, once all of it is there. */
  async function echo(word: string, from = socket): Promise<string> {
    let heard = "";
    from.write(word);
    while (heard.length < word.length) heard += (await once(from, "data"))[0];
    return heard;
  }

  it("brings everything while it is open, however much", async () => {
    const much = "all of it ".repeat(100_000);
    assert.equal(await echo(much), much);
  });

  it("breaks what goes over it when it is cut, and lets nobody in", async () => {
    const broken = closed(socket);
    proxy.behave("cut");
    await broken;
    await closed(connect({ host: "127.0.0.1", port: proxy.port }));
    proxy.behave("open");
    const again = await opened();
    assert.equal(await echo("back", again), "back");
    again.destroy();
  });

  it("keeps what is said while it is silent, and brings it later, in order", async () => {
    proxy.behave("silent");
    socket.write("first ");
    socket.write("second");
    await echoOfAnother();
    assert.deepEqual(pieces, []);
    proxy.behave("open");
    while (pieces.join("").length < "first second".length) await once(socket, "data");
    assert.equal(pieces.join(""), "first second");
  });

  it("brings what drips in many pieces, whole", async () => {
    proxy.behave("dripping");
    assert.equal(await echo("byte by byte"), "byte by byte");
    assert.ok(pieces.length > 3, pieces.join("|"));
  });

  it("takes its time when it is slow", async () => {
    proxy.behave("slow");
    const startedAt = Date.now();
    assert.equal(await echo("late"), "late");
    assert.ok(Date.now() - startedAt >= 290);
  });

  it("forgets a connection without telling anybody, and takes new ones", async () => {
    assert.equal(await echo("known"), "known");
    assert.equal(proxy.forget(), true);
    socket.write("lost");
    const fresh = await opened();
    assert.equal(await echo("new", fresh), "new");
    assert.deepEqual(pieces, ["known"]);
    assert.equal(socket.readyState, "open");
    const ended = closed(socket);
    proxy.tidy();
    await ended;
    fresh.destroy();
  });

  /** Something that has happened since: a connection straight to the server has said and heard a word. */
  async function echoOfAnother(): Promise<void> {
    const straight = connect({ host: "127.0.0.1", port: (server.address() as AddressInfo).port });
    await once(straight, "connect");
    assert.equal(await echo("meanwhile", straight), "meanwhile");
    straight.destroy();
  }
});

describe("the trials of a seed", () => {
  it("let processes die at boundaries that there are", () => {
    const all: string[] = JSON.parse(readFileSync("services/_kit/failpoints.json", "utf8"));
    const gone = points.filter(({ name }) => !all.includes(name)).map(({ name }) => name);
    assert.deepEqual(gone, [], "record them again: npm run faults -- --record");
  });

  it("are drawn alike every time, and one alone is drawn as among the others", () => {
    const told = (number: number) => {
      const { kind, fault, journeys, phase, delayMs } = drawTrial(number, seed, kinds);
      return { kind, what: fault.what, journeys: journeys.map(({ name }) => name), phase, delayMs };
    };
    const first = Array.from({ length: 200 }, (_, number) => told(number));
    assert.deepEqual(
      first.map((_, number) => told(number)),
      first,
    );
    assert.deepEqual(told(137), first[137]);
    assert.deepEqual(new Set(first.map(({ kind }) => kind)), new Set(kinds.map(({ name }) => name)));
  });
});

describe("a mesh that is harmed", function () {
  this.timeout(600_000);

  it("keeps every promise, pays once, and comes to rest with every invariant holding", async () => {
    const trials = kinds.map((kind, number) => drawTrial(number, seed, [kind]));
    const said: string[] = [];
    const outcomes = await playAll(trials, { lanes: 2, fresh: 40, keep: false }, (text) => said.push(text));
    const failed = outcomes.filter(({ complaints }) => complaints.length > 0);
    assert.deepEqual(
      failed.map(({ complaints, ...rest }) => [line({ complaints, ...rest }), ...complaints]),
      [],
    );
    assert.equal(outcomes.length, kinds.length);
    assert.ok(outcomes.filter(({ hit }) => hit).length > kinds.length / 2, said.join("\n"));
  });
});
