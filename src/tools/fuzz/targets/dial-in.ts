/**
 * Links as the listener has them, without its port: strangers, meters whose traffic somebody spoils, logins in the
 * middle of sessions, all against a clock that stands still. And simulated meters, which are servers of ours, too.
 */
import { DlmsError } from "../../../core/errors.js";
import { Claims } from "../../../gateway/claims.js";
import { Gate } from "../../../gateway/gate.js";
import { type LinkHost } from "../../../gateway/link-host.js";
import { MeterLink } from "../../../gateway/meter-link.js";
import { readNotification } from "../../../gateway/notifications.js";
import { resolveOptions } from "../../../gateway/options.js";
import { FramingMemory } from "../../../gateway/probe.js";
import { MeterRegistry } from "../../../gateway/registry.js";
import { Keyring } from "../../../gateway/security/keyring.js";
import { dialects } from "../../../meter-types/dialects/index.js";
import { presets } from "../../../meter-types/presets.js";
import { SimulatedMeter } from "../../../simulator/simulated-meter.js";
import { type ByteChannel } from "../../../transport/channel.js";
import { type Random } from "../random.js";
import { ForetoldOutside } from "../session-ends.js";
import { drawApdu, drawSpoiled, type Spoiled, SpoiledWire, wrapped } from "../spoil.js";
import { StillClock, turn } from "../still-clock.js";
import { type AnyTarget, hold, type Target, type Watch } from "../target.js";
import { chop } from "../mutate.js";
import { drawLogin, drawStream, userDialects } from "./streams.js";

/** Octets, or a time that passes. */
type Step = { readonly octets: Uint8Array } | { readonly waitMs: number };

type Caller =
  | { readonly kind: "stranger"; readonly steps: readonly Step[] }
  /** A simulated meter; what it sends is spoiled on the way. */
  | { readonly kind: "meter"; readonly dialect: number; readonly spoiled: readonly Spoiled[] };

const options = resolveOptions({ dialects: [...dialects, ...userDialects], concurrentAssociations: 2 });
const WHOLE_MS = 400_000;

function drawSteps(random: Random): Step[] {
  return random.times(1 + random.size(4), () => {
    if (random.once(3)) return { waitMs: random.pick([1, 600, 6_000, 130_000]) };
    return { octets: random.once(3) ? drawLogin(random) : drawStream(random).subarray(0, 20_000) };
  });
}

/** One link's end at the gateway. */
class Wire implements ByteChannel {
  readonly remoteAddress = "192.0.2.1";
  readonly bufferedBytes = 0;
  readonly #sent: (bytes: Uint8Array) => void;
  #data: ((bytes: Uint8Array) => void) | undefined;
  readonly #closing: ((error?: Error) => void)[] = [];
  isOver = false;

  constructor(sent: (bytes: Uint8Array) => void) {
    this.#sent = sent;
  }

  write(bytes: Uint8Array): void {
    if (!this.isOver) this.#sent(bytes.slice());
  }

  onData(listener: (bytes: Uint8Array) => void): void {
    this.#data = listener;
  }

  onClose(listener: (error?: Error) => void): void {
    this.#closing.push(listener);
  }

  close(): void {
    this.destroy();
  }

  destroy(): void {
    if (this.isOver) return;
    this.isOver = true;
    for (const listener of this.#closing) listener();
  }

  arrive(bytes: Uint8Array): void {
    if (!this.isOver) this.#data?.(bytes);
  }
}

/** What stands around links: as in the listener. */
class Station {
  readonly clock = new StillClock();
  readonly links = new Set<MeterLink>();
  readonly #registry = new MeterRegistry<MeterLink>({
    describe: (link) => ({ id: link.id, associated: link.isAssociated }),
    queued: () => 0,
    bound: () => undefined,
    zeroLengths: [],
  });
  readonly #claims = new Claims({
    registry: this.#registry,
    conflictProbeMs: options.times.conflictProbeMs,
    clock: this.clock,
    tell: () => undefined,
    offline: () => undefined,
  });
  readonly keyring = new Keyring({
    clock: this.clock,
    store: undefined,
    directory: undefined,
    log: () => undefined,
    nearEnd: () => undefined,
  });
  readonly #host: LinkHost = {
    options,
    clock: this.clock,
    gate: new Gate(options.concurrentAssociations),
    probes: new Gate(options.concurrentProbes),
    framings: new FramingMemory(),
    keyring: this.keyring,
    claim: (link, serial) => this.#claims.claim(link, serial),
    unclaim: (link) => this.#claims.release(link),
    tell: () => undefined,
    traffic: () => undefined,
    failed: (_link, what, error) => notInternal(what, error),
    notified: (_link, notification) => void readNotification(notification),
    log: () => undefined,
    ended: (link, why) => {
      this.links.delete(link);
      this.#claims.release(link);
      if (why instanceof DlmsError) notInternal("link", why);
    },
  };

  accept(wire: Wire): MeterLink {
    const link = new MeterLink(`${this.links.size + 1}`, wire, this.#host);
    this.links.add(link);
    link.start();
    return link;
  }
}

function notInternal(what: string, error: DlmsError): void {
  hold(error.code !== "INTERNAL", `${what}: ${error.stack ?? error.message}`);
}

