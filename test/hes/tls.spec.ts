/** TLS and a fixed token to the backend, and how many meters are looked up in a second. */
import assert from "node:assert/strict";
import { type AddressInfo, connect, type Socket } from "node:net";
import { createServer as createTlsServer, type Server, type TlsOptions } from "node:tls";
import { DlmsError } from "../../src/core/errors.js";
import { Secret } from "../../src/core/secret.js";
import { HesApi } from "../../src/hes/api.js";
import { type HttpRequest } from "../../src/hes/http.js";
import { Login } from "../../src/hes/login.js";
import { resolveHesOptions, hesTimes, type HesOptions } from "../../src/hes/options.js";
import { backendAgent, type ClientTls } from "../../src/hes/tls.js";
import { tryBackend } from "../../src/hes/try-backend.js";
import { startDemoBackend } from "../../src/tools/demo/backend.js";
import { FakeClock } from "../support/fake-clock.js";
import { makeAuthority } from "../support/certificates.js";
import { startBridge, until } from "./fakes.js";

const authority = makeAuthority();
const own = authority.issue("backend");

interface Front {
  readonly options: Pick<HesOptions, "url" | "apiUrl">;
  /** Handshakes that came to an end. */
  readonly secured: () => number;
  readonly close: () => Promise<void>;
}

/** TLS in front of a demo backend, as a reverse proxy does it. */
async function front(settings: TlsOptions = {}): Promise<Front> {
  const demo = await startDemoBackend({ port: 0 });
  const sockets = new Set<Socket>();
  let secured = 0;
  const server: Server = createTlsServer({ cert: own.cert, key: own.key, ...settings }, (socket) => {
    secured += 1;
    const inner = connect(demo.port, "127.0.0.1");
    for (const end of [socket, inner]) {
      sockets.add(end);
      end.on("error", () => end.destroy());
      end.on("close", () => [socket, inner].forEach((other) => other.destroy()));
    }
    socket.pipe(inner).pipe(socket);
  });
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    options: { url, apiUrl: `${url}/api` },
    secured: () => secured,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
      await demo.close();
    },
  };
}

const signal = (): AbortSignal => new AbortController().signal;

async function states(options: HesOptions): Promise<string[]> {
  const { steps } = await tryBackend(options, { signal: signal() });
  return steps.map(({ step, state }) => `${step} ${state}`);
}

const ALL = ["rest ok", "login skipped", "meters ok", "socket ok"];
const NONE = ["rest failed", "login skipped", "meters skipped", "socket failed"];

describe("TLS to the backend", () => {
  it("goes by the authorities that were chosen, for REST and Socket.IO", async () => {
    const { options, close } = await front();
    try {
      assert.deepEqual(await states({ ...options, tls: { ca: authority.cert } }), ALL);
      assert.deepEqual(await states(options), NONE, "the system knows nothing of it");
      assert.deepEqual(await states({ ...options, tls: { ca: makeAuthority("Other").cert } }), NONE);
      assert.deepEqual(await states({ ...options, tls: { verify: false } }), ALL, "whoever asks for it");
    } finally {
      await close();
    }
  });

  it("asks for the name of the certificate, which may be another than the address", async () => {
    const { options, close } = await front();
    try {
      const tls: ClientTls = { ca: authority.cert };
      assert.deepEqual(await states({ ...options, tls: { ...tls, serverName: "localhost" } }), ALL);
      assert.deepEqual(await states({ ...options, tls: { ...tls, serverName: "backend.example" } }), NONE);
    } finally {
      await close();
    }
  });

  it("shows the gateway's own certificate where the backend demands one", async () => {
    const { options, close } = await front({ requestCert: true, ca: authority.cert });
    try {
      const { cert, key } = authority.issue("gateway");
      const tls: ClientTls = { ca: authority.cert, cert, key: new Secret(key) };
      assert.deepEqual(await states({ ...options, tls }), ALL);
      assert.deepEqual(await states({ ...options, tls: { ca: authority.cert } }), NONE);
    } finally {
      await close();
    }
  });

  it("carries a bridge: registration and commands", async () => {
    const { options, close, secured } = await front();
    const rig = startBridge({ ...options, tls: { ca: authority.cert }, createMissing: recordDefaults });
    try {
      rig.listener.dialIn("46000000001");
      await until("the record", () => rig.listener.meters.get("46000000001")?.backendId);
      assert.ok(secured() >= 2);
    } finally {
      await rig.bridge.stop();
      await close();
    }
  });

  it("is not believed of an address without it, and says what cannot be used", () => {
    const plain = { url: "http://localhost:5000", apiUrl: "", tls: {} };
    assert.throws(() => resolveHesOptions(plain), { code: "NOT_CONFIGURED", field: "url" });
    assert.throws(() => resolveHesOptions({ ...plain, url: "https://h", apiUrl: "http://h/api" }), {
      field: "apiUrl",
    });
    const { cert } = authority.issue("one");
    const { key } = authority.issue("another");
    assert.throws(
      () => backendAgent({ cert, key: new Secret(key) }),
      (error) => error instanceof DlmsError && error.code === "TLS_UNUSABLE" && !/BEGIN/.test(error.message),
    );
  });
});

