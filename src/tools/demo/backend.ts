/**
 * A demo backend: the Socket.IO events and REST calls of the contract in memory, and a page to watch and command
 * meters. For demos and tests, on loopback unless told otherwise; not part of the published package.
 */
import { randomUUID } from "node:crypto";
import { createServer, type Server as HttpServer } from "node:http";
import { type AddressInfo } from "node:net";
import { Server, type Socket } from "socket.io";
import { commandEvents } from "../../hes/contract.js";
import { type CommandName } from "../../gateway/messages.js";
import { presets } from "../../meter-types/presets.js";
import { DemoAuth, type LoginVariant } from "./auth.js";
import { listen, sameOrigin } from "./listen.js";
import { DemoModel, isObject, type DemoEvent, type DemoMeter, type NewRecord } from "./model.js";
import { restHandler } from "./rest.js";
import { outcomeWords, wordsFor } from "./words.js";

export { type DemoEvent, type DemoMeter, type DemoReading } from "./model.js";

/**
 * How a command names its meter: as the README, as the original gateway, or both; or not at all and sent to the room of
 * the meter's record, as the real backend does (`rooms`), or to the room with all names (`rooms-with-ids`).
 */
export type PayloadForm = "readme" | "original" | "both" | "rooms" | "rooms-with-ids";

/** The backends that the gateway meets, as options. */
export const backendKinds = {
  readme: { form: "readme", acks: false, commandIds: false, login: "none" },
  original: { form: "original", acks: false, commandIds: false, login: "plain" },
  real: { form: "rooms", acks: false, commandIds: false, login: "passcode" },
  patched: { form: "rooms-with-ids", acks: true, commandIds: true, login: "plain", socketAuth: true },
} as const satisfies Record<string, Partial<DemoBackendOptions>>;

export interface DemoBackendOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly host?: string;
  readonly login?: LoginVariant;
  /** User name to password; default `demo`/`demo`. */
  readonly users?: Readonly<Record<string, string>>;
  readonly form?: PayloadForm;
  /** Pass an acknowledgement function with commands. */
  readonly acks?: boolean;
  /** Acknowledge results and readings. No public backend does. */
  readonly confirms?: boolean;
  /** Put a `commandId` into commands; without it results are matched by meter and command. */
  readonly commandIds?: boolean;
  /** Refuse Socket.IO clients without a valid token. */
  readonly socketAuth?: boolean;
  readonly rest?: boolean;
  readonly lookup?: boolean;
  readonly records?: readonly NewRecord[];
  /** How long `command` waits for the result. */
  readonly resultTimeoutMs?: number;
  /** Told of every event as it happens. */
  readonly onEvent?: (event: DemoEvent) => void;
  /** Told of every `meter-command-result`, and every `meter-update`, as it came, before it is confirmed. */
  readonly onResult?: (payload: unknown) => void;
  readonly onUpdate?: (payload: unknown) => void;
}

/** A result as the gateway sent it, or the backend's own when no gateway answers. */
export type DemoResult = Record<string, unknown> & { readonly success: boolean };

export interface DemoBackend {
  readonly port: number;
  readonly url: string;
  readonly apiUrl: string;
  /** Connected gateways, however many sockets each has. */
  readonly gateways: number;
  /** Those of single meters included. */
  readonly sockets: number;
  /** Sockets in the room of this meter's record. */
  listeners(meterNumber: string): number;
  meters(): DemoMeter[];
  events(): DemoEvent[];
  /** All results that came, in order; the latest 1,000. */
  results(): DemoResult[];
  /** `meter-update` payloads as they came; the latest 1,000. */
  updates(): Record<string, unknown>[];
  /** Acknowledgements of commands; the latest 1,000. */
  acks(): unknown[];
  /** Events that this backend does not know, with their payload; the latest 1,000. */
  unknownEvents(): [name: string, payload: unknown][];
  /** REST requests, `GET /api/meters`; the latest 1,000. */
  requests(): string[];
  /** Sends a command for `payload.meterNumber` and resolves with its result, never rejects. */
  command(name: CommandName, payload: Record<string, unknown>): Promise<DemoResult>;
  /** Emits anything to the gateways, as it is. */
  emit(name: string, ...args: unknown[]): void;
  /** Emits a command as it is to every gateway and asks for its answer. @returns the first; undefined without one. */
  offer(name: string, payload: Record<string, unknown>, timeoutMs: number): Promise<unknown>;
  /** Emits anything to the room of this meter's record. */
  emitTo(meterNumber: string, name: string, ...args: unknown[]): void;
  expireTokens(): void;
  /** Drops every gateway's connection; they come again. */
  dropGateways(): void;
  close(): Promise<void>;
}

