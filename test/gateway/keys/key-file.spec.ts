/** A key list in a file that changes under the gateway, and the command that encrypts it. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { toHex } from "../../../src/bytes/hex.js";
import { KeyFile } from "../../../src/gateway/keys/key-file.js";
import { masterKeyOf } from "../../../src/gateway/keys/sealed.js";

const MASTER = "17".repeat(32);
const K1 = "000102030405060708090A0B0C0D0E0F";
const K2 = "D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF";
const row = (key: string): string => `meterSerialNumber,unicastKey\n7,${key}\n`;

describe("key files", () => {
  let folder: string;
  let path: string;
  let file: KeyFile | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "dlms-keys-"));
    path = join(folder, "keys.csv");
  });
  afterEach(async () => {
    await file?.close();
    file = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  function open(masterKey?: string): { failures: string[]; loads: (readonly [number, number])[] } {
    const told = { failures: [] as string[], loads: [] as (readonly [number, number])[] };
    file = new KeyFile({
      path,
      ...(masterKey === undefined ? {} : { masterKey: masterKeyOf(masterKey) }),
      loaded: (meters, inClear) => told.loads.push([meters, inClear]),
      failed: ({ message }) => told.failures.push(message),
      pollMs: 20,
    });
    return told;
  }

  async function keyNow(): Promise<string> {
    const key = (await file?.find({ meterSerialNumber: "7" }))?.keys?.unicast;
    return key === undefined ? "none" : toHex(key.reveal());
  }

  async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
    const end = Date.now() + 15_000;
    while (!(await condition())) {
      assert.ok(Date.now() < end, "waited in vain");
      await new Promise((wake) => setTimeout(wake, 10));
    }
  }

  it("is read again when it changes; a bad one is told and the last good one stays", async () => {
    writeFileSync(path, row(K1));
    const told = open();
    assert.equal(await keyNow(), K1);
    writeFileSync(path, row(K2));
    await until(async () => (await keyNow()) === K2);
    writeFileSync(path, `${row(K2)}8,nonsense\n`);
    await until(() => told.failures.length > 0);
    assert.match(told.failures[0] as string, /Line 3 .*unicastKey/);
    assert.equal(await keyNow(), K2);
    writeFileSync(path, `${row(K1)}`);
    await until(async () => (await keyNow()) === K1);
    rmSync(path);
    await until(() => told.failures.length > 1);
    assert.match(told.failures[1] as string, /ENOENT/);
    assert.equal(await keyNow(), K1);
  });

  it("that is not there yet answers nobody until it comes", async () => {
    const told = open();
    await assert.rejects(keyNow(), { code: "SECURITY_KEYS_UNAVAILABLE" });
    assert.equal(told.loads.length, 0);
    writeFileSync(path, row(K1));
    await until(() => told.loads.length > 0);
    assert.equal(await keyNow(), K1);
  });

  it("is encrypted and decrypted by the command, in one step, for its owner only", async () => {
    writeFileSync(path, row(K1));
    const keys = (...args: string[]) =>
      spawnSync(
        process.execPath,
        ["--require", "tsx/cjs", resolve(__dirname, "../../../src/tools/keys.ts"), ...args],
        {
          encoding: "utf8",
          env: { ...process.env, DLMS_KEYS_MASTER: MASTER },
          timeout: 60_000,
        },
      );
    const done = keys("encrypt", path);
    assert.equal(done.status, 0, done.stderr);
    assert.ok(!done.stdout.includes(K1));
    assert.ok(!readFileSync(path, "utf8").includes(K1));
    assert.equal(statSync(path).mode & 0o777, 0o600);
    open(MASTER);
    assert.equal(await keyNow(), K1);
    await file?.close();
    const refused = open("00".repeat(32));
    await assert.rejects(keyNow(), /does not decrypt/);
    assert.equal(refused.loads.length, 0);
    const back = keys("decrypt", path);
    assert.equal(back.status, 0, back.stderr);
    assert.equal(readFileSync(path, "utf8"), row(K1));
    const bad = keys("check", join(folder, "none.csv"));
    assert.equal(bad.status, 1);
    assert.match(keys("new-key").stdout, /^[0-9a-f]{64}\n$/);
    assert.equal(keys("forget", path).status, 2);
  });
});