const recordDefaults = { area: "a", brand: "b", model: "c", meterType: "prepaid" };

describe("a token for good", () => {
  it("goes along with every call and into the handshake; nobody logs in", async () => {
    const clock = new FakeClock();
    const asked: string[] = [];
    const login = new Login(
      { apiUrl: "http://h/api", token: new Secret("abc"), retryMinMs: 1_000, retryMaxMs: 1_000 },
      {
        request: (one) => Promise.reject(new Error(`nobody is to be asked: ${one.url}`)),
        clock,
        random: () => 0.5,
        onState: (state, error) => asked.push(`${state} ${error?.code ?? ""}`.trim()),
      },
    );
    assert.equal(await login.token(), "abc");
    login.reject("abc");
    await assert.rejects(login.token(), { code: "BACKEND_LOGIN" });
    clock.advance(1_001);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(await login.token(), "abc", "it is tried again later");
    assert.deepEqual(asked, ["ok", "refused BACKEND_LOGIN", "ok"]);
    login.stop();
  });

  it("is what the backend gets to see", async () => {
    const demo = await startDemoBackend({ port: 0, login: "plain" });
    try {
      const { url, apiUrl } = demo;
      const answer = await fetch(`${apiUrl}/auth/login`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ username: "demo", password: "demo" }),
      });
      const { data } = (await answer.json()) as { data: { token: string } };
      const steps = ["rest ok", "login ok", "meters ok", "socket ok"];
      assert.deepEqual(await states({ url, apiUrl, token: new Secret(data.token) }), steps);
      const wrong = await states({ url, apiUrl, token: new Secret("wrong") });
      assert.deepEqual(wrong.slice(0, 3), ["rest ok", "login ok", "meters failed"]);
    } finally {
      await demo.close();
    }
  });
});

describe("look-ups at the backend", () => {
  interface Bench {
    readonly api: HesApi;
    readonly clock: FakeClock;
    readonly asked: string[];
    readonly answer: () => Promise<void>;
    readonly settle: () => Promise<void>;
  }

  function bench(limits: { parallelLookups: number; lookupsPerSecond: number }): Bench {
    const clock = new FakeClock();
    const asked: string[] = [];
    const open: (() => void)[] = [];
    const request = ({ url }: HttpRequest): Promise<never> | Promise<{ status: number; json: object }> => {
      const serial = url.split("/").pop() ?? "";
      asked.push(serial);
      return new Promise((resolve) =>
        open.push(() =>
          resolve({ status: 200, json: { data: { meterNumber: serial, _id: `id-${serial}` } } }),
        ),
      );
    };
    const login = new Login(
      { apiUrl: "http://h/api", retryMinMs: 1, retryMaxMs: 1 },
      { request: request as never, clock, random: () => 0, onState: () => undefined },
    );
    const api = new HesApi(
      { apiUrl: "http://h/api", ...hesTimes, ...limits },
      { request: request as never, login, clock, random: () => 0 },
    );
    const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    return {
      api,
      clock,
      asked,
      settle,
      answer: async () => {
        await settle();
        for (const one of open.splice(0)) one();
        await settle();
      },
    };
  }

  it("begin no faster than allowed, however fast the backend answers", async () => {
    const { api, asked, answer, clock } = bench({ parallelLookups: 100, lookupsPerSecond: 2 });
    const all = Array.from({ length: 5 }, (_, n) => api.lookup(`M${n}`));
    await answer();
    assert.deepEqual(asked, ["M0", "M1"]);
    clock.advance(500);
    await answer();
    assert.deepEqual(asked, ["M0", "M1", "M2"]);
    clock.advance(5_000);
    await answer();
    clock.advance(5_000);
    await answer();
    assert.equal(asked.length, 5);
    for (const { result } of await Promise.all(all)) assert.equal(result.type, "found");
    assert.equal(clock.pending, 0);
  });

  it("run so many at once; one meter is asked for once, and its answer is kept", async () => {
    const { api, asked, answer, settle } = bench({ parallelLookups: 2, lookupsPerSecond: 1_000 });
    const all = ["A", "A", "B", "C", "A"].map((serial) => api.lookup(serial));
    await settle();
    assert.deepEqual(asked, ["A", "B"]);
    await answer();
    assert.deepEqual(asked, ["A", "B", "C"]);
    await answer();
    await Promise.all(all);
    await api.lookup("A");
    assert.equal(asked.length, 3);
  });

  it("end with the bridge: who waits is told, and nobody is asked any more", async () => {
    const { api, asked, answer, clock } = bench({ parallelLookups: 2, lookupsPerSecond: 1 });
    const all = ["A", "B", "C"].map((serial) => api.lookup(serial));
    await answer();
    api.stop();
    const types = (await Promise.all(all)).map(({ result }) => result.type);
    assert.deepEqual(types, ["found", "unavailable", "unavailable"]);
    assert.deepEqual([asked, clock.pending], [["A"], 0]);
  });
});
