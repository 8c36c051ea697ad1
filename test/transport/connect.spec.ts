/** `connectMeter` over real sockets: what a script gets, and that nothing stays open behind it. */
import assert from "node:assert/strict";
import { GatewayLink, Session, type SessionEvent, type SessionIntent } from "../../src/association/index.js";
import { data } from "../../src/axdr/index.js";
import { shortNameList } from "../../src/cosem/short-names.js";
import { Secret } from "../../src/core/secret.js";
import { HdlcLink } from "../../src/hdlc/index.js";
import { type ByteChannel } from "../../src/transport/channel.js";
import { type Clock, systemClock } from "../../src/transport/clock.js";
import { associateOver, connectMeter, type ConnectMeterOptions } from "../../src/transport/connect.js";
import { Driver } from "../../src/transport/driver.js";
import { memoryPair } from "../../src/transport/memory.js";
import { listenTcp, type TcpServer } from "../../src/transport/tcp.js";
import { WrapperLink } from "../../src/wrapper/index.js";
import { FakeClock } from "../support/fake-clock.js";
import { ObjectStore } from "../support/store.js";

const password = "12345678";
const store = new ObjectStore();
store.put(1, "0-0:42.0.0.255", 2, data.octetString(Uint8Array.of(0x4d, 0x45, 0x54)));

function meter(framing: "hdlc" | "wrapper", silent = false): Promise<TcpServer> {
  return listenTcp({
    port: 0,
    host: "127.0.0.1",
    onChannel: (channel) => {
      if (silent) channel.onData(() => undefined);
      else serve(framing, channel, systemClock);
    },
  });
}

function serve(framing: "hdlc" | "wrapper", channel: ByteChannel, clock: Clock): void {
  const address = { upper: 1, lower: 17, octets: 2 } as const;
  const secret = new Secret(Uint8Array.from(password, (letter) => letter.charCodeAt(0)));
  const link =
    framing === "wrapper"
      ? new WrapperLink({ role: "server", clientWPort: 0, serverWPort: 1, acceptAnyAddress: true })
      : new HdlcLink({ station: "secondary", client: address, server: address, acceptAnyAddress: true });
  const session = new Session({
    role: "server",
    link,
    server: {
      accept: [
        { clientSap: 16, mechanism: "none" },
        { clientSap: 2, mechanism: "lls", secret },
      ],
    },
  });
  const driver = new Driver<SessionIntent, SessionEvent>(session, channel, clock);
  driver.subscribe((event) => {
    if (event.type === "indication")
      driver.send({ type: "respond", id: event.id, response: store.answer(event.request) });
  });
  driver.start();
}

