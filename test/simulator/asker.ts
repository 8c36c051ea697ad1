/**
 * A client session wired to a simulated meter in memory, turned by hand at a time of the test's own: what a gateway
 * would ask, without sockets and clocks.
 */
import assert from "node:assert/strict";
import {
  type AssociationInfo,
  type ClientOptions,
  type ServiceRequest,
  type ServiceResponse,
  Session,
  type SessionEvent,
} from "../../src/association/index.js";
import { type Data } from "../../src/axdr/index.js";
import { parseObis } from "../../src/cosem/obis.js";
import { Secret } from "../../src/core/secret.js";
import { type DlmsError } from "../../src/core/errors.js";
import { fromLatin1 } from "../../src/bytes/hex.js";
import { HdlcLink } from "../../src/hdlc/link.js";
import { dialectByName, type Dialect } from "../../src/meter-types/dialects/index.js";
import { type SecurityProvided } from "../../src/security/index.js";
import { MemoryCounters } from "../../src/transport/outside.js";
import { presets } from "../../src/meter-types/presets.js";
import { framingOf } from "../../src/simulator/meter-options.js";
import {
  SimulatedMeter,
  type SimulatorEvent,
  type SimulatorIntent,
} from "../../src/simulator/simulated-meter.js";
import { type SimulatedMeterOptions } from "../../src/simulator/meter-options.js";
import { WrapperLink } from "../../src/wrapper/link.js";
import { type GetDataResult, type Selection } from "../../src/xdlms/index.js";

export const NOON = Date.UTC(2025, 5, 11, 11);

export function dialect(name: string): Dialect {
  const found = dialectByName(name);
  assert.ok(found, name);
  return found;
}

export function aMeter(options: Partial<SimulatedMeterOptions> = {}): SimulatedMeter {
  return new SimulatedMeter({
    serial: "46000755036",
    meterType: presets.hexcell,
    dialect: dialect("hexcell-login"),
    seed: 7,
    epochAtZero: NOON,
    ...options,
  });
}

/** How the client associates; `security` instead of what the meter type says. */
export interface AskingClient {
  readonly clientSap?: number;
  readonly password?: string;
  readonly security?: ClientOptions;
}

/** The gateway's half of one connection. `now` is the time both live at. */
export class Asker {
  now = 0;
  /** Everything the meter sent, in order. */
  readonly sent: Uint8Array[] = [];
  readonly meterEvents: SimulatorEvent[] = [];
  readonly sessionEvents: SessionEvent[] = [];
  readonly meter: SimulatedMeter;
  #session: Session;
  #nextId = 1;
  /** Whether logins and heartbeats are answered. */
  answersLogins = true;

  readonly #counters = new MemoryCounters();
  #randoms = 0;

  constructor(meter: SimulatedMeter, client?: AskingClient) {
    this.meter = meter;
    this.#session = clientSession(meter.options, client);
  }

  tell(intent: SimulatorIntent): void {
    this.meter.send(this.now, intent);
    this.turn();
  }

  /** Lets time pass, firing every timer of both sides on its way. */
  advance(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const times = [this.meter.nextTimeout(), this.#session.nextTimeout()];
      const next = Math.min(...times.filter((time) => time !== undefined), end);
      this.now = Math.max(this.now, next);
      if (next >= end) break;
      this.meter.handleTimeout(this.now);
      this.#session.handleTimeout(this.now);
      this.turn();
    }
    this.meter.handleTimeout(this.now);
    this.#session.handleTimeout(this.now);
    this.turn();
  }

  /** Bytes from the gateway that are no DLMS, such as the answer to a login. */
  inject(bytes: Uint8Array): void {
    this.meter.receive(this.now, bytes);
    this.turn();
  }

  associate(): AssociationInfo {
    this.#session.send(this.now, { type: "associate" });
    this.turn();
    for (const event of [...this.sessionEvents].reverse()) {
      if (event.type === "associated") return event.info;
      if (event.type === "failed") throw event.error;
    }
    throw new Error("no answer to the AARQ");
  }

  ask(request: ServiceRequest): ServiceResponse {
    const answer = this.request(request);
    if (answer === undefined) throw new Error("no answer");
    if ("code" in answer) throw answer;
    return answer;
  }

  /** The answer, the error, or undefined while there is none. */
  request(request: ServiceRequest): ServiceResponse | DlmsError | undefined {
    const id = this.#nextId++;
    this.#session.send(this.now, { type: "request", id, request });
    this.turn();
    return this.answerTo(id);
  }

  answerTo(id = this.#nextId - 1): ServiceResponse | DlmsError | undefined {
    for (const event of this.sessionEvents) {
      if (event.type === "response" && event.id === id) return event.response;
      if (event.type === "failed" && event.id === id) return event.error;
    }
    return undefined;
  }

