/**
 * Tells open sidebars through Node-RED's own channel that there is news: at most once a second, only while somebody
 * asks for it. What the news is they fetch themselves, so that it goes to those who may read it and have the tab open.
 */
import { type NodeAPI } from "node-red";
import { liveListeners } from "../shared/live-listeners.js";

export const TOPIC = "dlms-gateway/news";
const TICK_MS = 1_000;
/** A sidebar that has not asked for so long is closed. */
const INTEREST_MS = 15_000;

export class Bell {
  readonly #publish: NodeAPI["comms"]["publish"];
  readonly #traces: () => Readonly<Record<string, number>>;
  #timer: NodeJS.Timeout | undefined;
  #until = 0;
  #last = "";

  /** @param traces how far each running trace is. */
  constructor(RED: NodeAPI, traces: () => Readonly<Record<string, number>>) {
    this.#publish = (topic, data, retain) => RED.comms.publish(topic, data, retain);
    this.#traces = traces;
  }

  /** Somebody has the tab open. */
  wanted(): void {
    this.#until = Date.now() + INTEREST_MS;
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#timer.unref();
  }

  get rings(): boolean {
    return this.#timer !== undefined;
  }

  #tick(): void {
    if (Date.now() > this.#until) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    const news = { listeners: revisions(), traces: this.#traces() };
    const text = JSON.stringify(news);
    if (text === this.#last) return;
    this.#last = text;
    this.#publish(TOPIC, news, false);
  }
}

/** A number for each listener that grows or changes with whatever a view shows of it. */
function revisions(): Record<string, string> {
  return Object.fromEntries(
    liveListeners().map(({ id, offer }) => {
      if (offer === undefined || offer instanceof Error) return [id, "unusable"];
      const { attached } = offer;
      if (attached === undefined) return [id, "unused"];
      const { listener, journal } = attached;
      const { links, refused, waitingToAssociate, running, waiting } = listener.counters;
      const now = [links, refused, waitingToAssociate, running, waiting, journal.status.phase];
      return [id, `${listener.state.phase} ${listener.registry.revision} ${now.join(" ")}`];
    }),
  );
}
