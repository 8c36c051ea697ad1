/**
 * The HTTP calls that newer backends make to their DLMS service, answered by this gateway: they carry the meter's number
 * and wait for the result, so reading and writing work without any change to the backend. A meter is reached only while
 * it is dialled in; addresses, ports and logins in the calls are ignored.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo } from "node:net";
import { asDlmsError, DlmsError, usageError } from "../core/errors.js";
import { type Secret } from "../core/secret.js";
import { type LogEvent } from "../gateway/events.js";
import { type Clock } from "../transport/clock.js";
import { type RegistryLike } from "./options.js";
import { answerShim, shimPaths } from "./shim-calls.js";
import {
  bearerOf,
  isFromPage,
  isLoopback,
  readBody,
  refusal,
  sameText,
  type ShimAnswer,
} from "./shim-http.js";
import { type ShimRunner } from "./shim-runs.js";

export interface ShimOptions {
  /** 0 takes any free port. */
  readonly port: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Callers must send it as `Authorization: Bearer …`; absent: nobody has to. */
  readonly token?: Secret<string>;
  readonly limits?: Partial<ShimLimits>;
}

export interface ShimLimits {
  /** Octets of one call. */
  readonly bodyBytes: number;
  /** Calls under way at the same time. */
  readonly calls: number;
  readonly connections: number;
  /** How long one call may take; the callers give up after 35 s and 60 s. */
  readonly readMs: number;
  readonly batchMs: number;
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
}

export const shimLimits: ShimLimits = {
  bodyBytes: 65_536,
  calls: 100,
  connections: 200,
  readMs: 33_000,
  batchMs: 57_000,
  retryMinMs: 1_000,
  retryMaxMs: 30_000,
};

export interface ShimDeps {
  readonly registry: RegistryLike;
  readonly runs: ShimRunner;
  readonly clock: Clock;
  readonly log: (level: LogEvent["level"], text: string) => void;
}

export class DlmsShim {
  readonly #options: ShimOptions;
  readonly #limits: ShimLimits;
  readonly #deps: ShimDeps;
  #server: Server | undefined;
  #cancelRetry: (() => void) | undefined;
  #retryMs = 0;
  /** Why the port is not open, told once. */
  #said = "";
  #calls = 0;
  #stopped = false;

  constructor(options: ShimOptions, deps: ShimDeps) {
    this.#options = options;
    this.#limits = { ...shimLimits, ...options.limits };
    this.#deps = deps;
  }

  /** The port that is open; undefined while it is not. */
  get port(): number | undefined {
    const address = this.#server?.listening === true ? this.#server.address() : null;
    return (address as AddressInfo | null)?.port;
  }

  /** Opens its port; while it is taken, tries again by itself. */
  start(): void {
    if (this.#stopped || this.#server !== undefined) return;
    this.#deps.runs.start();
    const { host = "127.0.0.1", port, token } = this.#options;
    const server = createServer((request, response) => this.#handle(request, response));
    this.#server = server;
    server.maxConnections = this.#limits.connections;
    server.requestTimeout = 10_000;
    server.headersTimeout = 10_000;
    server.on("error", (error: NodeJS.ErrnoException) => this.#failed(server, error));
    server.listen({ host, port, exclusive: true }, () => {
      this.#retryMs = 0;
      this.#said = "";
      this.#deps.log("info", `DLMS calls of the backend are answered at ${host}:${this.port ?? port}`);
      if (token === undefined && !isLoopback(host))
        this.#deps.log("warn", `The DLMS calls at ${host} can be made by anybody: no token is set`);
    });
  }

  /** Frees the port; calls under way end. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#deps.runs.stop();
    this.#cancelRetry?.();
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  }

  #failed(server: Server, error: NodeJS.ErrnoException): void {
    if (this.#stopped || this.#server !== server || server.listening) return;
    this.#server = undefined;
    const { retryMinMs, retryMaxMs } = this.#limits;
    this.#retryMs = Math.min(retryMaxMs, Math.max(retryMinMs, this.#retryMs * 2));
    const taken = error.code === "EADDRINUSE";
    const reason = taken ? "is taken by another program" : `cannot be opened (${error.code ?? "error"})`;
    if (reason !== this.#said)
      this.#deps.log(
        "error",
        `Port ${this.#options.port} for the backend's DLMS calls ${reason}; tried again`,
      );
    this.#said = reason;
    const { clock } = this.#deps;
    this.#cancelRetry = clock.at(clock.now() + this.#retryMs, () => this.start());
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    this.#answer(request)
      .catch((caught: unknown) => refusal(asDlmsError(caught)))
      .then(({ status, body }) => {
        // The caller may have given up meanwhile.
        if (response.destroyed) return;
        const text = JSON.stringify(body);
        response.writeHead(status, {
          "content-type": "application/json; charset=utf-8",
          "cache-control": "no-store",
        });
        response.end(text);
      })
      .catch((caught: unknown) => {
        this.#deps.log("error", `A DLMS call failed: ${asDlmsError(caught).message}`);
        response.destroy();
      });
  }

  async #answer(request: IncomingMessage): Promise<ShimAnswer> {
    const { host = "127.0.0.1", token } = this.#options;
    // Read to its end first: an answer before it would cut the caller's connection.
    const body = await readBody(request, this.#limits.bodyBytes);
    if (isFromPage(request, isLoopback(host)))
      return refusal(new DlmsError("CALLER_REFUSED", "Web pages may not make this call."));
    const path = (request.url ?? "/").split("?")[0]?.replace(/(.)\/$/, "$1") ?? "/";
    if (path !== "/health" && token !== undefined && !sameText(token.reveal(), bearerOf(request)))
      return refusal(new DlmsError("CALLER_REFUSED", "The token is missing or wrong."), 401);
    const call = shimPaths[`${request.method ?? ""} ${path}`];
    if (call === undefined)
      return refusal(usageError("UNKNOWN_COMMAND", "path", "There is no such call."), 404);
    if (this.#calls >= this.#limits.calls) return refusal(new DlmsError("QUEUE_FULL"));
    this.#calls += 1;
    try {
      return await answerShim(call, body, this.#deps, this.#limits);
    } finally {
      this.#calls -= 1;
    }
  }
}
