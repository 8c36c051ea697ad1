/** The sidebar's first page: listeners, search, filters and the list of meters. */
import { button, copyText, element, setText } from "../dom.js";
import { word } from "../words.js";
import { fleetDiagnostics } from "./diagnostics.js";
import { ListenerCard } from "./listener-card.js";
import { drawMeterRow, makeMeterRow, METER_ROW_HEIGHT } from "./meter-row.js";
import { type Meter } from "./model.js";
import { type Filter, type Order, select, type Wanted } from "./selection.js";
import { type FleetStore, listenerName } from "./store.js";
import { VirtualList } from "./virtual-list.js";

/** From this height on, in pixels, listeners are shown with all their numbers. */
const ROOMY = 520;
const filters: readonly Filter[] = ["all", "online", "offline", "problems"];
const orders: readonly Order[] = ["serial", "heard", "trouble"];

export class ListView {
  readonly element: HTMLElement;
  readonly #store: FleetStore;
  readonly #notify: (text: string) => void;
  readonly #cards = element("div", {
    class: "dlms-cards",
    attributes: { role: "list", "aria-label": word("meters.listeners") },
  });
  readonly #card = new Map<string, ListenerCard>();
  readonly #search = element("input", {
    class: "dlms-search",
    attributes: { type: "text", placeholder: word("meters.search"), "aria-label": word("meters.search") },
  });
  readonly #order = element("select", { attributes: { "aria-label": word("meters.order.label") } });
  readonly #listener = element("select", { attributes: { "aria-label": word("meters.listener.label") } });
  readonly #filterButtons = new Map<Filter, HTMLButtonElement>();
  readonly #message = element("div", { class: "dlms-empty", attributes: { role: "status" } });
  readonly #count = element("div", {
    class: "dlms-hidden",
    attributes: { role: "status", "aria-live": "polite" },
  });
  readonly #list: VirtualList<Meter>;
  #filter: Filter = "all";
  #announce: number | undefined;

  constructor(store: FleetStore, open: (meter: Meter) => void, notify: (text: string) => void) {
    this.#store = store;
    this.#notify = notify;
    this.#list = new VirtualList<Meter>({
      label: word("meters.list"),
      rowHeight: METER_ROW_HEIGHT,
      keyOf: ({ key }) => key,
      makeRow: makeMeterRow,
      draw: (row, meter) => drawMeterRow(row, meter, store.now(), store.about),
      onOpen: open,
    });
    for (const order of orders) this.#order.append(new Option(orderWord(order), order));
    const filterGroup = element("div", {
      class: "dlms-filters",
      attributes: { role: "group", "aria-label": word("meters.filter.label") },
      children: [...filters.map((filter) => this.#filterButton(filter)), this.#order, this.#listener],
    });
    this.element = element("div", {
      class: "dlms-page",
      children: [
        element("div", {
          class: "dlms-toolbar",
          children: [
            this.#search,
            button({
              label: word("meters.copy"),
              icon: "clipboard",
              iconOnly: true,
              onClick: () => this.#copy(),
            }),
          ],
        }),
        this.#cards,
        filterGroup,
        this.#count,
        this.#message,
        this.#list.element,
      ],
    });
    this.#search.addEventListener("input", () => this.draw());
    this.#search.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown") return;
      event.preventDefault();
      this.#list.element.focus();
    });
    this.#order.addEventListener("change", () => this.draw());
    this.#listener.addEventListener("change", () => this.draw());
  }

  draw(): void {
    this.#drawListeners();
    const { meters, counts } = select(this.#store.meters.values(), this.#wanted());
    for (const [filter, made] of this.#filterButtons) {
      setText(made, `${filterWord(filter)} ${counts[filter].toLocaleString()}`);
      made.setAttribute("aria-pressed", String(filter === this.#filter));
      made.classList.toggle("selected", filter === this.#filter);
    }
    this.#list.set(meters);
    const message = this.#messageFor(counts.all, meters.length);
    setText(this.#message, message);
    this.#message.hidden = message === "";
    this.#list.element.hidden = meters.length === 0;
    // Told after the typing has stopped, not with every key.
    window.clearTimeout(this.#announce);
    this.#announce = window.setTimeout(
      () => setText(this.#count, word("meters.shown", { count: meters.length })),
      1_000,
    );
  }

  /** Ages go on while nothing changes. */
  tick(): void {
    this.#list.draw();
  }

  focus(key: string | undefined): void {
    if (key !== undefined) this.#list.select(key);
    this.#list.element.focus();
  }

  #wanted(): Wanted {
    return {
      text: this.#search.value,
      filter: this.#filter,
      order: this.#order.value as Order,
      listener: this.#listener.value,
    };
  }

  #filterButton(filter: Filter): HTMLButtonElement {
    const made = button({
      label: filterWord(filter),
      onClick: () => {
        this.#filter = filter;
        this.draw();
      },
    });
    this.#filterButtons.set(filter, made);
    return made;
  }

  #drawListeners(): void {
    const { listeners } = this.#store;
    const there = new Set(listeners.map(({ id }) => id));
    for (const [id, card] of this.#card)
      if (!there.has(id)) {
        card.element.remove();
        this.#card.delete(id);
      }
    for (const view of listeners) {
      let card = this.#card.get(view.id);
      if (card === undefined) {
        card = new ListenerCard(this.element.clientHeight > ROOMY);
        this.#card.set(view.id, card);
        this.#cards.append(card.element);
      }
      card.draw(view, this.#store.rates(view.id));
    }
    this.#drawListenerChoice();
  }

  #drawListenerChoice(): void {
    const { listeners } = this.#store;
    const names = new Map(listeners.map((view) => [view.id, listenerName(view)]));
    const shown = [...this.#listener.options].slice(1).map(({ value, text }) => `${value} ${text}`);
    const wanted = [...names].map(([id, name]) => `${id} ${name}`);
    this.#listener.hidden = names.size < 2;
    if (shown.join("\n") === wanted.join("\n") && this.#listener.options.length > 0) return;
    const { value } = this.#listener;
    this.#listener.replaceChildren(new Option(word("meters.listener.all"), ""));
    for (const [id, name] of names) this.#listener.append(new Option(name, id));
    this.#listener.value = names.has(value) ? value : "";
  }

  #messageFor(all: number, shown: number): string {
    const { error, loaded, listeners } = this.#store;
    if (error?.status === 401) return error.message;
    if (error !== undefined) return word("meters.unreachable", { reason: error.message });
    if (!loaded) return word("meters.loading");
    if (listeners.length === 0) return word("meters.noListener");
    if (all === 0) return word("meters.noMeter");
    return shown === 0 ? word("meters.noMatch") : "";
  }

  #copy(): void {
    copyText(
      fleetDiagnostics(this.#store),
      () => this.#notify(word("meters.copied")),
      () => this.#notify(word("meters.notCopied")),
    );
  }
}

function filterWord(filter: Filter): string {
  switch (filter) {
    case "all":
      return word("meters.filter.all");
    case "online":
      return word("meters.filter.online");
    case "offline":
      return word("meters.filter.offline");
    case "problems":
      return word("meters.filter.problems");
  }
}

function orderWord(order: Order): string {
  switch (order) {
    case "serial":
      return word("meters.order.serial");
    case "heard":
      return word("meters.order.heard");
    case "trouble":
      return word("meters.order.trouble");
  }
}
