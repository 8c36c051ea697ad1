import assert from "node:assert/strict";
import { createServer, type AddressInfo } from "node:net";
import { request } from "node:http";
import { Secret } from "../../src/core/secret.js";
import { type BackendCommandName, type Command, type CommandResult } from "../../src/gateway/messages.js";
import { DlmsShim, type ShimOptions } from "../../src/hes/shim.js";
import { ShimRuns } from "../../src/hes/shim-runs.js";
import { systemClock } from "../../src/transport/clock.js";
import { execute, FakeListener, until } from "./fakes.js";

const serial = "45000000017";

describe("dlms calls over HTTP", () => {
  let shim: DlmsShim;
  let listener: FakeListener;
  let commands: Command[];
  let logs: string[];
  let run: (command: Command) => Promise<CommandResult>;

  async function start(options: Partial<ShimOptions> = {}): Promise<void> {
    listener = new FakeListener();
    listener.dialIn(serial);
    listener.dialIn("7");
    listener.hangUp("7");
    commands = [];
    logs = [];
    run = (command) =>
      Promise.resolve(execute(command.command as BackendCommandName, { ...command }, listener));
    shim = new DlmsShim(
      { port: 0, ...options },
      {
        registry: listener.registry,
        runs: new ShimRuns({
          registry: listener.registry,
          journal: undefined,
          execute: (command) => {
            commands.push(command);
            return run(command);
          },
          clock: systemClock,
          origin: "calls",
          onLate: () => assert.fail("nothing here goes on after its call"),
        }),
        clock: systemClock,
        log: (level, text) => logs.push(`${level} ${text}`),
      },
    );
    shim.start();
    await until("port", () => shim.port);
  }
  async function call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; json: Record<string, unknown> }> {
    const answer = await fetch(`http://127.0.0.1:${shim.port}${path}`, {
      method,
      headers: { "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    return { status: answer.status, json: (await answer.json()) as Record<string, unknown> };
  }
  const post = (path: string, body: unknown, headers?: Record<string, string>) =>
    call("POST", path, body, headers);

  afterEach(() => shim.stop());

  it("reads one code and many, addresses and logins in the call ignored", async () => {
    await start();
    const login = { ip_address: "10.0.0.1", port: 1, password: "x", auth_type: "LOW", brand: "hexing" };
    const connected = await post("/connect", { meter_number: serial, ...login });
    assert.deepEqual(connected, {
      status: 200,
      json: { success: true, meterNumber: serial, connected: true },
    });
    const one = await post("/read", { meter_number: serial, obis_code: "1-0:1.8.0.255", class_id: 3 });
    assert.equal(one.status, 200);
    const data = one.json["data"] as Record<string, unknown>;
    assert.deepEqual(
      [
        one.json["success"],
        one.json["meterNumber"],
        data["success"],
        data["value"],
        data["unit"],
        data["error"],
      ],
      [true, serial, true, 1234.5, "kWh", null],
    );
    const many = await post("/read-multiple", {
      meter_number: Number(serial),
      obis_codes: [{ code: "1-0:1.8.0.255", classId: 3, attributeId: 2 }, "1-0:32.7.0.255"],
    });
    const { readings } = many.json["data"] as { readings: Record<string, unknown>[] };
    assert.deepEqual(
      readings.map(({ success, obisCode }) => [success, obisCode]),
      [
        [true, "1-0:1.8.0.255"],
        [true, "1-0:32.7.0.255"],
      ],
    );
    const profile = await post("/load-profile", {
      meter_number: serial,
      obis_code: "1-0:99.1.0.255",
      start_date: "2026-01-01T00:00:00Z",
      end_date: "2026-01-02T00:00:00Z",
    });
    const rows = [{ timestamp: "2026-01-01T00:00:00.000Z", "1-0:1.8.0.255": 5 }];
    assert.deepEqual(profile.json, {
      success: true,
      meterNumber: serial,
      data: { success: true, obisCode: "1-0:99.1.0.255", value: rows, columns: [], count: 1, error: null },
    });
    const [, , asked] = commands;
    assert.ok(asked?.command === "read-profile");
    assert.deepEqual(
      [asked.obisCode, asked.from, asked.to],
      ["1-0:99.1.0.255", "2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z"],
    );
    assert.ok(commands.every(({ expiresAt }) => expiresAt !== undefined && expiresAt <= Date.now() + 57_000));
    assert.equal((await post("/disconnect", { meter_number: serial })).json["success"], true);
    assert.equal(listener.meters.get(serial)?.online, true);
    assert.deepEqual((await call("GET", "/health")).json["status"], "ok");
    const { json } = await call("GET", "/connections");
    assert.deepEqual(
      [json["count"], (json["connections"] as Record<string, unknown>[])[0]?.["meterNumber"]],
      [1, serial],
    );
  });

  const code = "1-0:1.8.0.255";
  const wrong: [string, string, unknown, number, string, string | undefined][] = [
    [
      "an unknown meter",
      "/read",
      { meter_number: "99", obis_code: code },
      404,
      "METER_UNKNOWN",
      "meter_number",
    ],
    [
      "an offline meter",
      "/read",
      { meter_number: "7", obis_code: code },
      503,
      "METER_OFFLINE",
      "meter_number",
    ],
    ["an offline meter to connect", "/connect", { meter_number: "7" }, 503, "METER_OFFLINE", "meter_number"],
    ["no meter", "/read", { obis_code: code }, 400, "METER_REQUIRED", "meter_number"],
    [
      "a meter that is a list",
      "/read",
      { meter_number: [], obis_code: code },
      400,
      "FIELD_INVALID",
      "meter_number",
    ],
    ["no code", "/read", { meter_number: serial }, 400, "OBIS_REQUIRED", "obis_code"],
    [
      "a malformed code",
      "/read",
      { meter_number: serial, obis_code: "1.8" },
      400,
      "OBIS_INVALID",
      "obis_code",
    ],
    [
      "a class that is none",
      "/read",
      { meter_number: serial, obis_code: code, class_id: {} },
      400,
      "FIELD_INVALID",
      "class_id",
    ],
    [
      "no list of codes",
      "/read-multiple",
      { meter_number: serial, obis_codes: code },
      400,
      "FIELD_INVALID",
      "obis_codes",
    ],
    [
      "too many codes",
      "/read-multiple",
      { meter_number: serial, obis_codes: Array(300).fill(code) },
      413,
      "LIMIT_EXCEEDED",
      "obis_codes",
    ],
    [
      "a date that is none",
      "/load-profile",
      { meter_number: serial, start_date: "soon" },
      400,
      "FIELD_INVALID",
      "start_date",
    ],
    [
      "a period that ends before it begins",
      "/load-profile",
      { meter_number: serial, start_date: "2026-01-02", end_date: "2026-01-01" },
      400,
      "FIELD_INVALID",
      "start_date",
    ],
    [
      "a write of nothing",
      "/write",
      { meter_number: serial, obis_code: code },
      400,
      "FIELD_INVALID",
      "value",
    ],
    ["a write of no object", "/write", { meter_number: serial, value: 1 }, 400, "OBIS_REQUIRED", "obis_code"],
    [
      "a write of a type that is none",
      "/write",
      { meter_number: serial, obis_code: code, value: 1, data_type: "string" },
      400,
      "FIELD_INVALID",
      "data_type",
    ],
    [
      "a value that its type cannot hold",
      "/write",
      { meter_number: serial, obis_code: code, value: 256, data_type: "uint8" },
      400,
      "FIELD_INVALID",
      "value",
    ],
    [
      "a write of a method's number",
      "/write",
      { meter_number: serial, obis_code: code, attributeId: 1_000, value: 1 },
      400,
      "FIELD_INVALID",
      "attributeId",
    ],
    [
      "to write without a store",
      "/write",
      { meter_number: serial, obis_code: code, value: 1 },
      503,
      "STORE_UNAVAILABLE",
      undefined,
    ],
    ["a call nobody knows", "/explode", {}, 404, "UNKNOWN_COMMAND", "path"],
    ["broken JSON", "/read", "{", 400, "FIELD_INVALID", "body"],
    ["a list", "/read", [], 400, "FIELD_INVALID", "body"],
    ["a body too large", "/read", { meter_number: "9".repeat(100_000) }, 413, "LIMIT_EXCEEDED", "body"],
  ];
  for (const [name, path, body, status, errorCode, field] of wrong) {
    it(`refuses ${name}`, async () => {
      await start();
      const answer = await post(path, body);
      assert.deepEqual(
        [answer.status, answer.json["success"], answer.json["code"], answer.json["field"]],
        [status, false, errorCode, field],
      );
      assert.equal(typeof answer.json["error"], "string");
      assert.equal(answer.json["detail"], answer.json["error"]);
      assert.deepEqual(commands, []);
    });
  }

  it("hands on what the meter said", async () => {
    await start();
    const error = { code: "ACCESS_DENIED", message: "The meter denies access.", retry: "never" } as const;
    run = (command) =>
      Promise.resolve({
        ...execute("read-meter", { meterSerialNumber: serial, obisCode: code }, listener),
        commandId: command.commandId,
        success: false,
        outcome: "failed",
        readings: [
          {
            meterSerialNumber: serial,
            obisCode: code,
            classId: 3,
            attributeId: 2,
            value: null,
            valueType: "",
            error,
          },
        ],
      });
    const { status, json } = await post("/read", { meter_number: serial, obis_code: code });
    const data = json["data"] as Record<string, unknown>;
    assert.deepEqual(
      [status, json["success"], data["success"], data["error"], data["code"]],
      [200, false, false, error.message, "ACCESS_DENIED"],
    );
  });

  it("wants its token, said once and never repeated", async () => {
    await start({ token: new Secret("hush-hush") });
    const body = { meter_number: serial, obis_code: code };
    for (const headers of [{}, { authorization: "Bearer guessed" }, { authorization: "hush-hush" }]) {
      const { status, json } = await post("/read", body, headers as Record<string, string>);
      assert.deepEqual([status, json["code"]], [401, "CALLER_REFUSED"]);
      assert.doesNotMatch(JSON.stringify(json), /hush|guessed/);
    }
    assert.equal((await call("GET", "/connections")).status, 401);
    assert.equal((await call("GET", "/health")).status, 200);
    assert.equal((await post("/read", body, { authorization: "Bearer hush-hush" })).status, 200);
    assert.doesNotMatch(JSON.stringify(logs), /hush/);
  });

  it("answers no web page: not by its origin, not by its form, not by another name of this host", async () => {
    await start();
    const body = { meter_number: serial, obis_code: code };
    assert.equal((await post("/read", body, { origin: "http://evil.example" })).status, 403);
    assert.equal((await post("/read", body, { "content-type": "text/plain" })).status, 400);
    const status = await new Promise((resolve, reject) => {
      const sent = request(
        { port: shim.port, host: "127.0.0.1", path: "/connections", headers: { host: "evil.example" } },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        },
      );
      sent.on("error", reject);
      sent.end();
    });
    assert.equal(status, 403);
    assert.deepEqual(commands, []);
  });

  it("answers before its callers give up, and bounds what runs at once", async () => {
    await start({ limits: { readMs: 30, calls: 2 } });
    run = () => new Promise(() => undefined);
    const body = { meter_number: serial, obis_code: code };
    const answers = await Promise.all([1, 2, 3].map(() => post("/read", body)));
    assert.deepEqual(answers.map(({ status, json }) => [status, json["code"]]).sort(), [
      [503, "QUEUE_FULL"],
      [504, "RESPONSE_TIMEOUT"],
      [504, "RESPONSE_TIMEOUT"],
    ]);
    run = (command) => Promise.resolve(execute("read-meter", { ...command, obisCode: code }, listener));
    assert.equal((await post("/read", body)).status, 200);
  });

  it("listens on loopback unless told otherwise, and warns of an open door", async () => {
    await start();
    assert.ok(logs.some((line) => line.includes("127.0.0.1:")));
    await shim.stop();
    await start({ host: "0.0.0.0" });
    assert.ok(logs.some((line) => /^warn .*anybody/.test(line)));
  });

  it("waits for a taken port, and lets go of everything when stopped", async () => {
    const blocker = createServer().listen(0, "127.0.0.1");
    await until("blocker", () => blocker.listening);
    const { port } = blocker.address() as AddressInfo;
    const starting = start({ port, limits: { retryMinMs: 20, retryMaxMs: 20 } });
    await until("attempt", () => logs?.some((line) => /taken by another program/.test(line)));
    await new Promise((resolve) => blocker.close(resolve));
    await starting;
    assert.equal(shim.port, port);
    run = () => new Promise(() => undefined);
    const open = post("/read", { meter_number: serial, obis_code: code }).catch(() => "cut");
    await until("call", () => commands.length === 1);
    await shim.stop();
    assert.equal(await open, "cut");
    await assert.rejects(fetch(`http://127.0.0.1:${port}/health`));
  });
});
