/**
 * Which link is a meter's: the first that claims the serial number. A second claim never pushes out a link that still
 * answers; it waits parked, without association, until one of the two is gone. Every change of the live link counts
 * the generation up.
 */
import { DlmsError } from "../core/errors.js";
import { type Clock } from "../transport/clock.js";
import { type MeterEventName } from "./events.js";
import { type MeterLink } from "./meter-link.js";
import { type MeterRecord, type MeterRegistry } from "./registry.js";

/** How often a link under probe is looked at. */
const STEP_MS = 50;

interface Parked {
  readonly resolve: () => void;
  readonly reject: (error: DlmsError) => void;
}

export interface ClaimsOptions {
  readonly registry: MeterRegistry<MeterLink>;
  readonly conflictProbeMs: number;
  readonly clock: Clock;
  readonly tell: (event: MeterEventName, link: MeterLink, why?: DlmsError) => void;
  /** The meter has no live link any more. */
  readonly offline: (record: MeterRecord<MeterLink>) => void;
}

export class Claims {
  readonly #options: ClaimsOptions;
  readonly #parked = new Map<MeterLink, Parked>();
  /** Records whose old link is being probed. */
  readonly #probing = new Set<MeterRecord<MeterLink>>();

  constructor(options: ClaimsOptions) {
    this.#options = options;
  }

  /** Resolves when `link` is the live one; rejects when it ends before. */
  claim(link: MeterLink, serial: string): Promise<void> {
    const record = this.#options.registry.open(serial, this.#options.clock.epochMs());
    if (record.live === undefined || record.live === link) {
      this.#enthrone(record, link);
      return Promise.resolve();
    }
    // Whoever reconnects again and again leaves dead links behind: of those that wait, only the newest is worth it.
    for (const older of [...record.parked]) older.end(new DlmsError("LINK_REPLACED"), true);
    record.parked.add(link);
    const settled = new Promise<void>((resolve, reject) => this.#parked.set(link, { resolve, reject }));
    this.#contest(record).catch((caught: unknown) => link.end(String(caught), true));
    return settled;
  }

  /** The link ends, or makes another claim. */
  release(link: MeterLink): void {
    const { registry, offline } = this.#options;
    const record = link.serial === undefined ? undefined : registry.record(link.serial);
    this.#parked.get(link)?.reject(new DlmsError("LINK_LOST"));
    this.#parked.delete(link);
    if (record === undefined) return;
    record.parked.delete(link);
    if (record.live !== link) return;
    record.live = undefined;
    const [next] = record.parked;
    if (next === undefined) offline(record);
    else this.#promote(record, next);
  }

  /** The old link answers: both stay, neither changes state. It is silent: the new one takes its place. */
  async #contest(record: MeterRecord<MeterLink>): Promise<void> {
    if (this.#probing.has(record)) return;
    this.#probing.add(record);
    try {
      const old = record.live;
      const isAlive = old !== undefined && (await answers(old, this.#options.conflictProbeMs));
      if (old === undefined || record.live !== old || record.parked.size === 0) return;
      if (isAlive) {
        for (const link of record.parked)
          this.#options.tell("identity-conflict", link, new DlmsError("IDENTITY_CONFLICT"));
        return;
      }
      const replaced = new DlmsError("LINK_REPLACED");
      this.#options.tell("replaced", old, replaced);
      old.end(replaced, true);
    } finally {
      this.#probing.delete(record);
    }
  }

  #promote(record: MeterRecord<MeterLink>, link: MeterLink): void {
    record.parked.delete(link);
    const parked = this.#parked.get(link);
    this.#parked.delete(link);
    this.#enthrone(record, link);
    parked?.resolve();
  }

  #enthrone(record: MeterRecord<MeterLink>, link: MeterLink): void {
    if (record.live === link) return;
    const { clock, tell } = this.#options;
    record.live = link;
    record.generation++;
    link.generation = record.generation;
    record.dialect = link.dialect.name;
    record.meterType = link.meterType.name;
    record.remoteAddress = link.remoteAddress;
    record.lastSeenMs = clock.epochMs();
    tell("identified", link);
    if (record.addresses.arrived(link.remoteAddress, clock.now()))
      tell("cloned-serial", link, new DlmsError("CLONED_SERIAL"));
  }
}

/** Whether anything arrives on `link` within `timeoutMs`; it is asked for its serial number unless it is busy anyway. */
async function answers(link: MeterLink, timeoutMs: number): Promise<boolean> {
  const heardBefore = link.lastHeard;
  if (!link.isBusy)
    link
      .use(async () => {
        const { client } = await link.associated(true);
        const { classId, obis, attributeId } = link.meterType.serial;
        await client.getMany([{ classId, obis, attributeId }]);
      })
      .catch(() => link.dropAssociation());
  for (let waited = 0; waited < timeoutMs && !link.isEnded; waited += STEP_MS) {
    // A link that ends meanwhile has answered, in its way.
    await link.sleep(Math.min(STEP_MS, timeoutMs - waited)).catch(() => undefined);
    if (link.lastHeard > heardBefore) return !link.isEnded;
  }
  return false;
}
