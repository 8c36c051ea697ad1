import assert from "node:assert/strict";
import { createServer, type Server as HttpServer } from "node:http";
import { type AddressInfo } from "node:net";
import { Server } from "socket.io";
import { Secret } from "../../src/core/secret.js";
import { type HesOptions } from "../../src/hes/options.js";
import { startBridge, until, type Rig } from "./fakes.js";

const serial = "45000000017";
const token = "12345678901234567890";
const megabyte = "9".repeat(1_048_576);

describe("hes bridge with a hostile backend", () => {
  let http: HttpServer;
  let io: Server;
  let rest: (path: string) => { status: number; type?: string; body: string };
  let results: Record<string, unknown>[];
  let updates: Record<string, unknown>[];
  let rig: Rig;

  beforeEach(async () => {
    rest = () => ({ status: 404, type: "text/html", body: "<html>Cannot GET</html>" });
    results = [];
    updates = [];
    http = createServer((request, response) => {
      const { status, type, body } = rest(request.url ?? "");
      response.writeHead(status, { "content-type": type ?? "application/json" });
      response.end(body);
    });
    io = new Server(http, { maxHttpBufferSize: 1_000_000 });
    io.on("connection", (socket) => {
      socket.on("meter-command-result", (result: Record<string, unknown>) => results.push(result));
      socket.on("meter-update", (update: Record<string, unknown>) => updates.push(update));
    });
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  });

  afterEach(async () => {
    await rig.bridge.stop();
    http.closeAllConnections();
    await io.close();
  });

  async function start(options: Partial<HesOptions> = {}, flow = true): Promise<void> {
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    rig = startBridge({ url, apiUrl: `${url}/api`, ...options }, flow);
    rig.listener.dialIn(serial);
    await until("connection", () => rig.bridge.status.phase === "connected");
  }
  const resultOf = (commandId: string): Promise<Record<string, unknown>> =>
    until(`result ${commandId}`, () => results.find((result) => result["commandId"] === commandId));
  const errorOf = (result: Record<string, unknown>): { code: string; field?: string; message: string } =>
    result["error"] as { code: string; field?: string; message: string };

  const good = { meterSerialNumber: serial };
  const wrong: [string, string, unknown, string, string][] = [
    ["remote-load", "no token", good, "TOKEN_REQUIRED", "token"],
    ["remote-load", "token a number", { ...good, token: 12345678901234567000 }, "TOKEN_INVALID", "token"],
    ["remote-load", "token of 1 MB", { ...good, token: megabyte }, "TOKEN_INVALID", "token"],
    [
      "remote-load",
      "token above 2^66 − 1",
      { ...good, token: "73786976294838206464" },
      "TOKEN_INVALID",
      "token",
    ],
    ["remote-load", "amount a list", { ...good, token, amount: [] }, "FIELD_INVALID", "amount"],
    ["remote-control", "no action", good, "ACTION_INVALID", "action"],
    ["remote-control", "action a list", { ...good, action: ["connect"] }, "ACTION_INVALID", "action"],
    [
      "remote-control",
      "meter a list",
      { meterSerialNumber: [serial], action: "connect" },
      "FIELD_INVALID",
      "meterSerialNumber",
    ],
    ["remote-control", "meter an object", { _id: { $ne: null }, action: "connect" }, "FIELD_INVALID", "_id"],
    [
      "remote-control",
      "meter null",
      { meterSerialNumber: null, action: "connect" },
      "METER_REQUIRED",
      "meterSerialNumber",
    ],
    ["remote-control", "no meter", { action: "connect" }, "METER_REQUIRED", "meterSerialNumber"],
    [
      "remote-control",
      "unsafe number",
      { meterNumber: 2 ** 53 + 2, action: "connect" },
      "FIELD_INVALID",
      "meterNumber",
    ],
    [
      "remote-control",
      "meter of 1 MB",
      { meterNumber: megabyte, action: "connect" },
      "FIELD_INVALID",
      "meterNumber",
    ],
    [
      "remote-control",
      "two meters",
      { ...good, meterNumber: "1", action: "connect" },
      "AMBIGUOUS_METER",
      "meterNumber",
    ],
    [
      "remote-control",
      "record id nobody has",
      { meterId: "64b7f0c2a1b2c3d4e5f60718", action: "connect" },
      "METER_UNKNOWN",
      "meterId",
    ],
    [
      "remote-control",
      "unknown meter",
      { meterSerialNumber: "99", action: "connect" },
      "METER_UNKNOWN",
      "meterSerialNumber",
    ],
    ["read-meter", "malformed code", { ...good, obisCode: "1-0:1.8" }, "OBIS_INVALID", "obisCode"],
    ["read-meter", "code null in a list", { ...good, obisCodes: [null] }, "OBIS_INVALID", "obisCodes[0]"],
    [
      "read-meter",
      "expiry no time",
      { ...good, obisCode: "1-0:1.8.0.255", expiresAt: {} },
      "FIELD_INVALID",
      "expiresAt",
    ],
  ];
  for (const [event, name, payload, code, field] of wrong) {
    it(`answers once and runs nothing: ${event}, ${name}`, async () => {
      await start();
      io.emit(event, { ...(payload as object), commandId: "c-1" });
      io.emit("read-meter", { ...good, obisCode: "1-0:1.8.0.255", commandId: "c-2" });
      assert.equal((await resultOf("c-2"))["success"], true);
      const first = results.filter((result) => result["commandId"] === "c-1");
      assert.equal(first.length, 1);
      const [result = {}] = first;
      assert.deepEqual([result["success"], result["status"], result["command"]], [false, "failed", event]);
      const error = errorOf(result);
      assert.deepEqual([error.code, error.field], [code, field]);
      assert.ok(error.message.includes(field.replace(/\[.*/, "")) || code.startsWith("METER_"));
      assert.ok(JSON.stringify(result).length < 5_000);
    });
  }

  it("answers payloads that are no objects, and survives whatever else is emitted", async () => {
    await start();
    for (const odd of [null, [], "text", 1, true]) io.emit("remote-control", odd);
    io.emit("remote-load");
    io.emit("read-meter", Buffer.from("binary"));
    io.emit("unheard-of", { deep: [[[[]]]] }, 1, 2);
    await until("answers", () => results.length === 7);
    for (const result of results.slice(0, 6)) {
      assert.deepEqual([errorOf(result).code, errorOf(result).field], ["FIELD_INVALID", "payload"]);
      assert.match(String(result["commandId"]), /^[0-9a-f-]{36}$/);
    }
    assert.ok(rig.others.some(([name]) => name === "unheard-of"));
    assert.equal(rig.bridge.status.phase, "connected");
  });

  it("acknowledges a refusal once with its code", async () => {
    await start();
    const [answer] = (await io.timeout(2_000).emitWithAck("remote-control", { ...good })) as unknown[];
    assert.deepEqual(answer, { accepted: false, code: "ACTION_INVALID" });
  });

  it("an offline meter gets exactly one result", async () => {
    await start();
    rig.listener.hangUp(serial);
    io.emit("remote-control", { ...good, action: "connect", commandId: "c-1" });
    assert.equal(errorOf(await resultOf("c-1")).code, "METER_OFFLINE");
    assert.equal(results.length, 1);
  });

  it("ends a command that the flow lets fall with unknown, and drops its late result", async () => {
    await start({ resultTimeoutMs: { "remote-load": 30 } }, false);
    io.emit("remote-load", { ...good, token, commandId: "c-1", requestedBy: "ada" });
    const result = await resultOf("c-1");
    assert.deepEqual(
      [result["outcome"], result["success"], errorOf(result).code],
      ["unknown", false, "NO_RESULT"],
    );
    assert.equal(result["requestedBy"], "ada");
    assert.equal(rig.bridge.status.pending, 0);
    void rig.bridge.submit({
      meterSerialNumber: serial,
      commandId: "c-1",
      command: "remote-load",
      success: true,
      outcome: "accepted",
    });
    assert.deepEqual(
      rig.others.map(([name]) => name),
      ["late-result"],
    );
    io.emit("read-meter", { meterSerialNumber: 1.5, commandId: "c-2" });
    await resultOf("c-2");
    assert.equal(results.length, 2);
  });

  it("runs a repeated command once: joined while open, answered again when a state change has ended", async () => {
    await start({}, false);
    const command = { ...good, action: "disconnect", commandId: "c-1" };
    io.emit("remote-control", command);
    io.emit("remote-control", command);
    io.emit("remote-control", { ...command, meterSerialNumber: "5" });
    const conflict = await resultOf("c-1");
    assert.deepEqual([errorOf(conflict).code, errorOf(conflict).field], ["FIELD_INVALID", "commandId"]);
    assert.equal(rig.handed.length, 1);
    void rig.bridge.submit({ ...command, command: "remote-control", success: true, outcome: "disconnected" });
    await until("result", () => results.length === 2);
    io.emit("remote-control", command);
    await until("result again", () => results.length === 3);
    assert.equal(rig.handed.length, 1);
    assert.deepEqual(results[2], results[1]);
  });

  it("a failing flow yields a result at once", async () => {
    await start({}, false);
    rig.bridge.on("command", () => {
      throw new Error("wire cut");
    });
    io.emit("remote-control", { ...good, action: "connect", commandId: "c-1" });
    assert.equal(errorOf(await resultOf("c-1")).code, "INTERNAL");
    assert.equal(rig.bridge.status.pending, 0);
  });

  it("never takes a record of another meter, nor one of two", async () => {
    const other = { _id: "64b7f0c2a1b2c3d4e5f60718", meterNumber: "45000000018" };
    const twins = ["a", "b"].map((_id) => ({ _id, meterNumber: serial }));
    let rows: unknown = [other, null, 5, { meterNumber: serial }, { _id: {}, meterNumber: serial }];
    rest = (path) =>
      /search/.test(path)
        ? { status: 200, body: JSON.stringify({ success: true, data: rows, pagination: { pages: 1e9 } }) }
        : { status: 200, body: JSON.stringify({ success: true, data: other }) };
    await start();
    await until("first answer", () => rig.listener.bindings.length > 0);
    rows = twins;
    rig.listener.hangUp(serial);
    rig.listener.dialIn(serial);
    await until("second answer", () => rig.listener.bindings.length > 1);
    assert.ok(rig.listener.bindings.every(([, outcome]) => "reason" in outcome));
    assert.equal(rig.listener.meters.get(serial)?.backendId, undefined);
  });

  const brokenRest: [string, { status: number; type?: string; body: string }][] = [
    ["HTML with 200", { status: 200, type: "text/html", body: "<html></html>" }],
    ["an endless body", { status: 200, body: `{"data":"${megabyte}${megabyte}"}` }],
    ["broken JSON", { status: 200, body: '{"success":' }],
    ["500", { status: 500, body: '{"success":false}' }],
    ["a redirect", { status: 302, body: "" }],
    ["401 without a login", { status: 401, body: '{"success":false}' }],
  ];
  for (const [name, answer] of brokenRest) {
    it(`registration is unavailable, not an error: ${name}`, async () => {
      rest = () => answer;
      await start();
      await until("state", () => rig.bridge.status.registration === "unavailable");
      assert.equal(rig.bridge.status.error, undefined);
      const [, outcome] = await until("binding", () => rig.listener.bindings[0]);
      assert.ok("unavailable" in outcome && outcome.unavailable);
    });
  }

  it("a Socket.IO backend that refuses the token is said clearly and tried again", async () => {
    let open = false;
    io.use((_socket, next) => next(open ? undefined : new Error("Unauthorized secret-jwt")));
    rest = () => ({ status: 200, body: '{"data":{"token":"secret-jwt"}}' });
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    rig = startBridge({ url, apiUrl: `${url}/api`, username: "u", password: new Secret("p4ss") });
    await until("refusal", () => rig.bridge.status.error?.code === "BACKEND_LOGIN");
    assert.doesNotMatch(JSON.stringify([rig.logs, rig.states]), /secret-jwt|p4ss/);
    open = true;
    await until("connection", () => rig.bridge.status.phase === "connected");
    io.disconnectSockets();
    await until("loss", () => rig.bridge.status.phase === "away");
    await until("connection again", () => rig.bridge.status.phase === "connected");
  });

  it("sends nothing that would break the connection", async () => {
    await start();
    const long = { meterSerialNumber: serial, obisCode: "1-0:99.1.0.255", value: megabyte };
    void rig.bridge.submit(long);
    void rig.bridge.submit({
      meterSerialNumber: serial,
      commandId: "c-1",
      command: "read-meter",
      success: true,
      outcome: "read",
      readings: [long],
    });
    const result = await resultOf("c-1");
    assert.deepEqual(
      [result["success"], result["outcome"], errorOf(result).code],
      [false, "partial", "LIMIT_EXCEEDED"],
    );
    const update = await until("reading", () => updates.find(({ type }) => type === "reading"));
    assert.deepEqual([update["value"], (update["error"] as { code: string }).code], [null, "LIMIT_EXCEEDED"]);
    assert.equal(rig.bridge.status.phase, "connected");
    for (const odd of [null, 5, {}, { command: "explode", success: true }, { ...long, value: 1n }, [{}]]) {
      assert.throws(() => rig.bridge.submit(odd), { code: "FIELD_INVALID" });
    }
  });
});
