/**
 * Backends write without an id, and whoever heard no answer in time asks again. A write that equals the latest one to
 * the same objects is that one once more: while it is open, also over a restart, and for a minute after it has ended
 * where it may have reached the meter. Another write to these objects in between makes it a new one.
 */
import { limits } from "../core/limits.js";
import { payloadOf } from "../gateway/journal/entry.js";
import { type CommandResult, type WriteItem, type WriteMeter } from "../gateway/messages.js";
import { type Store, verdictOn } from "../store/index.js";
import { type Clock } from "../transport/clock.js";

export interface SameWritesDeps {
  readonly clock: Clock;
  readonly store: () => Promise<Store>;
  /** Whose writes these are. */
  readonly origin: string;
}

interface Latest {
  /** By name. */
  readonly objects: readonly string[];
  readonly content: string;
  readonly id: Promise<string>;
  /** As soon as it is known. */
  commandId?: string;
}

const REPEAT_MS = 60_000;
/** Writes of one meter that are remembered. */
const KEPT = 32;

export class SameWrites {
  readonly #deps: SameWritesDeps;
  readonly #latest = new Map<string, readonly Latest[]>();

  constructor(deps: SameWritesDeps) {
    this.#deps = deps;
  }

  /**
   * The id this write goes by: that of the equal one, or its own. From now on it is the latest to its objects.
   * @param serial the meter's, as the store knows it. @throws DlmsError of the StoreError family.
   */
  async idOf(serial: string, { commandId, items }: WriteMeter): Promise<string> {
    const content = JSON.stringify(items);
    const objects = objectsOf(items);
    const earlier = this.#latest.get(serial) ?? [];
    const same = earlier.find((latest) => latest.content === content);
    const known =
      same === undefined
        ? this.#openId(serial, objects, content)
        : same.id.then((id) => this.#ifItCounts(id));
    const latest: Latest = { objects, content, id: known.then((id) => id ?? commandId) };
    const others = earlier.filter((other) => !meet(other.objects, objects));
    this.#latest.delete(serial);
    this.#latest.set(serial, [...others, latest].slice(-KEPT));
    for (const oldest of this.#latest.keys()) {
      if (this.#latest.size <= limits.links) break;
      this.#latest.delete(oldest);
    }
    try {
      return (latest.commandId = await latest.id);
    } catch (caught) {
      this.#forget(serial, (one) => one === latest);
      throw caught;
    }
  }

  /** It was not even begun. */
  drop(serial: string, commandId: string): void {
    this.#forget(serial, (latest) => latest.commandId === commandId);
  }

  /** A command has ended, whoever asked for it: what it wrote is what stands there. */
  ended({ commandId, meterSerialNumber, written }: CommandResult): void {
    if (meterSerialNumber === null || !Array.isArray(written)) return;
    const objects = objectsOf(written);
    this.#forget(
      meterSerialNumber,
      (latest) =>
        latest.commandId !== undefined && latest.commandId !== commandId && meet(latest.objects, objects),
    );
  }

  #forget(serial: string, which: (latest: Latest) => boolean): void {
    const left = this.#latest.get(serial)?.filter((latest) => !which(latest));
    if (left !== undefined && left.length > 0) this.#latest.set(serial, left);
    else this.#latest.delete(serial);
  }

  /** Of an earlier life. */
  async #openId(serial: string, objects: readonly string[], content: string): Promise<string | undefined> {
    const { origin, store } = this.#deps;
    const open = await (await store()).openCommands({ origin, meterSerialNumber: serial });
    for (const stored of [...open].reverse()) {
      const items = payloadOf(stored)?.command.work?.["items"] as readonly WriteItem[] | undefined;
      if (stored.command !== "write-meter" || items === undefined || !meet(objectsOf(items), objects))
        continue;
      return JSON.stringify(items) === content ? stored.commandId : undefined;
    }
    return undefined;
  }

  async #ifItCounts(commandId: string): Promise<string | undefined> {
    const { clock, store } = this.#deps;
    const stored = await (await store()).command(commandId);
    // On its way into the store, or open.
    if (stored === undefined || stored.state !== "done") return commandId;
    const { finishedAt = 0, outcome = null } = stored;
    const isFresh = Math.abs(clock.epochMs() - finishedAt) < REPEAT_MS;
    return isFresh && verdictOn(stored.state, outcome) !== "new" ? commandId : undefined;
  }
}

function objectsOf(items: readonly Pick<WriteItem, "obisCode">[]): readonly string[] {
  return items.map(({ obisCode }) => obisCode);
}

function meet(some: readonly string[], others: readonly string[]): boolean {
  return some.some((one) => others.includes(one));
}
