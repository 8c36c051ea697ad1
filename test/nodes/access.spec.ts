/** Access and limits from the dialogs: TLS by Node-RED's own config node, lists, and limits that reach the engine. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { connect as connectPlain, type Socket } from "node:net";
import { join, resolve } from "node:path";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import { type NodeAPI } from "node-red";
import * as check from "../../nodes/editor/checks.js";
import { type HesOptions, listenerLimits, backendLimits, shownLimit } from "../../src/index.js";
import { hexcellLogin } from "../../src/meter-types/dialects/index.js";
import { makeAuthority } from "../support/certificates.js";
import {
  calls,
  catcher,
  freePort,
  load,
  node,
  statusOf,
  until,
  useNodeRed,
  type FlowNode,
} from "../support/flow.js";

const root = resolve(__dirname, "../..");
// eslint-disable-next-line @typescript-eslint/no-require-imports -- the runtime's own file, which has no types
const tlsConfig = require("@node-red/nodes/core/network/05-tls.js") as (RED: NodeAPI) => void;
const authority = makeAuthority();
const own = authority.issue("gateway");
const serial = "46000755036";
const login = hexcellLogin.build?.(serial.padStart(12, "0")) ?? new Uint8Array();
const tlsNode = {
  id: "tls",
  type: "tls-config",
  name: "",
  cert: "",
  key: "",
  ca: "",
  verifyservercert: true,
} as const;
const secrets = { tls: { certdata: own.cert, keydata: own.key, cadata: authority.cert } };

interface Peer {
  readonly socket: Socket;
  answer: string;
  over: boolean;
}

const peers: Socket[] = [];

/** Says its login; collects what is answered. */
function dial(socket: Socket): Peer {
  const peer: Peer = { socket, answer: "", over: false };
  peers.push(socket);
  socket.on("error", () => socket.destroy());
  socket.on("close", () => (peer.over = true));
  socket.on("data", (bytes: Buffer) => (peer.answer += bytes.toString("hex").toUpperCase()));
  socket.write(login);
  return peer;
}

function gateway(port: number, listener: Record<string, unknown>): FlowNode[] {
  return [
    { id: "tab", type: "tab", label: "t" },
    tlsNode,
    { id: "listener", type: "dlms-listener", port: String(port), host: "127.0.0.1", ...listener },
    { id: "server", type: "dlms-meter-server", z: "tab", listener: "listener", wires: [["out"], []] },
    { id: "out", type: "helper", z: "tab" },
  ];
}

const listening = (): Promise<void> =>
  until(() => statusOf("server").fill === "green", `it listens: ${JSON.stringify(statusOf("server"))}`);

