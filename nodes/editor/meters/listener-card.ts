/** A listener in few lines: whether it listens, how many meters, its load, its rates, what it refused. */
import { element, setText } from "../dom.js";
import { word } from "../words.js";
import { octets, rate } from "./format.js";
import { type ListenerView } from "./model.js";
import { type Rates } from "./rates.js";
import { listenerName } from "./store.js";

export class ListenerCard {
  readonly element: HTMLElement;
  readonly #dot = element("span", { class: "dlms-dot", attributes: { "aria-hidden": "true" } });
  readonly #name = element("strong");
  readonly #phase = element("span", { class: "dlms-card-phase" });
  readonly #load = element("div", { class: "dlms-card-line" });
  readonly #rates = element("div", { class: "dlms-card-line" });
  readonly #trouble = element("div", { class: "dlms-card-trouble" });

  constructor() {
    this.element = element("div", {
      class: "dlms-card",
      attributes: { role: "listitem" },
      children: [
        element("div", { class: "dlms-card-head", children: [this.#dot, this.#name, this.#phase] }),
        this.#load,
        this.#rates,
        this.#trouble,
      ],
    });
  }

  draw(view: ListenerView, rates: Rates | undefined): void {
    const { counters, online = 0, port, phase } = view;
    const isOpen = phase === "listening";
    this.#dot.dataset["state"] = isOpen ? "online" : phase === "opening" ? "connecting" : "offline";
    if (phase === "unusable" || phase === "retrying") this.#dot.dataset["state"] = "conflict";
    setText(this.#name, listenerName(view));
    const where = view.name !== "" && port !== undefined ? `:${port} · ` : "";
    setText(
      this.#phase,
      where + (isOpen ? word("meters.listener.online", { count: online }) : phaseWord(phase)),
    );
    setText(this.#load, counters === undefined ? "" : loadText(counters));
    setText(this.#rates, counters === undefined || rates === undefined ? "" : ratesText(rates));
    setText(this.#trouble, troubleText(view));
  }
}

function loadText(counters: NonNullable<ListenerView["counters"]>): string {
  const { links, maxLinks, associating, waitingToAssociate, running, waiting, refused } = counters;
  const parts = [word("meters.listener.links", { links, maxLinks })];
  if (associating + waitingToAssociate > 0)
    parts.push(word("meters.listener.associating", { count: associating, waiting: waitingToAssociate }));
  parts.push(word("meters.listener.commands", { running, waiting }));
  parts.push(word("meters.listener.refused", { count: refused }));
  return parts.join(" · ");
}

function ratesText(rates: Rates): string {
  const bytes = (what: "octetsReceived" | "octetsSent"): string => {
    const perSecond = rates.perSecond(what);
    return perSecond === undefined ? "–" : octets(perSecond);
  };
  const perMinute = (what: "commands" | "accepted"): string => {
    const perSecond = rates.perSecond(what);
    return rate(perSecond === undefined ? undefined : perSecond * 60);
  };
  return word("meters.listener.rates", {
    received: bytes("octetsReceived"),
    sent: bytes("octetsSent"),
    commands: perMinute("commands"),
    dialled: perMinute("accepted"),
  });
}

function troubleText({ phase, error, store }: ListenerView): string {
  if (error !== undefined) return error.message;
  if (phase === "unused") return word("meters.listener.unusedHint");
  if (phase === "undeployed") return word("meters.listener.undeployedHint");
  if (store !== undefined && (store.phase === "unavailable" || (store.phase === "open" && !store.durable)))
    return word("meters.listener.notDurable");
  return "";
}

function phaseWord(phase: ListenerView["phase"]): string {
  switch (phase) {
    case "listening":
      return word("meters.phase.listening");
    case "opening":
      return word("meters.phase.opening");
    case "retrying":
      return word("meters.phase.retrying");
    case "closed":
      return word("meters.phase.closed");
    case "unused":
      return word("meters.phase.unused");
    case "unusable":
      return word("meters.phase.unusable");
    case "undeployed":
      return word("meters.phase.undeployed");
  }
}