interface Waiting {
  readonly name: CommandName;
  readonly meter: DemoMeter;
  readonly resolve: (result: DemoResult) => void;
  readonly timer: NodeJS.Timeout;
}

const KEPT = 1_000;
/** What a command says about the meter and itself is this backend's matter, in the form it was told to use. */
const ownFields: ReadonlySet<string> = new Set(["meterId", "meterNumber", "meterSerialNumber", "commandId"]);
const PAGE_SPACE = "/page";
const knownEvents: ReadonlySet<string> = new Set(["join-room", "meter-update", "meter-command-result"]);
/** What the page's Read asks for, by meter type. */
const defaultCodes = Object.fromEntries(
  Object.entries(presets).map(([name, meterType]) => [name, meterType.defaultCodes]),
);

/** @throws DlmsError PORT_IN_USE naming the port; LISTEN_FAILED. */
export async function startDemoBackend(options: DemoBackendOptions): Promise<DemoBackend> {
  const host = options.host ?? "127.0.0.1";
  const backend = new Backend(options);
  await listen(backend.http, options.port, host).catch(async (caught: unknown) => {
    await backend.close();
    throw caught;
  });
  backend.port = (backend.http.address() as AddressInfo).port;
  return backend;
}

class Backend implements DemoBackend {
  readonly http: HttpServer;
  port = 0;
  readonly #options: DemoBackendOptions;
  readonly #io: Server;
  readonly #auth: DemoAuth;
  readonly #model: DemoModel;
  readonly #waiting = new Map<string, Waiting>();
  readonly #results: DemoResult[] = [];
  readonly #updates: Record<string, unknown>[] = [];
  readonly #acks: unknown[] = [];
  readonly #requests: string[] = [];
  readonly #unknown: [name: string, payload: unknown][] = [];

