/** The protection of one association, both ends of it: policy, replay, identity, keys found. */
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { Secret } from "../../src/core/secret.js";
import {
  ReceivedCounters,
  SecurityContext,
  type SecurityContextOptions,
  SentCounter,
  staticKeyStore,
} from "../../src/security/index.js";
import { clientTitle, getRequest, header, isCode, keysOf, serverTitle } from "./fixtures.js";

function counter(): SentCounter {
  const sent = new SentCounter({ key: "test" });
  sent.provided({ from: 1, to: 100 });
  return sent;
}

function ends(more: Partial<SecurityContextOptions> = {}): {
  readonly client: SecurityContext;
  readonly server: SecurityContext;
} {
  const suite = more.suite ?? 0;
  const common = { suite, protection: { authenticated: true, encrypted: true } };
  return {
    client: new SecurityContext({
      ...common,
      keys: keysOf(suite).client,
      role: "client",
      systemTitle: clientTitle,
      sent: counter(),
      received: new ReceivedCounters(),
      ...more,
    }),
    server: new SecurityContext({
      ...common,
      keys: keysOf(suite).server,
      role: "server",
      systemTitle: serverTitle,
      peerSystemTitle: clientTitle,
      sent: counter(),
      received: new ReceivedCounters(),
    }),
  };
}

const glo = { type: "service-ciphering", keySet: "global" } as const;

describe("security context", () => {
  it("opens each message once", () => {
    const { client, server } = ends();
    const [first, second] = [client.protect(getRequest, glo), client.protect(getRequest, glo)];
    assert.notDeepStrictEqual(first, second);
    assert.deepStrictEqual(server.unprotect(first)[0]?.apdu, getRequest);
    assert.throws(() => server.unprotect(first), isCode("SECURITY_COUNTER"));
    server.unprotect(second);
    assert.throws(() => server.unprotect(first), isCode("SECURITY_COUNTER"));
  });

  it("a forged message does not move the counter", () => {
    const { client, server } = ends();
    const genuine = client.protect(getRequest, glo);
    const forged = genuine.slice();
    forged[3] = 0xff;
    assert.throws(() => server.unprotect(forged), isCode("SECURITY_TAG"));
    server.unprotect(genuine);
  });

  it("sends nothing without a reserved counter", () => {
    const { client } = ends({ sent: new SentCounter({ key: "test" }) });
    assert.equal(client.ready, false);
    assert.throws(() => client.protect(getRequest, glo), isCode("LOCAL_PROTOCOL"));
    assert.ok(client.sent.need());
  });

  it("refuses less protection than demanded: in clear, tag taken off, signature missing", () => {
    const { client, server } = ends();
    for (const protection of [
      { authenticated: true, encrypted: false },
      { authenticated: false, encrypted: true },
      { authenticated: false, encrypted: false },
    ])
      assert.throws(
        () => server.unprotect(client.protect(getRequest, glo, protection)),
        isCode("SECURITY_UNPROTECTED"),
      );
    assert.throws(() => server.unprotect(getRequest), isCode("SECURITY_UNPROTECTED"));
    const strict = ends({ suite: 1, demand: { authenticated: true, encrypted: true, signed: true } });
    strict.client.learnPeer(serverTitle);
    const answer = strict.server.protect(getRequest, { type: "general-glo-ciphering" });
    assert.throws(() => strict.client.unprotect(answer), isCode("SECURITY_UNPROTECTED"));
    const again = strict.server.protect(getRequest, { type: "general-glo-ciphering" });
    const signed = strict.server.sign(again, { ...header, recipientSystemTitle: clientTitle });
    assert.deepStrictEqual(strict.client.unprotect(signed).at(-1)?.apdu, getRequest);
  });

  it("learns the peer's title once", () => {
    const { client, server } = ends();
    assert.throws(() => client.unprotect(server.protect(getRequest, glo)), isCode("SECURITY_TITLE"));
    client.learnPeer(serverTitle);
    client.unprotect(server.protect(getRequest, glo));
    client.learnPeer(serverTitle.slice());
    assert.throws(() => client.learnPeer(clientTitle), isCode("SECURITY_TITLE"));
    assert.throws(() => client.learnPeer(serverTitle.subarray(1)), isCode("SECURITY_TITLE"));
  });

  it("uses the dedicated key from when it is known", () => {
    const { client, server } = ends({ keys: { ...keysOf(0).client, dedicated: undefined } });
    const ded = { type: "service-ciphering", keySet: "dedicated" } as const;
    assert.throws(() => client.protect(getRequest, ded), isCode("SECURITY_KEY_MISSING"));
    const key = new Secret(new Uint8Array(16).fill(9));
    client.useDedicatedKey(key);
    server.useDedicatedKey(key);
    const [layer] = server.unprotect(client.protect(getRequest, ded));
    assert.equal(layer?.key, "dedicated");
    assert.ok(!inspect(client, { depth: 9, showHidden: true }).includes("9, 9, 9"));
  });

  it("both ends prove themselves; GMAC counts apart from messages and is not taken twice", () => {
    const { client, server } = ends();
    client.learnPeer(serverTitle);
    const exchange = {
      mechanism: "hls-gmac",
      ctos: new Uint8Array(16).fill(1),
      stoc: new Uint8Array(16).fill(2),
      clientSystemTitle: clientTitle,
      serverSystemTitle: serverTitle,
    } as const;
    const proof = client.prove(exchange);
    const message = client.protect(getRequest, glo);
    assert.notDeepStrictEqual(proof.subarray(1, 5), message.subarray(3, 7));
    server.unprotect(message);
    server.verify(exchange, proof);
    assert.throws(() => server.verify(exchange, proof), isCode("SECURITY_COUNTER"));
    client.verify(exchange, server.prove(exchange));
    assert.throws(() => client.verify(exchange, proof), isCode("SECURITY_ANSWER"));
  });
});

describe("static key store", () => {
  const [first, second] = [
    { meterSerialNumber: "1", systemTitle: serverTitle, suite: 0, keys: {} },
    { meterSerialNumber: "2", suite: 1, keys: {} },
  ] as const;
  const store = staticKeyStore([first, second]);

  it("finds by serial number, else by system title, else nothing", async () => {
    assert.equal(await store.find({ meterSerialNumber: "2", systemTitle: serverTitle }), second);
    assert.equal(await store.find({ systemTitle: serverTitle.slice() }), first);
    assert.equal(await store.find({ systemTitle: clientTitle }), undefined);
    assert.equal(await store.find({ meterSerialNumber: "3" }), undefined);
    assert.equal(await store.find({}), undefined);
  });
});
