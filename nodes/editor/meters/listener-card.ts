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

  /** @param isOpen whether there is room for more than one line; people open and close it as they like. */
  constructor(isOpen: boolean) {
    const details = element("details", {
      children: [
        element("summary", { class: "dlms-card-head", children: [this.#dot, this.#name, this.#phase] }),
        this.#load,
        this.#rates,
      ],
    });
    details.open = isOpen;
    this.element = element("div", {
      class: "dlms-card",
      attributes: { role: "listitem" },
      children: [details, this.#trouble],
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
    setParts(this.#load, counters === undefined ? [] : loadParts(counters));
    setParts(this.#rates, counters === undefined || rates === undefined ? [] : ratesParts(rates));
    setText(this.#trouble, troubleText(view));
  }
}

/** Each part stays in one piece when the line breaks. */
function setParts(line: HTMLElement, parts: readonly string[]): void {
  while (line.children.length > parts.length) line.lastElementChild?.remove();
  while (line.children.length < parts.length) line.append(element("span"));
  parts.forEach((part, at) => setText(line.children[at] as HTMLElement, part));
}

function loadParts(counters: NonNullable<ListenerView["counters"]>): string[] {
  const { links, maxLinks, associating, waitingToAssociate, running, waiting, refused } = counters;
  const parts = [word("meters.listener.links", { links, maxLinks })];
  if (associating + waitingToAssociate > 0)
    parts.push(word("meters.listener.associating", { count: associating, waiting: waitingToAssociate }));
  parts.push(word("meters.listener.commands", { running, waiting }));
  parts.push(word("meters.listener.refused", { count: refused }));
  return parts;
}

function ratesParts(rates: Rates): string[] {
  const bytes = (what: "octetsReceived" | "octetsSent"): string => {
    const perSecond = rates.perSecond(what);
    return perSecond === undefined ? "–" : octets(perSecond);
  };
  const perMinute = (what: "commands" | "accepted"): string => {
    const perSecond = rates.perSecond(what);
    return rate(perSecond === undefined ? undefined : perSecond * 60);
  };
  return [
    word("meters.listener.octets", { received: bytes("octetsReceived"), sent: bytes("octetsSent") }),
    word("meters.listener.perMinute", { commands: perMinute("commands"), dialled: perMinute("accepted") }),
  ];
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
