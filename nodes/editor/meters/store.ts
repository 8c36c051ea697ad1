/**
 * What the sidebar knows of the fleet: fetched once, then kept up to date with what changed. The runtime rings through
 * the editor's own channel when there is news; while nobody looks, nothing is asked.
 */
import { ApiError, asApiError, get } from "../api.js";
import { word } from "../words.js";
import { type About, type FleetAnswer, type ListenerView, type Meter } from "./model.js";
import { Rates } from "./rates.js";

/** The editor's channel to the runtime and its config nodes, as far as they are used here. */
declare const RED: {
  readonly comms: {
    subscribe(topic: string, hear: (topic: string, news: News) => void): void;
  };
  readonly nodes: {
    eachConfig(
      visit: (node: { readonly id: string; readonly type: string; readonly name?: string }) => void,
    ): void;
  };
  readonly user: { hasPermission(permission: string): boolean };
};

export interface News {
  readonly traces?: Readonly<Record<string, number>>;
}

const TOPIC = "dlms-gateway/news";
/** Asked for at least so often while somebody looks: it keeps the runtime ringing, and rates up to date. */
const ASK_MS = 5_000;
const RETRY_MS = 5_000;

interface Followed {
  view: ListenerView;
  revision: number;
  asOf: number | undefined;
  readonly rates: Rates;
  /** Serial numbers seen since a complete list began. */
  fresh: Set<string> | undefined;
}

export class FleetStore {
  readonly meters = new Map<string, Meter>();
  /** The runtime's clock minus this browser's. */
  skewMs = 0;
  memoryMegabytes = 0;
  about: About | undefined;
  error: ApiError | undefined;
  loaded = false;
  /** Counts up whenever meters came or went. */
  membership = 0;
  readonly #followed = new Map<string, Followed>();
  readonly #listeners = new Set<() => void>();
  readonly #newsListeners = new Set<(news: News) => void>();
  #isWatched = false;
  #asking = false;
  #again = false;
  #timer: number | undefined;

  constructor() {
    RED.comms.subscribe(TOPIC, (_topic, news) => {
      if (!this.#isWatched) return;
      for (const hear of this.#newsListeners) hear(news);
      this.refresh();
    });
  }

  get listeners(): readonly ListenerView[] {
    const deployed = [...this.#followed.values()].map(({ view }) => view);
    const known = new Set(deployed.map(({ id }) => id));
    const others: ListenerView[] = [];
    RED.nodes.eachConfig(({ id, type, name }) => {
      if (type === "dlms-listener" && !known.has(id))
        others.push({ id, name: name ?? "", phase: "undeployed" });
    });
    return [...deployed, ...others];
  }

  listener(id: string): ListenerView | undefined {
    return this.#followed.get(id)?.view;
  }

  rates(id: string): Rates | undefined {
    return this.#followed.get(id)?.rates;
  }

  /** Milliseconds since 1970 by the runtime's clock. */
  now(): number {
    return Date.now() + this.skewMs;
  }

  subscribe(changed: () => void): void {
    this.#listeners.add(changed);
  }

  onNews(hear: (news: News) => void): () => void {
    this.#newsListeners.add(hear);
    return () => this.#newsListeners.delete(hear);
  }

  /** Somebody looks, or nobody does any more. */
  watched(isWatched: boolean): void {
    if (this.#isWatched === isWatched) return;
    this.#isWatched = isWatched;
    if (isWatched) this.refresh();
    else window.clearTimeout(this.#timer);
  }

  /** Asks what has changed; calls while an answer is awaited become one. */
  refresh(): void {
    if (!this.#isWatched) return;
    if (!RED.user.hasPermission("dlms-gateway.read")) {
      this.error = new ApiError(401, undefined);
      return;
    }
    if (this.#asking) {
      this.#again = true;
      return;
    }
    this.#asking = true;
    this.#again = false;
    window.clearTimeout(this.#timer);
    void this.#ask()
      .then(
        (more) => {
          this.error = undefined;
          this.#again ||= more;
        },
        (caught: unknown) => (this.error = asApiError(caught)),
      )
      .then(() => {
        this.#asking = false;
        for (const changed of this.#listeners) changed();
        if (this.error === undefined && this.#again) this.refresh();
        else this.#timer = window.setTimeout(() => this.refresh(), this.error ? RETRY_MS : ASK_MS);
      });
  }

  /** @returns whether there is more to fetch at once. */
  async #ask(): Promise<boolean> {
    this.about ??= await get<About>("/about");
    const places = Object.fromEntries(
      [...this.#followed].map(([id, { revision, asOf }]) => [
        id,
        asOf === undefined ? [revision] : [revision, asOf],
      ]),
    );
    const answer = await get<FleetAnswer>(`/fleet?have=${encodeURIComponent(JSON.stringify(places))}`);
    this.skewMs = answer.at - Date.now();
    this.memoryMegabytes = answer.memoryMegabytes;
    const there = new Set(answer.listeners.map(({ id }) => id));
    for (const id of [...this.#followed.keys()]) if (!there.has(id)) this.#forget(id);
    let more = false;
    for (const view of answer.listeners) if (this.#take(view, answer.at)) more = true;
    this.loaded ||= !more;
    return more;
  }

  #take(view: ListenerView, at: number): boolean {
    let followed = this.#followed.get(view.id);
    if (followed === undefined) {
      followed = { view, revision: 0, asOf: undefined, rates: new Rates(), fresh: undefined };
      this.#followed.set(view.id, followed);
    }
    followed.view = view;
    const { changes, counters } = view;
    if (counters !== undefined) followed.rates.add(at, counters);
    if (changes === undefined) {
      // Closed: what it knew of meters is gone with it.
      this.#drop(view.id, () => true);
      followed.revision = 0;
      followed.asOf = undefined;
      followed.fresh = undefined;
      return false;
    }
    if (changes.complete) followed.fresh = new Set();
    for (const meter of changes.meters) {
      followed.fresh?.add(meter.meterSerialNumber);
      this.#put(view.id, meter);
    }
    const gone = new Set(changes.gone);
    if (gone.size > 0) this.#drop(view.id, (serial) => gone.has(serial));
    followed.revision = changes.revision;
    followed.asOf = changes.more ? changes.asOf : undefined;
    const { fresh } = followed;
    if (!changes.more && fresh !== undefined) {
      this.#drop(view.id, (serial) => !fresh.has(serial));
      followed.fresh = undefined;
    }
    return changes.more;
  }

  #put(listener: string, view: Meter["view"]): void {
    const key = `${listener}/${view.meterSerialNumber}`;
    const known = this.meters.get(key);
    if (known !== undefined) known.view = view;
    else {
      this.meters.set(key, { key, listener, view });
      this.membership++;
    }
  }

  #drop(listener: string, isGone: (serial: string) => boolean): void {
    for (const [key, meter] of this.meters) {
      if (meter.listener !== listener || !isGone(meter.view.meterSerialNumber)) continue;
      this.meters.delete(key);
      this.membership++;
    }
  }

  #forget(id: string): void {
    this.#drop(id, () => true);
    this.#followed.delete(id);
  }
}

export function listenerName({ name, port, id }: ListenerView): string {
  return name || (port === undefined ? word("meters.listener.unnamed", { id }) : `:${port}`);
}
