/**
 * Answers what a session asks of the outside: random octets of the system, invocation counters of a source that
 * keeps them, keys of whoever knows them. A question that cannot be answered ends the session with the reason.
 */
import { randomFillSync } from "node:crypto";
import { asDlmsError, DlmsError } from "../core/errors.js";
import { type Port } from "../core/machine.js";
import {
  type CounterRange,
  type KeyQuery,
  type MeterSecurity,
  type SecurityNeed,
  type SecurityProvided,
} from "../security/index.js";

/** Gives out every number once, whatever crashes in between; a `Store` is one. */
export interface CounterSource {
  /** `count` numbers not below `atLeast` that no other call has got or will get, `from` to `to` inclusive. */
  reserveCounter(key: string, atLeast: number, count: number): Promise<CounterRange> | CounterRange;
}

/** Counts in memory alone: for meters that do not exist, and for keys that are made anew with each process. */
export class MemoryCounters implements CounterSource {
  readonly #next = new Map<string, number>();
  readonly #first: number;

  /** @param first the first number of every key. */
  constructor(first = 1) {
    this.#first = first;
  }

  reserveCounter(key: string, atLeast: number, count: number): CounterRange {
    const from = Math.max(this.#next.get(key) ?? this.#first, atLeast);
    this.#next.set(key, from + count);
    return { from, to: from + count - 1 };
  }
}

/**
 * Answers until the returned function is called.
 * @param fail ends the session when a question cannot be answered.
 * @param keys knows meters by the system title they show; without it nobody does.
 */
export function provideOutside<E extends { readonly type: string }>(
  port: Port<SecurityProvided, E | SecurityNeed>,
  counters: CounterSource | undefined,
  fail: (error: DlmsError) => void,
  keys: (query: KeyQuery) => Promise<MeterSecurity | undefined> = () => Promise.resolve(undefined),
): () => void {
  let running = true;
  const send = (intent: SecurityProvided): void => {
    if (running) port.send(intent);
  };
  const reserve = async (need: Extract<SecurityNeed, { type: "needCounters" }>): Promise<void> => {
    try {
      if (counters === undefined)
        throw new DlmsError("SECURITY_KEY_MISSING", "Nothing is configured that keeps invocation counters.", {
          field: "counters",
        });
      const range = await counters.reserveCounter(need.key, need.atLeast, need.count);
      send({ type: "provided", id: need.id, counters: range });
    } catch (caught) {
      giveUp(asDlmsError(caught));
    }
  };
  const find = async ({ id, type, ...query }: Extract<SecurityNeed, { type: "needKeys" }>): Promise<void> => {
    void type;
    try {
      send({ type: "provided", id, security: await keys(query) });
    } catch (caught) {
      giveUp(asDlmsError(caught));
    }
  };
  const giveUp = (error: DlmsError): void => {
    // The link may have ended while the source was busy; then there is nobody left to tell.
    if (!running || error.code === "LINK_LOST") return;
    try {
      fail(error);
    } catch (caught) {
      if (asDlmsError(caught).code !== "LINK_LOST") throw caught;
    }
  };
  const unsubscribe = port.subscribe((event) => {
    if (isNeed(event, "needRandom"))
      send({ type: "provided", id: event.id, random: randomFillSync(new Uint8Array(event.octets)) });
    else if (isNeed(event, "needCounters")) void reserve(event);
    else if (isNeed(event, "needKeys")) void find(event);
  });
  return () => {
    running = false;
    unsubscribe();
  };
}

function isNeed<T extends SecurityNeed["type"]>(
  event: { readonly type: string },
  type: T,
): event is Extract<SecurityNeed, { type: T }> {
  return event.type === type;
}
