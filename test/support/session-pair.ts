/** A client session and a server session over one kind of link, joined by an imaginary wire. */
import {
  type ClientOptions,
  type ServerOptions,
  Session,
  type SessionEvent,
  type SessionIntent,
} from "../../src/association/index.js";
import { type Machine, type Port } from "../../src/core/machine.js";
import { type TraceRecord, type TraceSink } from "../../src/core/trace.js";
import { DlmsClient, type DlmsClientOptions } from "../../src/client/index.js";
import { type HdlcAddress, HdlcLink } from "../../src/hdlc/index.js";
import { WrapperLink } from "../../src/wrapper/index.js";
import { MachinePair } from "./pair.js";
import { ObjectStore } from "./store.js";

export interface SessionPairOptions {
  readonly framing?: "hdlc" | "wrapper";
  readonly server?: HdlcAddress;
  readonly information?: number;
  readonly clientSap?: number;
  readonly clientOptions?: Partial<ClientOptions>;
  readonly serverOptions?: Partial<ServerOptions>;
  readonly dlmsClient?: DlmsClientOptions;
  /** Sees what both ends and their links trace. */
  readonly trace?: (side: "client" | "server", record: TraceRecord) => void;
}

export class SessionPair extends MachinePair<SessionIntent, SessionEvent, SessionIntent, SessionEvent> {
  readonly store = new ObjectStore();
  /** The server answers indications from the store; a test may take this over. */
  respond = (id: number, request: Extract<SessionEvent, { type: "indication" }>["request"]): void =>
    this.b.send(this.now, { type: "respond", id, response: this.store.answer(request) });

  constructor(options: SessionPairOptions = {}) {
    const [client, server] = links(options);
    super(
      new Session({
        role: "client",
        link: client,
        client: { mechanism: "none", ...options.clientOptions },
        ...traceOf(options, "client"),
      }),
      new Session({
        role: "server",
        link: server,
        server: { accept: [{ mechanism: "none" }], ...options.serverOptions },
        ...traceOf(options, "server"),
      }),
    );
    this.onEventA = (event) => this.#provide(this.a, event);
    this.onEventB = (event) => {
      this.#provide(this.b, event);
      if (event.type === "indication") this.respond(event.id, event.request);
    };
  }

  /** Random octets that a test can foretell and that never come twice; counters from 1, or from where a test says. */
  random = (octets: number): Uint8Array => {
    this.#randomCalls += 1;
    return Uint8Array.from({ length: octets }, (_, i) => (this.#randomCalls * 31 + i * 7) & 0xff);
  };
  nextCounter: Record<string, number> = {};
  #randomCalls = 0;

  #provide(machine: Machine<SessionIntent, SessionEvent>, event: SessionEvent): void {
    if (event.type === "needRandom")
      machine.send(this.now, { type: "provided", id: event.id, random: this.random(event.octets) });
    if (event.type !== "needCounters") return;
    const from = Math.max(this.nextCounter[event.key] ?? 1, event.atLeast);
    const to = from + event.count - 1;
    this.nextCounter[event.key] = to + 1;
    machine.send(this.now, { type: "provided", id: event.id, counters: { from, to } });
  }

  /** The client's end as a port; intents are carried out, and their consequences told, in a later turn. */
  port(): Port<SessionIntent, SessionEvent> {
    const listeners = new Set<(event: SessionEvent) => void>();
    this.onEventA = (event) => {
      this.#provide(this.a, event);
      listeners.forEach((listener) => listener(event));
    };
    let settling = false;
    return {
      send: (intent) => {
        this.a.send(this.now, intent);
        if (settling) return;
        settling = true;
        queueMicrotask(() => {
          settling = false;
          this.settle();
        });
      },
      subscribe: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
  }

  client(options?: DlmsClientOptions): DlmsClient {
    return new DlmsClient(this.port(), options);
  }
}

function links(options: SessionPairOptions) {
  const { framing = "hdlc", server = { upper: 1, octets: 1 }, information, clientSap = 16 } = options;
  const [atClient, atServer] = [traceOf(options, "client"), traceOf(options, "server")];
  if (framing === "wrapper")
    return [
      new WrapperLink({ role: "client", clientWPort: clientSap, serverWPort: server.upper, ...atClient }),
      new WrapperLink({
        ...{ role: "server", clientWPort: 0, serverWPort: server.upper, acceptAnyAddress: true },
        ...atServer,
      }),
    ] as const;
  const client: HdlcAddress = { upper: clientSap, octets: 1 };
  const sizes =
    information === undefined ? {} : { maxInfoTransmit: information, maxInfoReceive: information };
  return [
    new HdlcLink({ station: "primary", client, server, ...sizes, ...atClient }),
    new HdlcLink({ station: "secondary", client, server, acceptAnyAddress: true, ...sizes, ...atServer }),
  ] as const;
}

function traceOf({ trace }: SessionPairOptions, side: "client" | "server"): { readonly trace?: TraceSink } {
  return trace === undefined ? {} : { trace: (record) => trace(side, record) };
}
