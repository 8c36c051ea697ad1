/**
 * Whole sessions with somebody hostile in between, and with a peer that answers in the right form what means harm.
 * Both ends run; whatever becomes of the session, nothing throws and every request ends.
 */
import {
  type ServiceRequest,
  type ServiceResponse,
  type SessionEvent,
  type SessionIntent,
} from "../../../association/index.js";
import { data, type Data } from "../../../axdr/index.js";
import { type Machine } from "../../../core/machine.js";
import { parseObis } from "../../../cosem/obis.js";
import {
  clientEnd,
  ForetoldOutside,
  type LinkFraming,
  serverEnd,
  type SessionKind,
  sessionKinds,
} from "../session-ends.js";
import { drawSpoiled, type Spoiled, SpoiledWire } from "../spoil.js";
import { type AnyTarget, hold, isRefusal, type Target, type Watch } from "../target.js";

interface SessionInput {
  readonly kind: SessionKind;
  readonly framing: LinkFraming;
  readonly pdu: number;
  readonly requests: readonly ("get" | "get-many" | "set" | "action" | "access" | "long-set")[];
  /** What the server's values are long. */
  readonly octets: number;
  readonly toServer: readonly Spoiled[];
  readonly toClient: readonly Spoiled[];
}

/** Longest that a session of a few requests may take, were each to wait for its last repetition. */
const LONGEST_MS = 3_600_000;
/** Steps of both machines together; more is an endless conversation. */
const MOST_STEPS = 20_000;

const session: Target<SessionInput> = {
  name: "session",
  about: "a session of a client and a server with an attacker in the middle, clear and ciphered",
  draw(random) {
    const chunks = random.pick([6, 12, 40]);
    const most = random.pick([2, 8]);
    return {
      kind: random.pick(sessionKinds),
      framing: random.pick(["hdlc", "wrapper"] as const),
      pdu: random.pick([0, 64, 200, 1_024, 65_535]),
      requests: random.times(1 + random.size(6), () =>
        random.pick(["get", "get-many", "set", "action", "access", "long-set"] as const),
      ),
      octets: random.pick([0, 20, 700, 5_000]),
      toServer: random.once(4) ? [] : drawSpoiled(random, chunks, most),
      toClient: random.once(4) ? [] : drawSpoiled(random, chunks, most),
    };
  },
  run(input, watch) {
    const { kind, framing, pdu } = input;
    const ends = new Ends(clientEnd(kind, framing, pdu), serverEnd(kind, framing, pdu), input, watch);
    ends.run(input.requests.map((request) => requestOf(request, input.octets)));
  },
};

function requestOf(name: SessionInput["requests"][number], octets: number): ServiceRequest {
  const attribute = { classId: 1, instanceId: parseObis("0-0:96.1.0.255"), attributeId: 2 };
  const method = { classId: 9, instanceId: parseObis("0-0:10.0.0.255"), methodId: 1 };
  const value = data.octetString(new Uint8Array(octets));
  switch (name) {
    case "get":
      return { type: "get", items: [{ attribute }] };
    case "get-many":
      return { type: "get", items: [{ attribute }, { attribute }, { attribute }] };
    case "set":
      return { type: "set", items: [{ attribute, data: data.unsigned(1) }] };
    case "long-set":
      return { type: "set", items: [{ attribute, data: value }] };
    case "action":
      return { type: "action", items: [{ method, parameters: value }] };
    case "access":
      return {
        type: "access",
        items: [
          { service: "get", attribute },
          { service: "action", method },
        ],
      };
  }
}

/** What a server answers: as many results as there are members. */
export function answerOf(request: ServiceRequest, value: (i: number) => Data): ServiceResponse {
  switch (request.type) {
    case "get":
      return { type: "get", results: request.items.map((_, i) => ({ type: "data", data: value(i) })) };
    case "set":
      return { type: "set", results: request.items.map(() => "success" as const) };
    case "action":
      return {
        type: "action",
        results: request.items.map((_, i) => ({
          result: "success",
          returnParameters: { type: "data", data: value(i) },
        })),
      };
    case "access":
      return {
        type: "access",
        results: request.items.map(({ service }, i) =>
          service === "get"
            ? { service, result: { type: "data", data: value(i) } }
            : service === "set"
              ? { service, result: "success" }
              : { service, result: "success" },
        ),
      };
  }
}