  constructor(options: DemoBackendOptions) {
    this.#options = options;
    this.#auth = new DemoAuth(options.login ?? "none", options.users ?? { demo: "demo" });
    this.#model = new DemoModel(
      (meter) => this.#io.of(PAGE_SPACE).emit("meter", meter),
      (event) => {
        this.#io.of(PAGE_SPACE).emit("event", event);
        options.onEvent?.(event);
      },
    );
    this.http = createServer(
      restHandler({
        auth: this.#auth,
        model: this.#model,
        rest: options.rest ?? true,
        lookup: options.lookup ?? true,
        onRemote: (name, meter, body) => void this.#run(name, meter, body),
        onMeterEvent: (name, meter, body) => this.#io.to(meter._id ?? "").emit(name, body),
        onRequest: (method, path) => keep(this.#requests, `${method} ${path}`),
      }),
    );
    this.#io = new Server(this.http, { allowRequest: sameOrigin, serveClient: true });
    if (options.socketAuth) {
      this.#io.use((socket, next) => {
        const token: unknown = socket.handshake.auth["token"];
        next(
          this.#auth.allows(typeof token === "string" ? token : undefined)
            ? undefined
            : new Error("Unauthorized"),
        );
      });
    }
    this.#io.on("connection", (socket) => this.#onGateway(socket));
    this.#io.of(PAGE_SPACE).on("connection", (socket) => this.#onPage(socket));
    for (const record of options.records ?? []) this.#model.createRecord(record);
  }

  get url(): string {
    return `http://${this.#options.host ?? "127.0.0.1"}:${this.port}`;
  }

  get apiUrl(): string {
    return `${this.url}/api`;
  }

  get gateways(): number {
    const ids = [...this.#io.of("/").sockets.values()].map((socket) => gatewayOf(socket));
    return new Set(ids).size;
  }

  get sockets(): number {
    return this.#io.of("/").sockets.size;
  }

  listeners(meterNumber: string): number {
    return this.#io.of("/").adapter.rooms.get(this.#roomOf(meterNumber))?.size ?? 0;
  }

  meters = (): DemoMeter[] => this.#model.meters();
  events = (): DemoEvent[] => this.#model.events();
  results = (): DemoResult[] => [...this.#results];
  updates = (): Record<string, unknown>[] => [...this.#updates];
  acks = (): unknown[] => [...this.#acks];
  unknownEvents = (): [name: string, payload: unknown][] => [...this.#unknown];
  requests = (): string[] => [...this.#requests];

  command(name: CommandName, payload: Record<string, unknown>): Promise<DemoResult> {
    const { meterNumber, ...fields } = payload;
    const meter = typeof meterNumber === "string" ? this.#model.find(meterNumber) : undefined;
    if (meter === undefined)
      return Promise.resolve(ownResult("invalid", "This backend does not know the meter."));
    return this.#run(name, meter, fields);
  }

  emit(name: string, ...args: unknown[]): void {
    this.#io.of("/").emit(name, ...args);
  }

  offer(name: string, payload: Record<string, unknown>, timeoutMs: number): Promise<unknown> {
    const sockets = [...this.#io.of("/").sockets.values()];
    const answers = sockets.map((socket) => socket.timeout(timeoutMs).emitWithAck(name, payload));
    return Promise.any<unknown>(answers).catch(() => undefined); // nobody has acknowledged
  }

  emitTo(meterNumber: string, name: string, ...args: unknown[]): void {
    this.#io.to(this.#roomOf(meterNumber)).emit(name, ...args);
  }

  #roomOf(meterNumber: string): string {
    return this.#model.find(meterNumber)?._id ?? "";
  }

  expireTokens(): void {
    this.#auth.expireTokens();
  }

  dropGateways(): void {
    for (const socket of this.#io.of("/").sockets.values()) socket.conn.close();
  }

  async close(): Promise<void> {
    for (const [id, waiting] of this.#waiting) {
      this.#waiting.delete(id);
      clearTimeout(waiting.timer);
      waiting.resolve(ownResult("unknown", "The backend was closed."));
    }
    this.http.closeIdleConnections();
    const closed = this.#io.close();
    this.http.closeAllConnections();
    await closed;
  }

  #onGateway(socket: Socket): void {
    if (this.#socketsOf(socket).length === 1) this.#gatewaysChanged("A gateway has connected");
    socket.on("disconnect", () => {
      if (this.#socketsOf(socket).length === 0) this.#gatewaysChanged("A gateway has gone");
    });
    socket.onAny((name: string, payload: unknown) => {
      if (!knownEvents.has(name)) keep(this.#unknown, [name, payload]);
    });
    socket.on("join-room", (request: unknown) => {
      if (isObject(request) && typeof request["room"] === "string") void socket.join(request["room"]);
    });
    socket.on("meter-update", (payload: unknown, received: unknown) => {
      this.#options.onUpdate?.(payload);
      this.#confirm(received);
      if (isObject(payload)) keep(this.#updates, payload);
      this.#model.update(payload);
      // As the real backend does: repeated verbatim to everybody, the sender included.
      this.#io.of("/").emit("meter-status-change", payload);
    });
    socket.on("meter-command-result", (payload: unknown, received: unknown) => {
      this.#options.onResult?.(payload);
      this.#confirm(received);
      if (isObject(payload)) this.#onResult(payload);
    });
  }

  #confirm(received: unknown): void {
    if (this.#options.confirms && typeof received === "function") (received as (answer: object) => void)({});
  }

  /** The sockets of the gateway that this one belongs to. */
  #socketsOf(socket: Socket): Socket[] {
    const id = gatewayOf(socket);
    return [...this.#io.of("/").sockets.values()].filter((other) => gatewayOf(other) === id);
  }

  #gatewaysChanged(text: string): void {
    this.#model.event("gateway", text);
    this.#io.of(PAGE_SPACE).emit("gateways", this.gateways);
  }

  #onPage(socket: Socket): void {
    socket.emit("snapshot", {
      gateways: this.gateways,
      defaultCodes,
      meters: this.#model.meters(),
      events: this.#model.events().slice(-200),
    });
    socket.on("command", (name: unknown, payload: unknown, answer: unknown) => {
      const command = commandEvents.find((event) => event === name);
      if (command === undefined || !isObject(payload) || typeof answer !== "function") return;
      void this.command(command, payload).then((result) => (answer as (result: DemoResult) => void)(result));
    });
  }

  #run(name: CommandName, meter: DemoMeter, fields: Record<string, unknown>): Promise<DemoResult> {
    const rest = Object.fromEntries(Object.entries(fields).filter(([field]) => !ownFields.has(field)));
    const what = wordsFor(name, rest);
    const form = this.#options.form ?? "both";
    const audience = this.#audience(form, meter);
    if (audience.length === 0) {
      this.#model.event("result", `${what}: no gateway is connected`, meter.meterNumber, false);
      return Promise.resolve(ownResult("not-sent", "No gateway is connected."));
    }
    const commandId = randomUUID();
    const payload = {
      ...rest,
      ...(form === "original" || form === "rooms" ? {} : { meterSerialNumber: meter.meterNumber }),
      ...(form === "readme" || form === "rooms" ? {} : { meterId: meter._id }),
      ...((this.#options.commandIds ?? true) ? { commandId } : {}),
    };
    this.#model.event("command", `asked: ${what}`, meter.meterNumber);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(commandId);
        this.#model.event("result", `${what}: no result came in time`, meter.meterNumber, false);
        resolve(ownResult("unknown", "No result came in time."));
      }, this.#options.resultTimeoutMs ?? 120_000);
      this.#waiting.set(commandId, { name, meter, resolve, timer });
      for (const socket of audience) {
        if (this.#options.acks) socket.emit(name, payload, (answer: unknown) => keep(this.#acks, answer));
        else socket.emit(name, payload);
      }
    });
  }

  #audience(form: PayloadForm, meter: DemoMeter): Socket[] {
    const all = [...this.#io.of("/").sockets.values()];
    if (form !== "rooms" && form !== "rooms-with-ids") return all;
    return all.filter((socket) => meter._id !== undefined && socket.rooms.has(meter._id));
  }

  #onResult(payload: Record<string, unknown>): void {
    const result: DemoResult = { ...payload, success: payload["success"] === true };
    keep(this.#results, result);
    const serial = payload["meterSerialNumber"];
    const meter = typeof serial === "string" ? this.#model.find(serial) : undefined;
    this.#model.result(meter, payload);
    const outcome = outcomeWords(payload);
    const reason = result.success ? "" : `, ${String(payload["detail"])}`;
    const text = `${wordsFor(String(payload["command"]), payload)}: ${outcome}${reason}`;
    this.#model.event("result", text, typeof serial === "string" ? serial : undefined, result.success);
    const entry = this.#waitingFor(payload, meter);
    if (entry === undefined) return;
    const [id, waiting] = entry;
    this.#waiting.delete(id);
    clearTimeout(waiting.timer);
    waiting.resolve(result);
  }

  /** By the command's id; a gateway that was given none made its own, so the oldest of meter and command is meant. */
  #waitingFor(payload: Record<string, unknown>, meter: DemoMeter | undefined): [string, Waiting] | undefined {
    const id = payload["commandId"];
    const exact = typeof id === "string" ? this.#waiting.get(id) : undefined;
    if (exact !== undefined) return [String(id), exact];
    if (this.#options.commandIds ?? true) return undefined;
    for (const entry of this.#waiting) {
      if (entry[1].meter === meter && entry[1].name === payload["command"]) return entry;
    }
    return undefined;
  }
}

/** A gateway may say who it is in the handshake; else each socket is one of its own. */
function gatewayOf(socket: Socket): string {
  const id: unknown = socket.handshake.auth["gateway"];
  return typeof id === "string" ? id : socket.id;
}

function ownResult(outcome: string, detail: string): DemoResult {
  return { success: false, outcome, detail };
}

function keep<T>(list: T[], item: T): void {
  list.push(item);
  if (list.length > KEPT) list.shift();
}
