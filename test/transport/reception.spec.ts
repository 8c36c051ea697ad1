/** Who gets in at a port: each limit, list and TLS option shown to bite, over real sockets. */
import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from "node:tls";
import { DlmsError } from "../../src/core/errors.js";
import { Secret } from "../../src/core/secret.js";
import { type ByteChannel } from "../../src/transport/channel.js";
import { proxySignature } from "../../src/transport/proxy-header.js";
import { type Refusal } from "../../src/transport/reception.js";
import { listenTcp, type TcpListenOptions, type TcpServer } from "../../src/transport/tcp.js";
import { FakeClock } from "../support/fake-clock.js";
import { makeAuthority } from "../support/certificates.js";

const HOST = "127.0.0.1";

interface Port {
  readonly server: TcpServer;
  readonly channels: ByteChannel[];
  readonly heard: string[];
  readonly refused: Refusal[];
}

const servers: TcpServer[] = [];
const sockets: Socket[] = [];

async function open(options: Partial<TcpListenOptions> = {}): Promise<Port> {
  const channels: ByteChannel[] = [];
  const heard: string[] = [];
  const refused: Refusal[] = [];
  const server = await listenTcp({
    port: 0,
    host: HOST,
    onChannel: (channel) => {
      channels.push(channel);
      channel.onData((bytes) => {
        heard.push(new TextDecoder().decode(bytes));
        channel.write(bytes);
      });
    },
    onRefused: (refusal) => refused.push(refusal),
    ...options,
  });
  servers.push(server);
  return { server, channels, heard, refused };
}

/** A socket, and whether it is over; with `localAddress` it comes from there. */
function dial({ server }: Port, localAddress = HOST): Socket & { over?: boolean } {
  const socket: Socket & { over?: boolean } = connect({ host: HOST, port: server.port, localAddress });
  return watched(socket);
}

