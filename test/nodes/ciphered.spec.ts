/** Ciphered meters configured through dialogs alone: keys as credentials, in a key list, or asked of the flow. */
import assert from "node:assert/strict";
import { createECDH } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { meterTypeOf } from "../../nodes/dlms-meter-type/settings.js";
import { DlmsError } from "../../src/index.js";
import {
  calls,
  catcher,
  type FlowNode,
  freePort,
  load,
  node,
  statusOf,
  until,
  useNodeRed,
} from "../support/flow.js";

const SERIAL = "37000000101";
const KEYS = {
  unicastKey: "000102030405060708090A0B0C0D0E0F",
  authenticationKey: "D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF",
};
const TOKEN = "12345678901234567890";

const meterType = {
  id: "type",
  type: "dlms-meter-type",
  name: "ciphered",
  preset: "standard",
  mechanism: "hls-gmac",
  ciphering: "authenticated-encrypted",
};

function bench(port: number, listener: Record<string, unknown>, type: FlowNode = meterType): FlowNode[] {
  return [
    type,
    {
      id: "listener",
      type: "dlms-listener",
      port: String(port),
      host: "127.0.0.1",
      meterType: "type",
      silenceSeconds: "1",
      ...listener,
    },
    { id: "server", type: "dlms-meter-server", listener: "listener", wires: [["meters"], ["pushes"]] },
    { id: "meters", type: "helper" },
    { id: "pushes", type: "helper" },
    { id: "theirs", type: "dlms-meter-type", ...meterTypeOfMeter },
    {
      id: "sim",
      type: "dlms-simulator",
      meterType: "theirs",
      serial: SERIAL,
      port: String(port),
      wires: [["did"]],
    },
    { id: "did", type: "helper" },
    { id: "read", type: "dlms-read", listener: "listener", wires: [["result"], []] },
    { id: "relay", type: "dlms-relay", listener: "listener", wires: [["result"]] },
    { id: "token", type: "dlms-token", listener: "listener", wires: [["result"]] },
    { id: "result", type: "helper" },
  ];
}

const { id: _id, type: _type, ...meterTypeOfMeter } = meterType;
void [_id, _type];

