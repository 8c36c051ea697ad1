/**
 * The REST calls of the backend contract over the demo model, and the page's files. Answers have the shape
 * `{ success, message?, data? }`; the search takes its text as a regular expression, as the real backend does.
 */
import { readFile } from "node:fs/promises";
import { type IncomingMessage, type ServerResponse } from "node:http";
import { extname, join } from "node:path";
import { type DemoAuth, type Reply } from "./auth.js";
import { isObject, type DemoMeter, type DemoModel } from "./model.js";

export interface RestOptions {
  readonly auth: DemoAuth;
  readonly model: DemoModel;
  /** False: every call answers 404 with HTML, as a backend without REST. */
  readonly rest: boolean;
  /** False: `GET /meters/:id` answers 404 with HTML, as older backends do. */
  readonly lookup: boolean;
  /** Sends a command to the gateways without waiting for its result. */
  readonly onRemote: (
    name: "remote-load" | "remote-control",
    meter: DemoMeter,
    body: Record<string, unknown>,
  ) => void;
  /** Sends an event to the room of the meter's record, as the real backend's own pages make it do. */
  readonly onMeterEvent: (name: string, meter: DemoMeter, body: Record<string, unknown>) => void;
  readonly onRequest: (method: string, path: string) => void;
}

const BODY_BYTES = 102_400;
const PAGE = join(__dirname, "page");
const pageFiles: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

export function restHandler(
  options: RestOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    answer(options, request, response).catch((caught: unknown) => {
      if (!response.headersSent) response.writeHead(500, { "content-type": "application/json" });
      response.end(
        JSON.stringify({ success: false, message: caught instanceof Error ? caught.message : "failed" }),
      );
    });
  };
}

async function answer(
  options: RestOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://localhost");
  const method = request.method ?? "GET";
  options.onRequest(method, url.pathname);
  if (url.pathname === "/health")
    return send(response, { status: 200, body: { status: "ok", mongodb: "in memory" } });
  if (!url.pathname.startsWith("/api/")) return servePage(url.pathname, method, response);
  const body = method === "POST" ? await readBody(request) : undefined;
  if (body === tooLong) return send(response, { status: 413, body: { success: false, message: "too long" } });
  const reply = options.rest ? route(options, method, url, body, bearer(request)) : undefined;
  if (reply === undefined) return sendHtml(response, 404, `Cannot ${method}`);
  send(response, reply);
}

/** Undefined: no such call. */
function route(
  options: RestOptions,
  method: string,
  url: URL,
  body: unknown,
  token: string | undefined,
): Reply | undefined {
  const path = url.pathname.slice("/api".length);
  const { auth, model } = options;
  if (method === "POST" && path.startsWith("/auth/")) return auth.handle(path.slice("/auth/".length), body);
  if (method === "POST" && path === "/meters/data-ingestion") return ingest(model, body);
  if (!auth.allows(token)) return refused(401, "Not authorized");
  if (method === "GET" && path === "/meters") return search(model, url.searchParams);
  if (method === "POST" && path === "/meters") return create(model, body);
  if (method === "POST" && path === "/remote/load") return remote(options, "remote-load", body);
  if (method === "POST" && path === "/remote/control") return remote(options, "remote-control", body);
  const asked = /^\/meters\/([^/]+)\/(read|settings)$/.exec(path);
  if (method === "POST" && asked !== null) return askMeter(options, asked[1] ?? "", asked[2] ?? "", body);
  const id = /^\/meters\/([^/]+)$/.exec(path)?.[1];
  if (method !== "GET" || id === undefined || !options.lookup) return undefined;
  const meter = model.find(decodeURIComponent(id));
  if (meter?._id === undefined) return refused(404, "Meter not found");
  return { status: 200, body: { success: true, data: recordOf(meter) } };
}

function search(model: DemoModel, query: URLSearchParams): Reply {
  const page = Math.max(1, Number(query.get("page") ?? 1) || 1);
  const limit = Math.min(100, Math.max(1, Number(query.get("limit") ?? 10) || 10));
  const pattern = new RegExp((query.get("search") ?? "").slice(0, 100), "i");
  const found = model
    .records()
    .filter((meter) =>
      [meter.meterNumber, meter.brand, meter.model].some((text) => pattern.test(text ?? "")),
    );
  const data = found.slice((page - 1) * limit, page * limit).map(recordOf);
  const pages = Math.ceil(found.length / limit);
  return { status: 200, body: { success: true, data, pagination: { total: found.length, page, pages } } };
}