function watched<T extends Socket & { over?: boolean }>(socket: T): T {
  sockets.push(socket);
  socket.on("error", () => socket.destroy());
  socket.on("close", () => (socket.over = true));
  socket.resume();
  return socket;
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const end = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function reasons({ refused }: Port): string[] {
  return refused.map(({ reason }) => reason);
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

describe("links at a port", () => {
  it("are no more than allowed in all: a newcomer is refused when nobody makes room", async () => {
    const port = await open({ maxLinks: 2, makeRoom: () => false });
    const [first] = [dial(port), dial(port)];
    await until(() => port.channels.length === 2, "two links");
    const third = dial(port);
    await until(() => third.over === true, "the third is closed");
    assert.deepEqual(reasons(port), ["links"]);
    first.destroy();
    await until(() => port.server.links === 1, "the first is gone");
    dial(port);
    await until(() => port.channels.length === 3, "another one");
  });

  it("make room for a newcomer where one may go", async () => {
    const port: Port = await open({
      maxLinks: 1,
      makeRoom: () => {
        port.channels[0]?.destroy();
        return true;
      },
    });
    const first = dial(port);
    await until(() => port.channels.length === 1, "one link");
    const second = dial(port);
    await until(() => first.over === true && port.channels.length === 2, "the place changes hands");
    second.write("here");
    await until(() => port.heard.includes("here"), "the newcomer is heard");
    assert.deepEqual(port.refused, []);
  });

  it("are no more than allowed from one address; others are not concerned", async () => {
    const port = await open({ maxLinksPerAddress: 1 });
    const first = dial(port);
    await until(() => port.channels.length === 1, "one link");
    const second = dial(port);
    await until(() => second.over === true, "the second of the address is closed");
    dial(port, "127.0.0.2");
    await until(() => port.channels.length === 2, "one of another address");
    first.destroy();
    await until(() => port.server.links === 1, "the first is gone");
    dial(port);
    await until(() => port.channels.length === 3, "its place is free again");
    assert.deepEqual(reasons(port), ["address-links"]);
  });

  it("come no faster than allowed, ten seconds' worth at once", async () => {
    const clock = new FakeClock();
    const port = await open({ acceptsPerSecond: 1, clock });
    for (let n = 0; n < 12; n++) dial(port);
    await until(() => port.channels.length + port.refused.length === 12, "all are decided");
    assert.equal(port.channels.length, 10);
    assert.deepEqual(reasons(port), ["rate", "rate"]);
    clock.advance(1_000);
    dial(port);
    await until(() => port.channels.length === 11, "one more a second later");
  });

  it("are at the one address that was named, and at no other", async () => {
    const port = await open({ host: "127.0.0.3" });
    const other = dial(port);
    await until(() => other.over === true, "nobody is at the other address");
    const socket = watched(connect({ host: "127.0.0.3", port: port.server.port }));
    await until(() => port.channels.length === 1, "a link at the named one");
    assert.equal(socket.destroyed, false);
  });
});

describe("access lists of a port", () => {
  it("turn away who is denied, at once and unheard", async () => {
    const port = await open({ access: { deny: ["127.0.0.2", "10.0.0.0/8"] } });
    const denied = dial(port, "127.0.0.2");
    dial(port);
    await until(() => denied.over === true && port.channels.length === 1, "both are decided");
    assert.deepEqual(port.refused, [{ reason: "list", remoteAddress: "127.0.0.2" }]);
  });

  it("let in only who is allowed, and of those nobody who is denied", async () => {
    const port = await open({ access: { allow: ["127.0.0.2/31"], deny: ["127.0.0.3"] } });
    const turned = [dial(port, "127.0.0.1"), dial(port, "127.0.0.3")];
    dial(port, "127.0.0.2");
    await until(() => turned.every(({ over }) => over) && port.channels.length === 1, "all are decided");
    assert.deepEqual(reasons(port), ["list", "list"]);
    assert.equal(port.channels[0]?.remoteAddress, "127.0.0.2");
  });

  it("name an entry that is no address, and the port stays closed", async () => {
    await assert.rejects(
      listenTcp({ port: 0, host: HOST, onChannel: () => undefined, access: { allow: ["meters"] } }),
      (error) => error instanceof DlmsError && error.code === "FIELD_INVALID" && error.field === "allow",
    );
  });
});

/** A PROXY header of version 2 for TCP over IPv4. */
function header(source: string, { command = 1 } = {}): Buffer {
  const address = source.split(".").map(Number);
  const rest = command === 0 ? [] : [...address, 127, 0, 0, 1, 0x30, 0x39, 0x0f, 0xa0];
  return Buffer.from([...proxySignature, 0x20 | command, command === 0 ? 0 : 0x11, 0, rest.length, ...rest]);
}

describe("a load balancer in front of a port", () => {
  const proxies = ["127.0.0.9"];

  it("says whose connection it is, whatever pieces its header comes in", async () => {
    const port = await open({ proxies });
    const socket = dial(port, "127.0.0.9");
    const whole = Buffer.concat([header("203.0.113.7"), Buffer.from("hello")]);
    socket.setNoDelay(true);
    for (const octet of whole.subarray(0, 20)) {
      socket.write(Uint8Array.of(octet));
      await new Promise((resolve) => setImmediate(resolve));
    }
    socket.write(whole.subarray(20));
    await until(() => port.heard.join("") === "hello", "what follows the header is heard");
    const [channel] = port.channels;
    assert.deepEqual([channel?.remoteAddress, channel?.remotePort], ["203.0.113.7", 12_345]);
    socket.write("more");
    await until(() => port.heard.join("") === "hellomore", "so is the rest");
  });

  it("is believed from its own address only", async () => {
    const port = await open({ proxies });
    dial(port, "127.0.0.2").write(header("203.0.113.7"));
    await until(() => port.heard.length === 1, "it is heard as any other octets");
    assert.equal(port.channels[0]?.remoteAddress, "127.0.0.2");
  });

  it("must send its header, and one that makes sense", async () => {
    const port = await open({ proxies });
    const plain = dial(port, "127.0.0.9");
    plain.write("8EA1000000000000");
    const odd = dial(port, "127.0.0.9");
    odd.write(Buffer.concat([proxySignature, Uint8Array.of(0x21, 0x31, 0, 0)]));
    await until(() => plain.over === true && odd.over === true, "both are closed");
    assert.deepEqual(reasons(port), ["proxy", "proxy"]);
    assert.equal(port.channels.length, 0);
  });

  it("may look whether somebody is here, which is nobody's connection", async () => {
    const port = await open({ proxies });
    const socket = dial(port, "127.0.0.9");
    socket.write(header("", { command: 0 }));
    await until(() => socket.over === true, "it is closed");
    assert.deepEqual([port.channels.length, port.refused.length], [0, 0]);
  });

  it("does not hide a peer from the lists and the count of its address", async () => {
    const port = await open({ proxies, access: { deny: ["203.0.113.7"] }, maxLinksPerAddress: 1 });
    const send = (source: string): Socket & { over?: boolean } => {
      const socket = dial(port, "127.0.0.9");
      socket.write(header(source));
      return socket;
    };
    const denied = send("203.0.113.7");
    await until(() => denied.over === true, "the denied one is closed");
    send("203.0.113.8");
    await until(() => port.channels.length === 1, "another one is let in");
    const second = send("203.0.113.8");
    await until(() => second.over === true, "a second of that address is closed");
    assert.deepEqual(port.refused, [
      { reason: "list", remoteAddress: "203.0.113.7" },
      { reason: "address-links", remoteAddress: "203.0.113.8" },
    ]);
    send("203.0.113.9");
    await until(() => port.channels.length === 2, "a third address");
  });

  it("has only so much time for its header", async () => {
    const clock = new FakeClock();
    const port = await open({ proxies, clock, handshakeMs: 1_000 });
    const socket = dial(port, "127.0.0.9");
    socket.write(header("203.0.113.7").subarray(0, 9));
    await until(() => port.server.links === 1, "it is being read");
    clock.advance(1_001);
    await until(() => socket.over === true, "it is closed");
    assert.deepEqual(reasons(port), ["handshake"]);
  });

  it("makes room by what has not finished its header first", async () => {
    let asked = 0;
    const port = await open({ proxies, maxLinks: 2, makeRoom: () => ++asked < 0 });
    dial(port);
    await until(() => port.channels.length === 1, "one link");
    const slow = dial(port, "127.0.0.9");
    await until(() => port.server.links === 2, "one that is slow");
    dial(port);
    await until(() => slow.over === true && port.channels.length === 2, "the slow one gives way");
    assert.deepEqual([reasons(port), asked], [["links"], 0]);
  });
});

describe("TLS of a port", () => {
  const authority = makeAuthority();
  const own = authority.issue("gateway");
  const tls = { cert: own.cert, key: new Secret(own.key) };

  function dialTls({ server }: Port, options: ConnectionOptions = {}): TLSSocket & { over?: boolean } {
    return watched(
      connectTls({ host: HOST, port: server.port, ca: authority.cert, ...options }) as TLSSocket & {
        over?: boolean;
      },
    );
  }

  it("carries what peers say, who can tell whom they speak to", async () => {
    const port = await open({ tls });
    const socket = dialTls(port);
    let answer = "";
    socket.on("data", (bytes: Buffer) => (answer += bytes.toString()));
    socket.write("hello");
    await until(() => answer === "hello", "the answer");
    assert.equal(socket.authorized, true);
    assert.match(socket.getProtocol() ?? "", /^TLSv1\.[23]$/);
    assert.deepEqual([port.heard.join(""), port.channels[0]?.remoteAddress], ["hello", HOST]);
    port.channels[0]?.close();
    await until(() => socket.over === true, "an orderly end");
    await until(() => port.server.links === 0, "nothing is left");
  });

  it("is not understood without it, nor with what is too old", async () => {
    const port = await open({ tls });
    const plain = dial(port);
    plain.write("8EA1 is no handshake at all, so this ends here");
    const old = dialTls(port, {
      minVersion: "TLSv1.1",
      maxVersion: "TLSv1.1",
      ciphers: "DEFAULT@SECLEVEL=0",
    });
    await until(() => plain.over === true && old.over === true, "both are closed");
    await until(() => port.refused.length === 2, "both are told of");
    assert.deepEqual(reasons(port), ["tls", "tls"]);
    assert.deepEqual([port.channels.length, port.heard.length], [0, 0]);
  });

  it("lets in only who shows a certificate of the authority, where that is demanded", async () => {
    const port = await open({ tls: { ...tls, ca: authority.cert, requireClientCertificate: true } });
    const stranger = makeAuthority("Somebody else").issue("meter");
    const turned = [dialTls(port), dialTls(port, stranger)];
    await until(() => turned.every(({ over }) => over), "both are closed");
    await until(() => port.refused.length === 2, "both are told of");
    assert.deepEqual([reasons(port), port.channels.length], [["tls", "tls"], 0]);
    dialTls(port, authority.issue("meter")).write("hello");
    await until(() => port.heard.join("") === "hello", "the third is heard");
  });

  it("has only so much time for its handshake", async () => {
    const clock = new FakeClock();
    const port = await open({ tls, clock, handshakeMs: 1_000 });
    const socket = dial(port);
    await until(() => port.server.links === 1, "it is connected");
    clock.advance(1_001);
    await until(() => socket.over === true, "it is closed");
    assert.deepEqual(reasons(port), ["handshake"]);
  });

  it("begins behind the header of a load balancer", async () => {
    const port = await open({ tls, proxies: ["127.0.0.9"] });
    const raw = dial(port, "127.0.0.9");
    raw.write(header("203.0.113.7"));
    const socket = watched(connectTls({ socket: raw, ca: authority.cert, host: HOST }));
    socket.write("hello");
    await until(() => port.heard.join("") === "hello", "it is heard");
    assert.equal(port.channels[0]?.remoteAddress, "203.0.113.7");
  });

  it("says that its certificate cannot be used, without showing it", async () => {
    const other = authority.issue("other");
    const fails = async (bad: NonNullable<TcpListenOptions["tls"]>): Promise<void> =>
      assert.rejects(
        listenTcp({ port: 0, host: HOST, onChannel: () => undefined, tls: bad }),
        (error) =>
          error instanceof DlmsError && error.code === "TLS_UNUSABLE" && !error.message.includes("BEGIN"),
      );
    await fails({ cert: own.cert, key: new Secret(other.key) });
    await fails({ cert: "no certificate", key: new Secret(own.key) });
    await fails({ ...tls, requireClientCertificate: true });
  });
});
