/**
 * A run with everything recorded that people might be shown: each trace record as the frame inspector shows it, each
 * error as text, as JSON and as Node.js prints it, with its causes. Over a part of the matrix, every mechanism in clear,
 * and all bad input, no key, password, dedicated key, challenge answer or token stands in any of it, in no notation.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { inspect } from "node:util";
import { type SecurityOptions, type SessionEvent } from "../../src/association/index.js";
import { data } from "../../src/axdr/index.js";
import { toHex, toLatin1 } from "../../src/bytes/hex.js";
import { DlmsError } from "../../src/core/errors.js";
import { Secret } from "../../src/core/secret.js";
import { type TraceRecord } from "../../src/core/trace.js";
import { FrameTrace } from "../../src/inspect/index.js";
import { type SessionPair } from "../support/session-pair.js";
import { cases, forms, open } from "./security-bad-cases.js";
import {
  alter,
  both,
  energy,
  get,
  long,
  method,
  profile,
  securedPair,
  security,
  secret,
  text,
} from "./secured.js";
import { mechanisms, rows, sizes } from "./security-rows.js";

const TOKEN = "48643202781314010686";
const digits = Uint8Array.from(TOKEN, (digit) => digit.charCodeAt(0));
const packed = Uint8Array.from({ length: 10 }, (_, i) => Number.parseInt(TOKEN.slice(2 * i, 2 * i + 2), 16));
const gateway = { classId: 115, obis: "0-0:19.40.0.255", methodId: 1 };

/** What was shown, and what must not stand in it. */
class Recorder {
  readonly secrets: Uint8Array[] = [secret.reveal(), digits, packed];
  /** Of them, what must not even travel. */
  readonly #keys: Uint8Array[] = [];
  readonly #shown: string[] = [];
  readonly #raw: string[] = [];
  readonly #inspectors = { client: new FrameTrace(), server: new FrameTrace() };

  readonly trace = (side: "client" | "server", record: TraceRecord): void => {
    const { direction, bytes, text: note = "" } = record;
    this.#shown.push(note);
    if (bytes === undefined || direction === "note") return;
    this.#learn(bytes);
    this.#raw.push(toHex(bytes));
    const inspector = this.#inspectors[side];
    // As seen from the client.
    const way = (direction === "out") === (side === "client") ? "out" : "in";
    const { summary, hex, table } = inspector.inspect(bytes, way, { objects: [], literals: [] });
    this.#shown.push(summary, hex, table);
  };

  /** Errors of both sides, and what else events say in words. */
  heard(pair: SessionPair): void {
    for (const event of [...pair.eventsA, ...pair.eventsB] as SessionEvent[]) {
      if (event.type === "noise") this.#shown.push(event.reason);
      if ("error" in event && event.error !== undefined) this.error(event.error);
      if (event.type === "associated") this.#shown.push(inspect(event.info), JSON.stringify(event.info));
    }
  }

  error(caught: unknown): void {
    const deep = { depth: 12, maxArrayLength: null, showHidden: true } as const;
    this.#shown.push(String(caught), inspect(caught, deep), JSON.stringify(caught));
    if (!(caught instanceof Error)) return;
    this.#shown.push(caught.message, caught.stack ?? "");
    if (caught instanceof DlmsError) this.#shown.push(JSON.stringify(caught.toPayload()));
    if (caught.cause !== undefined) this.error(caught.cause);
  }

  options(...all: readonly (SecurityOptions | undefined)[]): void {
    for (const options of all) {
      if (options === undefined) continue;
      const { curve, ...keys } = options.keys;
      for (const key of [...Object.values(keys), curve?.signing, curve?.agreement, curve?.ephemeral])
        if (key instanceof Secret) this.#keys.push(key.reveal());
      this.#shown.push(inspect(options, { depth: 12 }), JSON.stringify(options));
    }
  }