function create(model: DemoModel, body: unknown): Reply {
  const fields = isObject(body) ? body : {};
  const { meterNumber, brand, model: modelName, area, meterType } = fields;
  const required = { meterNumber, brand, model: modelName, area, meterType };
  for (const [name, value] of Object.entries(required)) {
    if (typeof value !== "string" || value.trim() === "" || value.length > 100)
      return refused(400, `${name} is required`);
  }
  const texts = required as Record<keyof typeof required, string>;
  const meter = model.createRecord(texts);
  if (meter === undefined) return refused(409, "A meter with this number exists");
  return { status: 201, body: { success: true, data: recordOf(meter) } };
}

function ingest(model: DemoModel, body: unknown): Reply {
  const number = isObject(body) ? body["meterNumber"] : undefined;
  const meter = typeof number === "string" ? model.find(number) : undefined;
  if (meter?._id === undefined || !isObject(body)) return refused(404, "Meter not found");
  const timestamp = typeof body["timestamp"] === "string" ? body["timestamp"] : new Date().toISOString();
  const base = { meterSerialNumber: meter.meterNumber, status: "online", lastSeen: timestamp, timestamp };
  model.update(base);
  const readings = body["obisReadings"];
  const list = Array.isArray(readings)
    ? readings
    : Object.entries(isObject(readings) ? readings : {}).map(([obisCode, value]) => ({ obisCode, value }));
  for (const item of list) if (isObject(item)) model.update({ ...item, ...base, type: "reading" });
  return { status: 200, body: { success: true, data: { meterId: meter._id } } };
}

function remote(options: RestOptions, name: "remote-load" | "remote-control", body: unknown): Reply {
  const fields = isObject(body) ? body : {};
  const id = fields["meterId"] ?? fields["meterNumber"];
  const meter = typeof id === "string" ? options.model.find(id) : undefined;
  if (meter === undefined) return refused(404, "Meter not found");
  options.onRemote(name, meter, fields);
  return { status: 200, body: { success: true, message: "Command sent" } };
}

/** As the real backend: settings are sent to the meter, and then the user is told of a failure. */
function askMeter(options: RestOptions, id: string, what: string, body: unknown): Reply {
  const meter = options.model.find(decodeURIComponent(id));
  if (meter?._id === undefined) return refused(404, "Meter not found");
  const { settings = {}, metadata = {} } = isObject(body) ? body : {};
  const requestedBy = "demo";
  if (what === "read") {
    options.onMeterEvent("meter-read-request", meter, { requestedBy });
    return { status: 200, body: { success: true, message: "Read request sent" } };
  }
  options.onMeterEvent("meter-write-settings", meter, { settings, metadata, requestedBy });
  return refused(500, "Event validation failed: category: `configuration` is not a valid enum value");
}

function recordOf(meter: DemoMeter): Record<string, unknown> {
  const { _id, meterNumber, brand, model, area, recordType, status, lastSeen, relay } = meter;
  return {
    _id,
    meterNumber,
    brand,
    model,
    area,
    meterType: recordType,
    status,
    lastSeen,
    relayStatus: relay,
  };
}

async function servePage(path: string, method: string, response: ServerResponse): Promise<void> {
  const name = path === "/" ? "index.html" : path.slice(1);
  const type = pageFiles[extname(name)];
  if (method !== "GET" || type === undefined || !/^[a-z-]+\.[a-z]+$/.test(name))
    return sendHtml(response, 404, "Not found");
  const file = await readFile(join(PAGE, name)).catch(() => undefined);
  if (file === undefined) return sendHtml(response, 404, "Not found");
  response.writeHead(200, {
    "content-type": type,
    "cache-control": "no-cache",
    "content-security-policy":
      "default-src 'self'; connect-src 'self' ws: wss:; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
  });
  response.end(file);
}

const tooLong = Symbol("too long");

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    // Read to its end all the same: leaving the loop would cut the connection before the answer.
    if (length <= BODY_BYTES) chunks.push(chunk);
  }
  if (length > BODY_BYTES) return tooLong;
  // Only JSON by name: a page of another origin cannot send it without being asked first.
  if (!(request.headers["content-type"] ?? "").startsWith("application/json")) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8")) as unknown;
  } catch {
    return undefined; // the call then misses its fields and says so
  }
}

function bearer(request: IncomingMessage): string | undefined {
  return /^Bearer (\S+)$/.exec(request.headers.authorization ?? "")?.[1];
}

function refused(status: number, message: string): Reply {
  return { status, body: { success: false, message } };
}

function send(response: ServerResponse, { status, body }: Reply): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8" });
  response.end(JSON.stringify(body));
}

function sendHtml(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/html; charset=utf-8" });
  response.end(`<!DOCTYPE html><title>Error</title><pre>${text}</pre>`);
}