type End = Machine<SessionIntent, SessionEvent>;

/** Turns both machines until neither has anything left, timers included. */
class Ends {
  readonly #client: End;
  readonly #server: End;
  readonly #value: Data;
  readonly #outsides = { client: new ForetoldOutside(), server: new ForetoldOutside() };
  readonly #wires: { readonly toServer: SpoiledWire; readonly toClient: SpoiledWire };
  readonly #watch: Watch;
  readonly #open = new Set<number>();
  #isOver = false;
  #now = 0;
  #steps = 0;

  constructor(client: End, server: End, input: SessionInput, watch: Watch) {
    this.#client = client;
    this.#server = server;
    this.#value = data.octetString(new Uint8Array(input.octets));
    this.#wires = {
      toServer: new SpoiledWire(input.toServer),
      toClient: new SpoiledWire(input.toClient),
    };
    this.#watch = watch;
  }

  run(requests: readonly ServiceRequest[]): void {
    this.#client.send(0, { type: "associate" });
    requests.forEach((request, id) => {
      this.#open.add(id);
      this.#tell(this.#client, { type: "request", id, request });
    });
    this.#settle();
    while (this.#now < LONGEST_MS && !(this.#isOver || this.#open.size === 0)) {
      const next = Math.min(this.#client.nextTimeout() ?? Infinity, this.#server.nextTimeout() ?? Infinity);
      if (next === Infinity) break;
      this.#now = Math.max(this.#now, next);
      this.#watch(() => this.#client.handleTimeout(this.#now));
      this.#watch(() => this.#server.handleTimeout(this.#now));
      this.#settle();
    }
    this.#tell(this.#client, { type: "abort" });
    this.#tell(this.#server, { type: "abort" });
    this.#settle();
    hold(this.#open.size === 0, `requests ${[...this.#open].join(", ")} never ended`);
  }

  /** What we may not ask for at this time is refused, not thrown anyhow. */
  #tell(end: End, intent: SessionIntent): void {
    try {
      end.send(this.#now, intent);
    } catch (caught) {
      if (!isRefusal(caught)) throw caught;
      if (intent.type === "request") this.#open.delete(intent.id);
    }
  }

  #settle(): void {
    for (;;) {
      hold(++this.#steps < MOST_STEPS, "the two never come to rest");
      const busy = [
        this.#carry(this.#client, this.#server, this.#wires.toServer),
        this.#carry(this.#server, this.#client, this.#wires.toClient),
        this.#hear(this.#client, "client"),
        this.#hear(this.#server, "server"),
      ];
      if (!busy.includes(true)) return;
    }
  }

  #carry(from: End, to: End, wire: SpoiledWire): boolean {
    const bytes = from.pollTransmit();
    if (bytes === undefined) return false;
    for (const chunk of wire.carry(bytes)) this.#watch(() => to.receive(this.#now, chunk));
    return true;
  }

  #hear(end: End, role: "client" | "server"): boolean {
    const event = end.pollEvent();
    if (event === undefined) return false;
    if ("error" in event && event.error !== undefined)
      hold(event.error.code !== "INTERNAL", `${event.type}: ${event.error.stack ?? event.error.message}`);
    if (role === "client" && (event.type === "response" || event.type === "failed")) {
      if (event.id !== undefined) hold(this.#open.delete(event.id), `request ${event.id} ended twice`);
    }
    if (role === "client" && (event.type === "closed" || event.type === "released")) this.#isOver = true;
    const answer = this.#outsides[role].answer(event);
    if (answer !== undefined) this.#tell(end, answer);
    if (event.type === "indication") {
      const response = answerOf(event.request, () => this.#value);
      this.#tell(end, { type: "respond", id: event.id, response });
    }
    return true;
  }
}

export const sessionTargets: readonly AnyTarget[] = [session];