  check(): void {
    const shown = this.#shown.join("\n");
    assert.ok(shown.length > 100);
    const lower = shown.toLowerCase();
    const raw = this.#raw.join(" ");
    for (const octets of this.#keys) assert.ok(!raw.includes(toHex(octets.subarray(0, 8))), toHex(octets));
    for (const octets of [...this.secrets, ...this.#keys])
      for (const form of notations(octets))
        assert.ok(!lower.includes(form.toLowerCase()), `${toHex(octets)} is shown as ${form}`);
  }

  /** Answers to challenges are secrets once they are known: they travel in clear where APDUs do. */
  #learn(bytes: Uint8Array): void {
    const hex = toHex(bytes);
    const asked = /C301..000F0000280000FF010109(..)/.exec(hex) ?? /C701..00010009(..)/.exec(hex);
    if (asked === null) return;
    const start = (asked.index + asked[0].length) / 2;
    const octets = bytes.slice(start, start + Number.parseInt(asked[1] as string, 16));
    if (octets.length >= 8 && octets.length < 0x80) this.secrets.push(octets);
  }
}

/** Any eight octets of it, as people and machines write octets. */
function notations(octets: Uint8Array): string[] {
  const forms: string[] = [];
  for (let at = 0; at + 8 <= octets.length; at += 4) {
    const part = octets.subarray(at, at + 8);
    const numbers = [...part].map(String);
    forms.push(toHex(part), toHex(part, " "), toHex(part, ":"), numbers.join(", "), numbers.join(","));
    // Printable text only: anything else would match by accident.
    if (part.every((octet) => octet >= 0x20 && octet < 0x7f)) forms.push(toLatin1(part));
  }
  forms.push(Buffer.from(octets).toString("base64"), Buffer.from(octets).toString("base64url"));
  return forms;
}

function challengeOctets(mechanism: string): number {
  if (!mechanism.startsWith("hls")) return 0;
  return mechanism === "hls-ecdsa" ? 32 : 16;
}

async function exercise(pair: SessionPair, recorder: Recorder): Promise<void> {
  pair.store.methods.set(`115/${gateway.obis}/1`, () => ({ result: "success" }));
  const client = pair.client();
  try {
    await client.associate();
    await client.get(energy);
    await client.get(text);
    await client.set(text, data.unsigned(7));
    await client.action(method, long);
    await client.action(gateway, data.octetString(digits));
    await client.action(gateway, data.octetString(packed));
    await client.readProfile(profile);
    await client.release();
  } catch (caught) {
    recorder.error(caught);
  }
  recorder.heard(pair);
}

describe("nothing that is shown holds a secret", () => {
  for (const mechanism of mechanisms)
    for (const framing of ["hdlc", "wrapper"] as const)
      it(`${mechanism} in clear, ${framing}`, async () => {
        const recorder = new Recorder();
        const [client, server] = [security("client", 1), security("server", 1)];
        recorder.options(client, server);
        const pair = securedPair({ mechanism, framing, client, server, trace: recorder.trace });
        await exercise(pair, recorder);
        assert.ok(pair.eventsA.some(({ type }) => type === "released"));
        if (mechanism.startsWith("hls") && framing === "wrapper") assert.ok(recorder.secrets.length >= 5);
        recorder.check();
      });

  for (const row of rows.filter((_, i) => i % 9 === 0))
    it(row.name, async () => {
      const recorder = new Recorder();
      const { mechanism, suite, framing } = row;
      const client = security("client", suite, row.security);
      const server = security("server", suite, row.security);
      recorder.options(client, server);
      const pair = securedPair({
        ...{ mechanism, framing, client, server, trace: recorder.trace },
        ...sizes(row),
      });
      // Challenges are drawn too; a dedicated key together with one.
      let draws = 0;
      pair.random = (octets) => {
        draws += 1;
        const drawn = new Uint8Array(createHash("sha512").update(`${draws}`).digest()).subarray(0, octets);
        const challenge = challengeOctets(mechanism);
        if (row.security.keySet === "dedicated" && octets > challenge)
          recorder.secrets.push(drawn.slice(challenge));
        return drawn;
      };
      await exercise(pair, recorder);
      recorder.check();
    });

  for (const form of forms)
    for (const way of ["a>b", "b>a"] as const)
      it(`bad input under ${form.name}, ${way === "a>b" ? "to" : "from"} the meter`, () => {
        const recorder = new Recorder();
        recorder.options(
          security("client", form.suite, form.more),
          security("server", form.suite, form.more),
        );
        for (const { change } of cases) {
          const pair = open(form, { trace: recorder.trace });
          alter(pair, way, change);
          pair.sendA(get);
          recorder.heard(pair);
        }
        recorder.check();
      });

  it("wrong secrets and keys of every mechanism", () => {
    const recorder = new Recorder();
    const wrong = new Secret(Uint8Array.from({ length: 16 }, (_, i) => 0xa1 + 5 * i));
    const wrongKey = new Secret(Uint8Array.from({ length: 16 }, (_, i) => 0xf1 ^ (11 * i)));
    recorder.secrets.push(wrong.reveal());
    for (const mechanism of mechanisms)
      for (const protection of [undefined, both]) {
        const more = protection === undefined ? {} : { protection };
        const client = security("client", 1, more);
        const server = security("server", 1, more);
        const spoilt = { ...client, keys: { ...client.keys, unicast: wrongKey } };
        recorder.options(client, server, spoilt);
        for (const side of [client, spoilt]) {
          const pair = securedPair({
            ...{ mechanism, client: side, server, clientSecret: wrong },
            trace: recorder.trace,
          });
          pair.sendA({ type: "associate" });
          recorder.heard(pair);
        }
      }
    recorder.check();
  });

  it("a recorder that sees a secret says so", () => {
    const recorder = new Recorder();
    recorder.error(
      new Error(
        `the password is ${toLatin1(secret.reveal())}, all of it, for a hundred characters: ${"-".repeat(99)}`,
      ),
    );
    assert.throws(() => recorder.check(), /is shown as/);
  });
});