const dialIn: Target<readonly Caller[]> = {
  name: "dial-in",
  about: "links of strangers and of meters whose traffic is spoiled, up to commands",
  draw: (random) =>
    random.times(random.between(1, 3), (): Caller => {
      if (random.once(2)) return { kind: "stranger", steps: drawSteps(random) };
      const spoiled = random.once(5) ? [] : drawSpoiled(random, random.pick([3, 10]), 5);
      return { kind: "meter", dialect: random.below(dialects.length), spoiled };
    }),
  async run(callers, watch) {
    const station = new Station();
    for (const [i, caller] of callers.entries()) {
      if (caller.kind === "stranger") await stranger(station, caller.steps, watch);
      else await meter(station, caller, i, watch);
    }
    await station.clock.advance(WHOLE_MS);
    for (const link of [...station.links]) link.end("over");
    await station.keyring.close();
    await station.clock.advance(WHOLE_MS);
    hold(station.clock.pending === 0, `${station.clock.pending} timers are left behind`);
  },
};

async function stranger(station: Station, steps: readonly Step[], watch: Watch): Promise<void> {
  const wire = new Wire(() => undefined);
  station.accept(wire);
  for (const step of steps) {
    if ("octets" in step) watch(() => wire.arrive(step.octets));
    else await station.clock.advance(step.waitMs);
    await turn();
  }
}

async function meter(
  station: Station,
  { dialect, spoiled }: Extract<Caller, { kind: "meter" }>,
  number: number,
  watch: Watch,
): Promise<void> {
  const simulated = new SimulatedMeter({
    serial: "46000000001",
    meterType: presets.hexcell,
    dialect: dialects[dialect] as (typeof dialects)[number],
    seed: number,
    objects: "minimal",
    heartbeatMs: 30_000,
  });
  const outside = new ForetoldOutside();
  const up = new SpoiledWire(spoiled);
  const toMeter: Uint8Array[] = [];
  const wire = new Wire((bytes) => toMeter.push(bytes));
  station.accept(wire);
  const { clock } = station;
  simulated.send(clock.now(), { type: "open" });
  for (let rounds = 0; rounds < 60 && !wire.isOver; rounds++) {
    for (let quiet = false; !quiet;) {
      quiet = true;
      for (let event = simulated.pollEvent(); event !== undefined; event = simulated.pollEvent()) {
        const answer = outside.answer(event);
        if (answer !== undefined) simulated.send(clock.now(), answer);
        if (event.type === "hang-up") wire.destroy();
        quiet = false;
      }
      for (let sent = simulated.pollTransmit(); sent !== undefined; sent = simulated.pollTransmit()) {
        for (const chunk of up.carry(sent)) watch(() => wire.arrive(chunk));
        quiet = false;
      }
      await turn();
      for (const bytes of toMeter.splice(0)) {
        simulated.receive(clock.now(), bytes);
        quiet = false;
      }
    }
    await clock.advance(rounds < 30 ? 100 : 5_000);
    simulated.handleTimeout(clock.now());
  }
  simulated.send(clock.now(), { type: "closed" });
  wire.destroy();
}

interface MeterInput {
  readonly framing: "hdlc" | "wrapper";
  readonly dialect: number;
  readonly steps: readonly Step[];
}

const AARQ = Uint8Array.from([
  ...[0x60, 0x1d, 0xa1, 0x09, 0x06, 0x07, 0x60, 0x85, 0x74, 0x05, 0x08, 0x01, 0x01, 0xbe, 0x10, 0x04, 0x0e],
  ...[0x01, 0x00, 0x00, 0x00, 0x06, 0x5f, 0x1f, 0x04, 0x00, 0x00, 0x7e, 0x1f, 0x04, 0xb0],
]);

const simulator: Target<MeterInput> = {
  name: "simulator",
  about: "octets and APDUs for a simulated meter",
  draw(random) {
    const framing = random.pick(["hdlc", "wrapper"] as const);
    const steps = random.once(3)
      ? chop(random, drawStream(random, framing)).map((octets) => ({ octets }))
      : random.times(1 + random.size(20), (): Step => {
          if (random.once(6)) return { waitMs: random.pick([1, 1_000, 60_000]) };
          return { octets: wrapped(random.once(12) ? AARQ : drawApdu(random), random.pick([16, 1, 100]), 1) };
        });
    return {
      ...{ framing, dialect: random.below(dialects.length) },
      steps: framing === "wrapper" ? [{ octets: wrapped(AARQ, 16, 1) }, ...steps] : steps,
    };
  },
  run({ framing, dialect, steps }, watch) {
    const simulated = new SimulatedMeter({
      ...{ serial: "46000000001", meterType: presets.standard, framing, seed: 1, objects: "minimal" },
      dialect: dialects[dialect] as (typeof dialects)[number],
    });
    const outside = new ForetoldOutside();
    let now = 0;
    simulated.send(now, { type: "open" });
    for (const step of steps) {
      if ("octets" in step) watch(() => simulated.receive(now, step.octets));
      else {
        now += step.waitMs;
        watch(() => simulated.handleTimeout(now));
      }
      let [sent, told] = [0, 0];
      for (let event = simulated.pollEvent(); event !== undefined; event = simulated.pollEvent()) {
        const answer = outside.answer(event);
        if (answer !== undefined) simulated.send(now, answer);
        hold(++told < 10_000, "the meter never stops telling");
      }
      while (simulated.pollTransmit() !== undefined) hold(++sent < 10_000, "the meter never stops sending");
    }
  },
};

export const dialInTargets: readonly AnyTarget[] = [dialIn, simulator];