  read(classId: number, obis: string, attributeId = 2, selection?: Selection): GetDataResult {
    const attribute = { classId, instanceId: parseObis(obis), attributeId };
    const response = this.ask({
      type: "get",
      items: [selection === undefined ? { attribute } : { attribute, selection }],
    });
    assert.equal(response.type, "get");
    return response.results[0] as GetDataResult;
  }

  /** The data, or the result code as text. */
  value(classId: number, obis: string, attributeId = 2, selection?: Selection): Data {
    const result = this.read(classId, obis, attributeId, selection);
    if (result.type !== "data") throw new Error(`${obis} attribute ${attributeId}: ${result.error}`);
    return result.data;
  }

  number(classId: number, obis: string, attributeId = 2): number {
    const { value } = this.value(classId, obis, attributeId) as { value: unknown };
    assert.equal(typeof value, "number");
    return value as number;
  }

  write(classId: number, obis: string, data: Data, attributeId = 2): string | number | undefined {
    const attribute = { classId, instanceId: parseObis(obis), attributeId };
    const response = this.ask({ type: "set", items: [{ attribute, data }] });
    assert.equal(response.type, "set");
    return response.results[0];
  }

  act(classId: number, obis: string, methodId: number, parameters?: Data): string | number | undefined {
    const method = { classId, instanceId: parseObis(obis), methodId };
    const response = this.ask({
      type: "action",
      items: [parameters === undefined ? { method } : { method, parameters }],
    });
    assert.equal(response.type, "action");
    return response.results[0]?.result;
  }

  /** Names of what the meter told, in order. */
  told(): string[] {
    return this.meterEvents.map((event) => (event.type === "event" ? event.name : event.type));
  }

  #isLogin(bytes: Uint8Array): boolean {
    const { dialect } = this.meter.options;
    const login = dialect.recognise?.(bytes, true);
    if (login?.state !== "match") return false;
    const reply = dialect.reply?.(login.values, bytes);
    if (reply !== undefined && this.answersLogins) this.meter.receive(this.now, reply);
    return true;
  }

  turn(): void {
    for (let moved = true; moved;) {
      moved = false;
      for (let bytes = this.meter.pollTransmit(); bytes !== undefined; bytes = this.meter.pollTransmit()) {
        moved = true;
        this.sent.push(bytes);
        if (!this.#isLogin(bytes)) this.#session.receive(this.now, bytes);
      }
      for (
        let bytes = this.#session.pollTransmit();
        bytes !== undefined;
        bytes = this.#session.pollTransmit()
      ) {
        moved = true;
        this.meter.receive(this.now, bytes);
      }
    }
    let provided = false;
    for (let event = this.meter.pollEvent(); event !== undefined; event = this.meter.pollEvent()) {
      const answer = this.#provide(event);
      if (answer === undefined) this.meterEvents.push(event);
      else this.meter.send(this.now, answer);
      provided ||= answer !== undefined;
    }
    for (let event = this.#session.pollEvent(); event !== undefined; event = this.#session.pollEvent()) {
      const answer = this.#provide(event);
      if (answer === undefined) this.sessionEvents.push(event);
      else this.#session.send(this.now, answer);
      provided ||= answer !== undefined;
    }
    if (provided) this.turn();
  }

  /** What a session asks of the outside: octets that never repeat, counters. */
  #provide(event: SimulatorEvent | SessionEvent): SecurityProvided | undefined {
    if (event.type === "needRandom") {
      const random = new Uint8Array(event.octets).fill(++this.#randoms);
      return { type: "provided", id: event.id, random };
    }
    if (event.type !== "needCounters") return undefined;
    const counters = this.#counters.reserveCounter(event.key, event.atLeast, event.count);
    return { type: "provided", id: event.id, counters };
  }
}

function clientSession(
  options: SimulatedMeterOptions,
  { clientSap, password, security }: AskingClient = {},
): Session {
  const { association } = options.meterType;
  const client = clientSap ?? association.clientSap;
  const link =
    framingOf(options) === "hdlc"
      ? new HdlcLink({
          station: "primary",
          client: { upper: client, octets: 1 },
          server: {
            upper: association.serverSap,
            octets: association.hdlcAddressOctets,
            ...(association.hdlcServerLower === undefined ? {} : { lower: association.hdlcServerLower }),
          },
        })
      : new WrapperLink({ role: "client", clientWPort: client, serverWPort: association.serverSap });
  const asPublic = clientSap !== undefined && clientSap !== association.clientSap;
  const secret = password === undefined ? association.secret : new Secret(fromLatin1(password));
  return new Session({
    role: "client",
    link,
    client: security ?? {
      mechanism: asPublic ? "none" : association.mechanism,
      ...(secret === undefined || asPublic ? {} : { secret }),
      maxReceivePdu: 0xffff,
    },
  });
}

/** A meter that has dialled in, and a client associated with it. */
export function dialledIn(options: Partial<SimulatedMeterOptions> = {}, client?: AskingClient): Asker {
  const asker = new Asker(aMeter(options), client);
  asker.tell({ type: "open" });
  asker.associate();
  return asker;
}
