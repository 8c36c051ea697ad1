/** All that is known of one meter, field by field; errors with what they mean and what helps. */
import { element, setText } from "../dom.js";
import { word } from "../words.js";
import { ago, duration, octets } from "./format.js";
import { stateWord } from "./meter-row.js";
import { type Meter, stateOf } from "./model.js";
import { type FleetStore, listenerName } from "./store.js";

export class Overview {
  readonly element = element("dl", { class: "dlms-facts" });
  readonly #values = new Map<string, { readonly term: HTMLElement; readonly value: HTMLElement }>();
  readonly #store: FleetStore;

  constructor(store: FleetStore) {
    this.#store = store;
  }

  draw(meter: Meter): void {
    const { view } = meter;
    const now = this.#store.now();
    const listener = this.#store.listener(meter.listener);
    const state = stateOf(view);
    this.#row("listener", word("meters.fact.listener"), listener === undefined ? "" : listenerName(listener));
    this.#row("type", word("meters.fact.type"), view.meterType);
    this.#row("state", word("meters.fact.state"), stateWord(state));
    this.#row(
      "link",
      word("meters.fact.link"),
      view.linkSince === undefined ? "" : duration(now - Date.parse(view.linkSince)),
    );
    this.#row("heard", word("meters.fact.heard"), word("meters.ago", { ago: ago(view.lastSeen, now) }));
    this.#row("dialect", word("meters.fact.dialect"), view.dialect);
    this.#row("address", word("meters.fact.address"), view.remoteAddress);
    const { lastSuccess, lastError } = view;
    this.#row(
      "success",
      word("meters.fact.success"),
      lastSuccess === undefined
        ? ""
        : `${lastSuccess.what}, ${word("meters.ago", { ago: ago(lastSuccess.at, now) })}`,
    );
    this.#row("queue", word("meters.fact.queue"), String(view.queued));
    this.#row(
      "traffic",
      word("meters.fact.traffic"),
      word("meters.traffic", { received: octets(view.octetsReceived), sent: octets(view.octetsSent) }),
    );
    this.#row(
      "commands",
      word("meters.fact.commands"),
      word("meters.commandsFailed", { count: view.commands, failed: view.failures }),
    );
    const backend = [view.registration, view.backendId, view.reason].filter(Boolean).join(", ");
    this.#row("backend", word("meters.fact.backend"), backend);
    const explained = lastError === undefined ? undefined : this.#store.about?.errors[lastError.code];
    this.#row(
      "error",
      word("meters.fact.error"),
      lastError === undefined
        ? ""
        : `${lastError.what}, ${word("meters.ago", { ago: ago(lastError.at, now) })}: ${lastError.message} (${lastError.code})`,
    );
    this.#row("meaning", word("meters.fact.meaning"), explained?.text ?? "");
    this.#row("helps", word("meters.fact.helps"), explained === undefined ? "" : helpWord(explained.retry));
  }

  /** Rows without a value are not shown. */
  #row(name: string, label: string, text: string): void {
    let row = this.#values.get(name);
    if (row === undefined) {
      row = { term: element("dt", { text: label }), value: element("dd") };
      if (name === "error") row.value.classList.add("dlms-trouble");
      this.#values.set(name, row);
      this.element.append(row.term, row.value);
    }
    setText(row.value, text);
    row.term.hidden = row.value.hidden = text === "";
  }
}

function helpWord(retry: string): string {
  switch (retry) {
    case "sameSession":
      return word("meters.helps.sameSession");
    case "reconnect":
      return word("meters.helps.reconnect");
    case "later":
      return word("meters.helps.later");
    default:
      return word("meters.helps.never");
  }
}