describe("access to a listener's port", () => {
  useNodeRed();
  afterEach(() => {
    for (const socket of peers.splice(0)) socket.destroy();
  });

  it("TLS with certificates of meters demanded, all from the tls-config node", async () => {
    const port = await freePort();
    await load(gateway(port, { tls: "tls", clientCertificates: "required" }), secrets, [tlsConfig]);
    await listening();
    const meters = catcher("out");
    const secured = (options: ConnectionOptions): Peer =>
      dial(connectTls({ host: "127.0.0.1", port, ca: authority.cert, ...options }));
    const turned = [dial(connectPlain(port, "127.0.0.1")), secured({})];
    await until(() => turned.every(({ over }) => over), "those without are turned away");
    const meter = secured(authority.issue("meter"));
    await until(() => meter.answer.startsWith("8E310101C117"), "its login is answered");
    const identified = await meters.next(({ payload }) => payload["event"] === "identified");
    assert.equal(identified.payload["meterSerialNumber"], serial);
    assert.deepEqual(
      turned.map(({ answer }) => answer),
      ["", ""],
    );
  });

  it("lists of addresses, and limits, reach the port", async () => {
    const port = await freePort();
    const lists = { deny: "127.0.0.2, 10.0.0.0/8\n2001:db8::/32", proxies: "127.0.0.9" };
    await load(gateway(port, { ...lists, maxLinksPerAddress: "1" }), {}, [tlsConfig]);
    await listening();
    const from = (localAddress: string): Peer =>
      dial(connectPlain({ host: "127.0.0.1", port, localAddress }));
    const [denied, balancer] = [from("127.0.0.2"), from("127.0.0.9")];
    await until(() => denied.over && balancer.over, "who is denied, and a load balancer without its header");
    const meter = from("127.0.0.1");
    await until(() => meter.answer !== "", "the meter's login is answered");
    const second = from("127.0.0.1");
    await until(() => second.over, "a second one of its address is turned away");
    assert.deepEqual([denied.answer, balancer.answer, second.answer], ["", "", ""]);
    const lines = calls("listener", "warn").map(([text]) => String(text));
    for (const reason of ["not among those", "PROXY header", "too many links from one address"])
      assert.ok(
        lines.some((line) => line.includes(reason)),
        reason,
      );
  });

  const unusable: readonly [Record<string, unknown>, RegExp, Record<string, Record<string, string>>?][] = [
    [{ tls: "tls" }, /tls has no certificate and private key/],
    [{ tls: "nowhere" }, /tls is not deployed/],
    [{ tls: "server" }, /tls is/],
    [{ clientCertificates: "required" }, /clientCertificates needs TLS/],
    [{ allow: "meters" }, /allow: "meters" is neither/],
    [{ maxLinks: "0" }, /maxLinks must be a whole number from 1 to/],
    [{ frameSeconds: "1.5" }, /frameSeconds must be/],
    [
      { tls: "tls" },
      /cannot be used/,
      { tls: { certdata: own.cert, keydata: makeAuthority().issue("x").key } },
    ],
  ];
  for (const [settings, reason, credentials = {}] of unusable)
    it(`what cannot be used is named, and the port stays closed: ${reason.source}`, async () => {
      await load(gateway(await freePort(), settings), credentials, [tlsConfig]);
      const said = (): string[] =>
        [...calls("listener", "error"), ...calls("server", "error")].map(([text]) => String(text));
      await until(() => said().some((text) => reason.test(text)), "the reason is said");
      assert.ok(!said().some((text) => text.includes("BEGIN")));
      assert.equal(statusOf("server").fill, "red");
    });
});

describe("TLS and token of a connection", () => {
  useNodeRed();

  it("come from the tls-config node and the credentials, and stay secret", async () => {
    const connection = {
      id: "hes",
      type: "hes-connection",
      url: "https://backend.example",
      tls: "tls",
      lookupsPerSecond: "7",
    };
    const named = { ...tlsNode, servername: "inside.example", verifyservercert: false };
    await load([named, connection], { ...secrets, hes: { token: "abc" } }, [tlsConfig]);
    const { offer } = node("hes") as unknown as { offer: HesOptions };
    assert.equal(offer.tls?.serverName, "inside.example");
    assert.equal(offer.tls.verify, false);
    assert.deepEqual([offer.tls.cert, offer.tls.ca], [own.cert, authority.cert]);
    assert.equal(offer.tls.key?.reveal(), own.key);
    assert.deepEqual(
      [offer.token?.reveal(), offer.lookupsPerSecond, offer.parallelLookups],
      ["abc", 7, undefined],
    );
    assert.doesNotMatch(JSON.stringify(offer) + String(offer.token), /abc|PRIVATE/);
  });

  it("a token and a login at once are one too many", async () => {
    const connection = { id: "hes", type: "hes-connection", url: "https://backend.example" };
    await load([connection], { hes: { token: "abc", username: "u", password: "p" } });
    assert.match(String(calls("hes", "error")[0]?.[0]), /token takes the place/);
  });
});

describe("limits in the dialogs", () => {
  const read = (...path: string[]): string => readFileSync(join(root, "nodes", ...path), "utf8");

  for (const [type, table] of [
    ["dlms-listener", listenerLimits],
    ["hes-connection", backendLimits],
  ] as const)
    it(`${type}: each has its field, its default shown and its bounds checked`, () => {
      const html = read(type, `${type}.html`);
      const { placeholder } = JSON.parse(read(type, "locales/en-US", `${type}.json`)) as {
        placeholder: Record<string, string>;
      };
      for (const [name, limit] of Object.entries(table)) {
        const { field, value, min, max } = shownLimit(name, limit);
        assert.equal(placeholder[field], String(value), name);
        assert.match(
          html,
          new RegExp(`${field}: \\{\\s+value: "",\\s+validate: [^}]+check\\.limit\\(value, "${name}"`),
        );
        assert.equal(check.limit("", name as "maxLinks"), true);
        assert.equal(check.limit(String(min), name as "maxLinks"), true);
        assert.equal(check.limit(String(max), name as "maxLinks"), true);
      }
      assert.match(html, /<details class="dlms-more" id="dlms-limits">/, "folded until it is asked for");
    });
});
