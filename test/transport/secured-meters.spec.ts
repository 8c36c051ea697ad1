/**
 * `connectMeter` against simulated meters that authenticate and cipher, over real sockets: every mechanism, the modes,
 * both framings; what is configured wrongly; and that no secret comes into what is traced, thrown or told.
 */
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { data } from "../../src/axdr/index.js";
import { concatBytes, fromHex, toHex } from "../../src/bytes/hex.js";
import { Secret } from "../../src/core/secret.js";
import { type TraceRecord } from "../../src/core/trace.js";
import { dialectByName } from "../../src/meter-types/dialects/index.js";
import { presets } from "../../src/meter-types/presets.js";
import { type MeterSecuritySettings } from "../../src/simulator/meter-secrets.js";
import { connectMeter, type ConnectMeterOptions } from "../../src/transport/connect.js";
import { type SecurityMode } from "../../src/security/index.js";
import { type ConnectSecurity } from "../../src/transport/connect-security.js";
import { MemoryCounters } from "../../src/transport/outside.js";
import { SimulatorHost, type SimulatorHostEvent } from "../../src/transport/simulator-host.js";
import { security as securityOf, serverTitle } from "../association/secured.js";

const password = "Correct horse 16";
const secret = new Secret(Uint8Array.from(password, (letter) => letter.charCodeAt(0)));
const clock = { classId: 8, obis: "0-0:1.0.0.255", attributeId: 2 };
const relay = { classId: 70, obis: "0-0:96.3.10.255" };
const counters = new MemoryCounters();

const protections = {
  none: {},
  authenticated: { protection: { authenticated: true, encrypted: false } },
  encrypted: { protection: { authenticated: false, encrypted: true } },
  "authenticated-encrypted": { protection: { authenticated: true, encrypted: true } },
} as const;

function asked(suite: 0 | 1 | 2, mode: SecurityMode, more: Partial<ConnectSecurity> = {}): ConnectSecurity {
  const { keys, systemTitle } = securityOf("client", suite);
  return { suite, keys, systemTitle, mode, counters, ...more };
}