describe("nodes: ciphered meters", () => {
  useNodeRed();

  async function meterIn(): Promise<void> {
    await catcher("meters").next(({ payload }) => payload.event === "associated", "associated meter");
  }

  async function commands(): Promise<void> {
    const result = catcher("result");
    node("read").receive({ payload: { meterSerialNumber: SERIAL, obisCodes: ["1-0:1.8.0.255"] } });
    const read = (await result.next()).payload;
    assert.equal(read.outcome, "read", JSON.stringify(read));
    node("relay").receive({ payload: { meterSerialNumber: SERIAL, action: "disconnect" } });
    const off = (await result.next()).payload;
    assert.equal(off.outcome, "disconnected", JSON.stringify(off));
    node("token").receive({ payload: { meterSerialNumber: SERIAL, token: TOKEN } });
    const load = (await result.next()).payload;
    assert.equal(load.success, true, JSON.stringify(load));
  }

  it("keys entered in the dialog: reads, switches, loads a token", async () => {
    await load(bench(await freePort(), {}), { type: KEYS, theirs: KEYS });
    await meterIn();
    await commands();
    const did = catcher("did").all;
    assert.ok(!JSON.stringify(did).includes(KEYS.unicastKey));
  });

  it("keys in a key list that comes later: the meter's next association is let in", async () => {
    const folder = mkdtempSync(join(tmpdir(), "dlms-list-"));
    try {
      const keysFile = join(folder, "keys.csv");
      const type = { ...meterType, secretsFrom: "list" };
      await load(bench(await freePort(), { keysFrom: "file", keysFile }, type), { theirs: KEYS });
      await catcher("meters").next(({ payload }) => payload.event === "identified", "identified meter");
      assert.ok(calls("listener", "error").some(([text]) => /ENOENT/.test(String(text))));
      writeFileSync(
        keysFile,
        `meterSerialNumber,unicastKey,authenticationKey\n${SERIAL},${KEYS.unicastKey},${KEYS.authenticationKey}\n`,
      );
      await until(
        () => calls("listener", "log").some(([text]) => /holds 1 meters/.test(String(text))),
        "the list",
      );
      assert.ok(calls("listener", "warn").some(([text]) => /in clear/.test(String(text))));
      await commands();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("keys asked of the flow: a question on output 1, the same message back with them", async () => {
    const type = { ...meterType, secretsFrom: "list" };
    await load(bench(await freePort(), { keysFrom: "flow" }, type), { theirs: KEYS });
    const meters = catcher("meters");
    let questions = 0;
    node("meters").on("input", (msg) => {
      const payload = (msg as { payload: { event?: string; meterSerialNumber?: string } }).payload;
      if (payload.event !== "needKeys") return;
      questions += 1;
      assert.equal(payload.meterSerialNumber, SERIAL);
      node("server").receive({ ...msg, payload: { ...payload, keys: KEYS } });
    });
    await meters.next(({ payload }) => payload.event === "associated", "associated meter");
    await commands();
    assert.equal(questions, 1);
  });

  it("a new key by a message: the answer shows none, the meter is read under it, the old key is no longer enough", async () => {
    const withMaster = { ...KEYS, masterKey: "0F".repeat(16) };
    await load(bench(await freePort(), {}), { type: withMaster, theirs: withMaster });
    await meterIn();
    const meters = catcher("meters");
    const unicastKey = "77".repeat(16);
    const ask = (payload: Record<string, unknown>): Promise<{ payload: Record<string, unknown> }> => {
      node("server").receive({ payload: { meterSerialNumber: SERIAL, ...payload } });
      return meters.next(({ payload: { command } }) => command === payload.command, "answer");
    };
    const refused = (await ask({ command: "change-keys", keys: { unicastKey: "none of your business" } }))
      .payload;
    assert.equal(refused.outcome, "invalid");
    assert.ok(!JSON.stringify(refused).includes("business"));
    const done = (await ask({ command: "change-keys", keys: { unicastKey } })).payload;
    assert.deepEqual(done, {
      command: "change-keys",
      meterSerialNumber: SERIAL,
      success: true,
      outcome: "changed",
    });
    await commands();
    assert.equal((await ask({ command: "raise-policy", policy: 0 })).payload.outcome, "refused");
  });

  it("ECDSA and signatures through dialogs alone: the meter has a private key of its own", async () => {
    const suite1 = { mechanism: "hls-ecdsa", suite: "1", signing: "inside" };
    const pair = createECDH("prime256v1");
    const publicKey = pair.generateKeys("hex").slice(2);
    const own = pair.getPrivateKey("hex").padStart(64, "0");
    const flow = bench(await freePort(), {}, { ...meterType, ...suite1, publicKey }).map((each) =>
      each["id"] === "theirs" ? { ...each, ...suite1, publicKey } : each,
    );
    const type = { ...KEYS, signingKey: "11".repeat(32) };
    await load(flow, { type, theirs: type, sim: { signingKey: own } });
    await meterIn();
    await commands();
    assert.ok(!JSON.stringify(catcher("did").all).includes(own));
  });

  it("a meter that signs says that its private key is missing", async () => {
    const suite1 = { mechanism: "hls-ecdsa", suite: "1", ciphering: "" };
    const publicKey = createECDH("prime256v1").generateKeys("hex").slice(2);
    const flow = async (): Promise<FlowNode[]> =>
      bench(await freePort(), {}).map((each) =>
        each["id"] === "theirs" ? { ...each, ...suite1, publicKey } : each,
      );
    const theirs = { signingKey: "11".repeat(32) };
    await load(await flow(), { type: KEYS, theirs });
    assert.match(JSON.stringify(calls("sim", "error")), /signingKey is missing/);
  });

  it("a type whose key is missing says which, and shows no other", async () => {
    await load(bench(await freePort(), {}), { type: { unicastKey: "zz" }, theirs: KEYS });
    const told = JSON.stringify([calls("type", "error"), statusOf("server")]);
    assert.match(told, /unicastKey/);
    assert.ok(!told.includes("zz"));
  });
});

describe("nodes: security fields of a meter type", () => {
  const none = (): undefined => undefined;
  const of = (config: Record<string, unknown>, credentials: Record<string, string> = {}) =>
    meterTypeOf({ preset: "standard", ...config } as never, credentials, none).meterType;

  it("only what mechanism and ciphering need is asked for", () => {
    assert.equal(of({}).association.security, undefined);
    assert.equal(of({ mechanism: "hls-md5" }, { secret: "x" }).association.security, undefined);
    const { association, reverseMechanisms } = of(
      { mechanism: "hls-gmac", ciphering: "encrypted", suite: "2" },
      { unicastKey: "11".repeat(32), authenticationKey: "22".repeat(32) },
    );
    assert.equal(association.security?.mode, "encrypted");
    assert.equal(association.security.suite, 2);
    assert.equal(association.clientSap, 1);
    assert.deepEqual(reverseMechanisms, ["hls-gmac"]);
    assert.equal(of({ clientSap: "5", mechanism: "hls-md5" }, { secret: "x" }).association.clientSap, 5);
    const open = of({ mechanism: "hls-sha256", secretsFrom: "list", counterObis: "none" });
    assert.equal(open.association.security?.counterObis, undefined);
    assert.equal(open.association.secret, undefined);
  });

  const wrong: readonly (readonly [string, Record<string, unknown>, Record<string, string>])[] = [
    ["secret", { mechanism: "hls-md5" }, {}],
    ["secret", { preset: "hexcell", mechanism: "hls" }, {}],
    ["unicastKey", { mechanism: "hls-gmac" }, {}],
    ["unicastKey", { ciphering: "encrypted" }, { unicastKey: "00" }],
    ["authenticationKey", { ciphering: "authenticated" }, { unicastKey: KEYS.unicastKey }],
    ["authenticationKey", { mechanism: "hls-gmac" }, { ...KEYS, authenticationKey: "secret text" }],
    ["signingKey", { mechanism: "hls-ecdsa", suite: "1" }, {}],
    ["suite", { mechanism: "hls-ecdsa", publicKey: "00" }, { signingKey: "11".repeat(32) }],
    ["clientSystemTitle", { ciphering: "encrypted", clientSystemTitle: "4757" }, KEYS],
    ["counterObis", { ciphering: "encrypted", counterObis: "0.0.43" }, KEYS],
    ["ciphering", { ciphering: "strong" }, KEYS],
  ];
  for (const [field, config, credentials] of wrong)
    it(`${JSON.stringify(config)}: ${field} is named, what it says is not`, () => {
      assert.throws(
        () => of(config, credentials),
        (caught) => {
          assert.ok(caught instanceof DlmsError);
          assert.equal(caught.field, field);
          for (const text of Object.values(credentials))
            assert.ok(!caught.message.includes(text) || text === "00");
          return true;
        },
      );
    });
});