describe("connectMeter", () => {
  let server: TcpServer | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  const ways: readonly (readonly [string, "hdlc" | "wrapper", Omit<ConnectMeterOptions, "host">])[] = [
    ["the wrapper, as public client", "wrapper", {}],
    ["the wrapper, with a password", "wrapper", { clientSap: 2, password }],
    ["HDLC, with a password", "hdlc", { framing: "hdlc", serverLower: 17, clientSap: 2, password }],
    ["HDLC, a four-octet address", "hdlc", { framing: "hdlc", serverLower: 17, serverAddressOctets: 4 }],
  ];
  for (const [name, framing, options] of ways)
    it(`reads over ${name}`, async () => {
      server = await meter(framing);
      const client = await connectMeter({ host: "127.0.0.1", port: server.port, ...options });
      assert.equal(client.association?.mechanism, options.password === undefined ? "none" : "lls");
      assert.equal((await client.read({ obisCode: "0-0:42.0.0.255" })).value, "4D4554");
      await client.release();
      await assert.rejects(client.read({ obisCode: "0-0:42.0.0.255" }));
      await ended(server);
    });

  it("says why it cannot, and hangs up", async () => {
    server = await meter("wrapper");
    const { port } = server;
    const wrong = connectMeter({ host: "127.0.0.1", port, clientSap: 2, password: "wrong" });
    await assert.rejects(wrong, { code: "AUTHENTICATION_FAILED" });
    await ended(server);
    await server.close();
    await assert.rejects(connectMeter({ host: "127.0.0.1", port }), { code: "CONNECT_FAILED" });
  });

  it("does not wait for a silent meter", async () => {
    server = await meter("wrapper", true);
    const options = { host: "127.0.0.1", port: server.port, responseTimeoutMs: 30 };
    await assert.rejects(connectMeter(options), { code: "RESPONSE_TIMEOUT" });
    await ended(server);
  });

  it("tells when the meter hangs up", async () => {
    server = await meter("wrapper");
    const client = await connectMeter({ host: "127.0.0.1", port: server.port });
    const closed = new Promise<string | undefined>((resolve) =>
      client.onClosed((error) => resolve(error?.code)),
    );
    await server.close();
    assert.equal(await closed, "LINK_LOST");
    await assert.rejects(client.get({ classId: 1, obis: "0-0:42.0.0.255", attributeId: 2 }));
    await client.release();
  });

  it("reaches a meter by short names behind a concentrator, its long values in general blocks", async () => {
    const behind = { networkId: 1, deviceAddress: Uint8Array.of(7) };
    const objects = [
      { baseName: 0x1000, classId: 1, version: 0, logicalName: Uint8Array.of(0, 0, 96, 1, 5, 255) },
    ];
    const conformance = new Set(["read", "write", "general-block-transfer"] as const);
    const long = data.octetString(new Uint8Array(5_000).fill(5));
    store.put(12, "0-0:40.0.0.255", 2, shortNameList(objects));
    store.put(1, "0-0:96.1.5.255", 2, long);
    const tags = new Set<number | undefined>();
    server = await listenTcp({
      port: 0,
      host: "127.0.0.1",
      onChannel: (channel) => {
        const plain = new WrapperLink({ role: "server", clientWPort: 16, serverWPort: 1 });
        const session = new Session({
          role: "server",
          link: new GatewayLink(plain, "server", behind),
          server: { accept: [{ mechanism: "none" }], shortNames: { objects }, conformance },
        });
        const driver = new Driver<SessionIntent, SessionEvent>(session, channel, systemClock, {
          trace: ({ layer, direction, bytes }) => {
            if (layer === "transport" && direction === "in") tags.add(bytes?.[8]);
          },
        });
        driver.subscribe((event) => {
          if (event.type === "indication")
            driver.send({ type: "respond", id: event.id, response: store.answer(event.request) });
        });
        driver.start();
      },
    });
    const client = await connectMeter({
      host: "127.0.0.1",
      port: server.port,
      behind,
      shortNames: {},
      conformance,
      maxReceivePdu: 500,
      generalBlocks: { window: 4 },
    });
    assert.deepEqual(await client.get({ classId: 1, obis: "0-0:96.1.5.255", attributeId: 2 }), long);
    await client.release();
    assert.deepEqual([...tags], [0xe6]);
  });
});

describe("associateOver", () => {
  it("repeats an HDLC frame that got lost, within the response timeout", async () => {
    let lose = false;
    const chop = (bytes: Uint8Array): Uint8Array[] => {
      const lost = lose;
      lose = false;
      return lost ? [] : [bytes];
    };
    const [ours, theirs] = memoryPair({ chop });
    const clock = new FakeClock();
    serve("hdlc", theirs, clock);
    const client = await associateOver(
      ours,
      { framing: "hdlc", serverLower: 17, responseTimeoutMs: 900 },
      clock,
    );
    lose = true;
    const reading = client.read({ obisCode: "0-0:42.0.0.255" });
    await Promise.resolve();
    clock.advance(301);
    assert.equal((await reading).value, "4D4554");
    client.close();
  });
});

/** Waits until the client's side of the connection is gone. */
async function ended(server: TcpServer): Promise<void> {
  while (server.links > 0) await new Promise((resolve) => setTimeout(resolve, 5));
}