describe("secured meters over sockets", () => {
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const thing of open.splice(0).reverse()) await thing.close();
  });

  async function meter(
    security: MeterSecuritySettings,
    framing: "hdlc" | "wrapper",
  ): Promise<{ options: Omit<ConnectMeterOptions, "host">; events: SimulatorHostEvent[] }> {
    const events: SimulatorHostEvent[] = [];
    let listening: (() => void) | undefined;
    const heard = new Promise<void>((resolve) => (listening = resolve));
    const host = new SimulatorHost({
      meters: [
        {
          serial: "24000000001",
          meterType: presets.standard,
          dialect: dialectByName("silent") as NonNullable<ReturnType<typeof dialectByName>>,
          seed: 1,
          framing,
          objects: "minimal",
          security,
        },
      ],
      transport: { mode: "listen", host: "127.0.0.1", port: 0 },
      onEvent: (event) => {
        events.push(event);
        if (event.name === "listening") listening?.();
      },
    });
    open.push({ close: () => host.stop() });
    host.start();
    await heard;
    const { clientSap, serverSap, hdlcServerLower, hdlcAddressOctets } = presets.standard.association;
    const port = host.meter("24000000001")?.port as number;
    const lower = hdlcServerLower === undefined ? {} : { serverLower: hdlcServerLower };
    return {
      options: { port, framing, clientSap, serverSap, serverAddressOctets: hdlcAddressOctets, ...lower },
      events,
    };
  }

  const rows: readonly (readonly [
    MeterSecuritySettings["mechanism"],
    0 | 1 | 2,
    SecurityMode,
    "hdlc" | "wrapper",
  ])[] = [
    ["hls", 0, "none", "hdlc"],
    ["hls-md5", 0, "none", "wrapper"],
    ["hls-sha1", 0, "none", "wrapper"],
    ["hls-sha256", 0, "none", "hdlc"],
    ["hls-gmac", 0, "none", "wrapper"],
    ["hls-gmac", 0, "authenticated", "hdlc"],
    ["hls-gmac", 0, "encrypted", "wrapper"],
    ["hls-gmac", 0, "authenticated-encrypted", "hdlc"],
    ["hls-gmac", 0, "authenticated-encrypted", "wrapper"],
    ["lls", 0, "authenticated-encrypted", "wrapper"],
    ["hls-ecdsa", 1, "authenticated-encrypted", "wrapper"],
    ["hls-ecdsa", 2, "authenticated-encrypted", "hdlc"],
  ];
  for (const [mechanism, suite, mode, framing] of rows)
    it(`${mechanism}, suite ${suite}, ${mode}, ${framing}`, async () => {
      const { options, events } = await meter(
        { mechanism, secret, options: securityOf("server", suite, protections[mode]) },
        framing,
      );
      const traced: TraceRecord[] = [];
      const client = await connectMeter({
        ...options,
        host: "127.0.0.1",
        authentication: mechanism,
        password,
        security: asked(suite, mode),
        trace: (record) => traced.push(record),
      });
      assert.equal(toHex(client.association?.peerSystemTitle as Uint8Array), toHex(serverTitle));
      const time = await client.get(clock);
      assert.equal(time.type, "octet-string");
      await client.set(clock, time);
      await client.action({ ...relay, methodId: 1 }, data.integer(0));
      await client.release();
      assert.ok(
        events.some(({ name, text }) => name === "associated" && /ciphered/.test(text) === (mode !== "none")),
      );

      const { keys } = securityOf("client", suite);
      const shown = inspect({ traced: traced.map(({ text }) => text), events, client }, { depth: 12 });
      const wire = toHex(concatBytes(...traced.map(({ bytes = new Uint8Array(0) }) => bytes)));
      for (const key of [keys.unicast, keys.authentication])
        assert.ok(!wire.includes(toHex((key as Secret).reveal())), "a key stands on the wire");
      assert.ok(!shown.includes(password));
      // A password of low level security has to be sent; the secret of high level security never is.
      assert.equal(wire.includes(toHex(secret.reveal())), mechanism === "lls");
    });

  it("general-ciphering with an agreed key, signed: the meter answers as it is asked", async () => {
    const signing = "outside" as const;
    const both = protections["authenticated-encrypted"];
    const { options } = await meter(
      { mechanism: "hls-ecdsa", options: securityOf("server", 1, { ...both, signing }) },
      "wrapper",
    );
    const traced: TraceRecord[] = [];
    const client = await connectMeter({
      ...options,
      host: "127.0.0.1",
      authentication: "hls-ecdsa",
      security: asked(1, "authenticated-encrypted", {
        ...{ form: "general-ciphering", keyTransport: "one-pass", signing },
      }),
      trace: (record) => traced.push(record),
    });
    assert.deepEqual(client.association?.ciphering?.signed, true);
    assert.equal((await client.get(clock)).type, "octet-string");
    await client.release();
    const GENERAL_SIGNING = 0xdf;
    const signed = traced.filter(({ layer, bytes }) => layer === "wrapper" && bytes?.[8] === GENERAL_SIGNING);
    // Passes 3 and 4, the clock asked and answered.
    assert.deepEqual(
      signed.map(({ direction }) => direction),
      ["out", "in", "out", "in"],
    );
  });

  it("keeps the counters of earlier connections: an older one is learnt, and the next try is above", async () => {
    const { options, events } = await meter(
      { mechanism: "hls-gmac", options: securityOf("server", 0, protections["authenticated-encrypted"]) },
      "wrapper",
    );
    for (const first of [5_000, 1]) {
      const client = await connectMeter({
        ...options,
        host: "127.0.0.1",
        authentication: "hls-gmac",
        security: asked(0, "authenticated-encrypted", { counters: new MemoryCounters(first) }),
      });
      assert.equal((await client.get(clock)).type, "octet-string");
      await client.release();
      // A meter has one line: the next call comes once this one is over.
      while (!events.some(({ name }) => name === "disconnected"))
        await new Promise((resolve) => setImmediate(resolve));
    }
  });

  const wrong: readonly (readonly [string, Partial<ConnectMeterOptions>, string])[] = [
    [
      "another key",
      {
        security: asked(0, "authenticated-encrypted", {
          keys: { ...securityOf("client").keys, unicast: new Secret(new Uint8Array(16)) },
        }),
      },
      "SECURITY_REFUSED",
    ],
    [
      "another title of the meter",
      { security: asked(0, "authenticated-encrypted", { meterSystemTitle: fromHex("4D45540000000099") }) },
      "SECURITY_TITLE",
    ],
    [
      "a key of a wrong length",
      {
        security: asked(0, "authenticated-encrypted", {
          keys: { ...securityOf("client").keys, unicast: new Secret(new Uint8Array(15)) },
        }),
      },
      "SECURITY_KEY_INVALID",
    ],
    ["no key", { security: asked(0, "authenticated-encrypted", { keys: {} }) }, "SECURITY_KEY_MISSING"],
    [
      "a title that is none",
      { security: asked(0, "none", { systemTitle: new Uint8Array(3) }) },
      "SECURITY_TITLE",
    ],
    ["nothing that counts", { security: { ...asked(0, "none"), counters: undefined } }, "FIELD_INVALID"],
    ["no keys at all", {}, "FIELD_INVALID"],
    [
      "a store that fails",
      {
        security: asked(0, "authenticated-encrypted", {
          counters: { reserveCounter: () => Promise.reject(new Error("disk full")) },
        }),
      },
      "INTERNAL",
    ],
  ];
  for (const [name, options, code] of wrong)
    it(`fails with ${code} over ${name}`, async () => {
      const simulated = await meter(
        { mechanism: "hls-gmac", options: securityOf("server", 0, protections["authenticated-encrypted"]) },
        "wrapper",
      );
      await assert.rejects(
        connectMeter({
          ...simulated.options,
          host: "127.0.0.1",
          authentication: "hls-gmac",
          responseTimeoutMs: 3_000,
          ...options,
        }),
        { code },
      );
    });
});
