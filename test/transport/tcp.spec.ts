import assert from "node:assert/strict";
import { connect as connectSocket, createServer, type Socket } from "node:net";
import { DlmsError } from "../../src/core/errors.js";
import { type LinkEvent, type LinkIntent } from "../../src/core/link.js";
import { HdlcLink } from "../../src/hdlc/link.js";
import { type ByteChannel } from "../../src/transport/channel.js";
import { systemClock } from "../../src/transport/clock.js";
import { Driver } from "../../src/transport/driver.js";
import { connectTcp, listenTcp, type TcpListenOptions, type TcpServer } from "../../src/transport/tcp.js";

const HOST = "127.0.0.1";
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);

function data(channel: ByteChannel): Promise<Uint8Array> {
  return new Promise((resolve) => channel.onData(resolve));
}

function closed(channel: ByteChannel): Promise<Error | undefined> {
  return new Promise((resolve) => channel.onClose(resolve));
}

describe("tcp", () => {
  const servers: TcpServer[] = [];

  async function listen(options: Partial<TcpListenOptions> = {}): Promise<{
    server: TcpServer;
    accepted: Promise<ByteChannel>;
  }> {
    let accept: (channel: ByteChannel) => void = () => undefined;
    const accepted = new Promise<ByteChannel>((resolve) => (accept = resolve));
    const server = await listenTcp({
      port: 0,
      host: HOST,
      onChannel: (channel) => accept(channel),
      ...options,
    });
    servers.push(server);
    return { server, accepted };
  }

  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  it("carries bytes both ways and ends in an orderly way", async () => {
    const { server, accepted } = await listen();
    const near = await connectTcp({ host: HOST, port: server.port });
    const far = await accepted;
    assert.equal(far.remoteAddress, HOST);
    assert.equal(server.links, 1);
    near.write(bytes("ping"));
    assert.equal(text(await data(far)), "ping");
    far.write(bytes("pong"));
    assert.equal(text(await data(near)), "pong");
    const ends = [closed(near), closed(far)];
    near.write(bytes("last words"));
    near.close();
    assert.equal(text(await data(far)), "last words");
    assert.deepEqual(await Promise.all(ends), [undefined, undefined]);
    assert.equal(await closed(near), undefined, "a late listener is told at once");
    near.write(bytes("into the void"));
  });

  it("holds bytes back until somebody listens", async () => {
    const { server, accepted } = await listen();
    const near = await connectTcp({ host: HOST, port: server.port });
    near.write(bytes("early"));
    const far = await accepted;
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(text(await data(far)), "early");
    near.destroy();
  });

  it("refuses links beyond its limit and takes new ones when others are gone", async () => {
    const refused: (string | undefined)[] = [];
    const { server, accepted } = await listen({
      maxLinks: 1,
      onRefused: ({ remoteAddress }) => refused.push(remoteAddress),
    });
    const first = await connectTcp({ host: HOST, port: server.port });
    const far = await accepted;
    const second = await connectTcp({ host: HOST, port: server.port });
    second.onData(() => undefined);
    await closed(second);
    assert.deepEqual(refused, [HOST]);
    const gone = closed(far);
    far.onData(() => undefined);
    first.close();
    await gone;
    const third = await connectTcp({ host: HOST, port: server.port });
    assert.equal(refused.length, 1);
    third.destroy();
  });

  it("says when the port is taken, and when the address is none of ours", async () => {
    const { server } = await listen();
    const code = (port: number, host: string): Promise<string> =>
      listenTcp({ port, host, onChannel: () => undefined }).then(
        () => "opened",
        (error: DlmsError) => error.code,
      );
    assert.equal(await code(server.port, HOST), "PORT_IN_USE");
    assert.equal(await code(0, "203.0.113.1"), "LISTEN_FAILED");
  });

  it("says when nobody answers", async () => {
    const { server } = await listen();
    const { port } = server;
    await server.close();
    await assert.rejects(
      connectTcp({ host: HOST, port }),
      (error) => error instanceof DlmsError && error.code === "CONNECT_FAILED",
    );
  });

  it("gives a connection up after its time", async () => {
    const clock = {
      ...systemClock,
      at: (_time: number, fire: () => void): (() => void) => {
        queueMicrotask(fire);
        return () => undefined;
      },
    };
    const { server } = await listen();
    await assert.rejects(
      connectTcp({ host: HOST, port: server.port, timeoutMs: 5, clock }),
      (error) => error instanceof DlmsError && error.code === "CONNECT_TIMEOUT",
    );
  });

  it("reports a reset as a lost link", async () => {
    const { server, accepted } = await listen();
    const socket = connectSocket({ host: HOST, port: server.port });
    socket.on("error", () => socket.destroy());
    const far = await accepted;
    far.onData(() => undefined);
    const end = closed(far);
    socket.resetAndDestroy();
    const error = await end;
    assert.ok(error instanceof DlmsError && error.code === "LINK_LOST");
  });

  it("cuts off a peer that never ends its side", async () => {
    let lingering: (() => void) | undefined;
    const clock = {
      ...systemClock,
      at: (_time: number, fire: () => void): (() => void) => {
        lingering = fire;
        return () => undefined;
      },
    };
    const peers: Socket[] = [];
    const stubborn = createServer({ allowHalfOpen: true }, (socket) => {
      peers.push(socket);
      socket.on("error", () => socket.destroy());
      socket.resume();
    });
    await new Promise<void>((resolve) => stubborn.listen(0, HOST, resolve));
    const { port } = stubborn.address() as { port: number };
    const channel = await connectTcp({ host: HOST, port, clock });
    const end = closed(channel);
    channel.close();
    lingering?.();
    await end;
    for (const peer of peers) peer.destroy();
    await new Promise((resolve) => stubborn.close(resolve));
  });

  it("closes with its links", async () => {
    const { server, accepted } = await listen();
    const near = await connectTcp({ host: HOST, port: server.port });
    near.onData(() => undefined);
    await accepted;
    const end = closed(near);
    await server.close();
    await end;
    assert.equal(server.links, 0);
  });

  it("carries two HDLC links through real sockets", async () => {
    const { server, accepted } = await listen();
    const near = await connectTcp({ host: HOST, port: server.port });
    const far = await accepted;
    const client = { upper: 16, octets: 1 } as const;
    const address = { upper: 1, octets: 1 } as const;
    const drive = (station: "primary" | "secondary", channel: ByteChannel): Driver<LinkIntent, LinkEvent> =>
      new Driver<LinkIntent, LinkEvent>(
        new HdlcLink({ station, client, server: address }),
        channel,
        systemClock,
      );
    const meter = drive("secondary", near);
    const gateway = drive("primary", far);
    const long = new Uint8Array(50_000).map((_, i) => i % 251);
    const answer = new Promise<Uint8Array>((resolve) => {
      gateway.subscribe((event) => {
        if (event.type === "connected") gateway.send({ type: "apdu", bytes: long });
        if (event.type === "apdu") resolve(event.bytes);
      });
    });
    meter.subscribe((event) => {
      if (event.type === "apdu") meter.send({ type: "apdu", bytes: event.bytes.slice().reverse() });
    });
    meter.start();
    gateway.start();
    gateway.send({ type: "connect" });
    assert.deepEqual(await answer, long.slice().reverse());
    gateway.close();
    assert.deepEqual(await Promise.all([gateway.closed, meter.closed]), [undefined, undefined]);
  });
});
