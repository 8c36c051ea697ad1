import assert from "node:assert/strict";
import { io } from "socket.io-client";
import { backendKinds, startDemoBackend, type DemoBackend } from "../../src/tools/demo/backend.js";

const record = { meterNumber: "45000000017", brand: "hexcell", model: "HX", area: "a", meterType: "prepaid" };

describe("demo backend", () => {
  let backend: DemoBackend;
  afterEach(() => backend.close());

  const call = async (method: string, path: string, body?: unknown, bearer?: string) => {
    const response = await fetch(`${backend.apiUrl}${path}`, {
      method,
      headers: {
        "content-type": "application/json",
        ...(bearer ? { authorization: `Bearer ${bearer}` } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, json: text.startsWith("{") ? JSON.parse(text) : undefined };
  };

  it("names a taken port and starts on a free one of loopback", async () => {
    backend = await startDemoBackend({ port: 0 });
    await assert.rejects(startDemoBackend({ port: backend.port }), {
      code: "PORT_IN_USE",
      field: "port",
      message: `Port ${backend.port} is taken by another program.`,
    });
    assert.match(backend.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it("serves the REST calls as the real backend does", async () => {
    backend = await startDemoBackend({ port: 0, login: "plain", users: { ada: "word" } });
    assert.equal((await fetch(`${backend.url}/health`)).status, 200);
    assert.equal((await call("GET", "/meters")).status, 401);
    assert.equal((await call("POST", "/auth/login", { username: "ada", password: "no" })).status, 401);
    const bearer = (await call("POST", "/auth/login", { username: "ada", password: "word" })).json.data.token;
    assert.equal((await call("POST", "/meters", { meterNumber: "1" }, bearer)).status, 400);
    assert.equal((await call("POST", "/meters", record, bearer)).status, 201);
    assert.equal((await call("POST", "/meters", record, bearer)).status, 409);
    await call("POST", "/meters", { ...record, meterNumber: "450000000170" }, bearer);
    const found = (await call("GET", "/meters?search=45000000017&limit=1&page=2", undefined, bearer)).json;
    assert.deepEqual(
      [found.data[0].meterNumber, found.pagination],
      ["450000000170", { total: 2, page: 2, pages: 2 }],
    );
    const one = await call("GET", "/meters/45000000017", undefined, bearer);
    assert.equal((await call("GET", `/meters/${one.json.data._id}`, undefined, bearer)).status, 200);
    const obisReadings = { "1-0:1.8.0.255": 7 };
    const ingested = await call("POST", "/meters/data-ingestion", {
      meterNumber: record.meterNumber,
      obisReadings,
    });
    assert.equal(ingested.json.data.meterId, one.json.data._id);
    const [meter] = backend.meters();
    assert.deepEqual([meter?.status, meter?.readings["1-0:1.8.0.255"]?.value], ["online", 7]);
    backend.expireTokens();
    assert.equal((await call("GET", "/meters", undefined, bearer)).status, 401);
  });

  it("bounds what it is sent", async () => {
    backend = await startDemoBackend({ port: 0 });
    const status = (await call("POST", "/meters", { meterNumber: "9".repeat(200_000) })).status;
    assert.equal(status, 413);
    assert.equal((await fetch(`${backend.url}/..%2fbackend.ts`)).status, 404);
    assert.equal((await call("GET", "/meters?search=(")).status, 500);
    assert.equal((await call("GET", "/meters")).status, 200);
  });

  it("says so when no gateway is there, and when it does not know the meter", async () => {
    backend = await startDemoBackend({ port: 0, records: [record] });
    const away = await backend.command("remote-control", {
      meterNumber: record.meterNumber,
      action: "connect",
    });
    assert.deepEqual([away.success, away["outcome"]], [false, "not-sent"]);
    const unknown = await backend.command("remote-control", { meterNumber: "1", action: "connect" });
    assert.deepEqual([unknown.success, unknown["outcome"]], [false, "invalid"]);
  });

  it("as the real backend: commands go to the record's room, nameless, and settings end in an error", async () => {
    backend = await startDemoBackend({ port: 0, ...backendKinds.real, login: "none", records: [record] });
    const heard: [string, unknown][] = [];
    const sockets = [1, 2].map(() =>
      io(backend.url, { transports: ["websocket"], forceNew: true, auth: { gateway: "g" } }),
    );
    try {
      await Promise.all(
        sockets.map((socket) => new Promise((resolve) => socket.on("connect", () => resolve(0)))),
      );
      assert.deepEqual([backend.gateways, backend.sockets], [1, 2]);
      const { meterNumber } = record;
      const unheard = await backend.command("remote-control", { meterNumber, action: "connect" });
      assert.equal(unheard["outcome"], "not-sent");
      const [socket] = sockets;
      socket?.onAny((name: string, payload: unknown) => {
        heard.push([name, payload]);
        if (name === "remote-control")
          socket.emit("meter-command-result", {
            ...{ meterSerialNumber: meterNumber, command: name, success: true, outcome: "connected" },
          });
      });
      socket?.emit("join-room", { room: backend.meters()[0]?._id });
      while (backend.listeners(meterNumber) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      const result = await backend.command("remote-control", { meterNumber, action: "connect" });
      assert.equal(result.success, true);
      assert.deepEqual(heard, [["remote-control", { action: "connect" }]]);
      assert.equal((await call("POST", `/meters/${meterNumber}/read`, {})).status, 200);
      assert.equal(
        (await call("POST", `/meters/${meterNumber}/settings`, { settings: { a: 1 } })).status,
        500,
      );
      while (heard.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
      assert.deepEqual(heard.slice(1), [
        ["meter-read-request", { requestedBy: "demo" }],
        ["meter-write-settings", { settings: { a: 1 }, metadata: {}, requestedBy: "demo" }],
      ]);
    } finally {
      for (const socket of sockets) socket.disconnect();
    }
  });

  it("lets no page of another origin command meters", async () => {
    backend = await startDemoBackend({ port: 0 });
    const foreign = { transports: ["websocket"], forceNew: true, reconnection: false };
    const attempt = (origin: string): Promise<boolean> =>
      new Promise((resolve) => {
        const socket = io(`${backend.url}/page`, { ...foreign, extraHeaders: { origin } });
        const end = (result: boolean) => {
          socket.disconnect();
          resolve(result);
        };
        socket.on("connect", () => end(true));
        socket.on("connect_error", () => end(false));
      });
    assert.equal(await attempt("http://evil.example"), false);
    assert.equal(await attempt(backend.url), true);
  });
});
