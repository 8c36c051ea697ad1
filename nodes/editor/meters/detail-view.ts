/** One meter: what is known of it, its objects, its frames; read now, disconnect, copy. */
import { asApiError, meterPath, post } from "../api.js";
import { button, copyText, element, setText } from "../dom.js";
import { word } from "../words.js";
import { meterDiagnostics } from "./diagnostics.js";
import { stateWord } from "./meter-row.js";
import { type Meter, stateOf } from "./model.js";
import { ObjectsView, type ReadAnswer } from "./objects-view.js";
import { Overview } from "./overview.js";
import { readingsTable } from "./readings.js";
import { type FleetStore } from "./store.js";
import { Tabs } from "./tabs.js";
import { TraceView } from "./trace-view.js";

export class DetailView {
  readonly element: HTMLElement;
  readonly #store: FleetStore;
  readonly #mayAsk: boolean;
  readonly #back: HTMLButtonElement;
  readonly #title = element("h4", { class: "dlms-title" });
  readonly #state = element("span", { class: "dlms-chip" });
  readonly #read: HTMLButtonElement;
  readonly #disconnect: HTMLButtonElement;
  readonly #status = element("div", { class: "dlms-note-line", attributes: { role: "status" } });
  readonly #result = element("div");
  readonly #overview: Overview;
  readonly #objects: ObjectsView;
  readonly #trace: TraceView;
  readonly #tabs: Tabs;
  #meter: Meter | undefined;
  #isGone = false;
  #confirming: number | undefined;
  #busy = false;

  constructor(store: FleetStore, mayAsk: boolean, back: () => void, notify: (text: string) => void) {
    this.#store = store;
    this.#mayAsk = mayAsk;
    this.#overview = new Overview(store);
    this.#objects = new ObjectsView(store, mayAsk);
    this.#trace = new TraceView(store, notify);
    this.#back = button({ label: word("meters.back"), icon: "arrow-left", iconOnly: true, onClick: back });
    this.#read = button({ label: word("meters.read"), icon: "download", onClick: () => this.#readNow() });
    this.#disconnect = button({
      label: word("meters.disconnect"),
      icon: "chain-broken",
      onClick: () => this.#askDisconnect(),
    });
    const copy = button({
      label: word("meters.copyMeter"),
      icon: "clipboard",
      iconOnly: true,
      onClick: () => {
        if (this.#meter === undefined) return;
        copyText(
          meterDiagnostics(store, this.#meter, this.#trace.text()),
          () => notify(word("meters.copied")),
          () => notify(word("meters.notCopied")),
        );
      },
    });
    this.#tabs = new Tabs(word("meters.tabs"), [
      {
        label: word("meters.tab.overview"),
        content: element("div", {
          class: "dlms-page dlms-scroll",
          children: [this.#result, this.#overview.element],
        }),
      },
      {
        label: word("meters.tab.objects"),
        content: this.#objects.element,
        onShow: () => this.#meter && this.#objects.show(this.#meter),
      },
      {
        label: word("meters.tab.trace"),
        content: this.#trace.element,
        onShow: () => this.#meter && this.#trace.start(this.#meter),
        onHide: () => this.#trace.stop(),
      },
    ]);
    this.element = element("div", {
      class: "dlms-page",
      children: [
        element("div", { class: "dlms-toolbar", children: [this.#back, this.#title, this.#state, copy] }),
        element("div", {
          class: "dlms-toolbar dlms-wrap",
          children: [this.#read, this.#disconnect, this.#status],
        }),
        this.#tabs.element,
      ],
    });
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      back();
    });
  }

  get meter(): Meter | undefined {
    return this.#meter;
  }

  open(meter: Meter): void {
    this.#meter = meter;
    this.#isGone = false;
    this.#result.replaceChildren();
    setText(this.#status, "");
    setText(this.#title, meter.view.meterSerialNumber);
    this.#endConfirming();
    this.#tabs.show(0);
    this.draw();
    this.#back.focus();
  }

  close(): void {
    this.#trace.stop();
    this.#meter = undefined;
  }

  /** Nobody sees the page now, or somebody does again. */
  seen(isSeen: boolean): void {
    if (this.#meter === undefined || this.#tabs.at !== 2) return;
    if (isSeen) this.#trace.start(this.#meter);
    else this.#trace.stop();
  }

  draw(): void {
    if (this.#meter === undefined) return;
    const now = this.#store.meters.get(this.#meter.key);
    const wasGone = this.#isGone;
    this.#isGone = now === undefined && this.#store.loaded && this.#store.error === undefined;
    if (now !== undefined) this.#meter = now;
    if (this.#isGone && !wasGone) setText(this.#status, word("meters.vanished"));
    else if (wasGone && !this.#isGone) setText(this.#status, "");
    const { view } = this.#meter;
    const state = this.#isGone ? "offline" : stateOf(view);
    setText(this.#state, stateWord(state));
    this.#state.dataset["state"] = state;
    const isOff = this.#isGone || !view.online;
    for (const made of [this.#read, this.#disconnect]) {
      made.disabled = !this.#mayAsk || isOff || this.#busy;
      made.title = this.#mayAsk ? "" : word("meters.mayNot");
    }
    this.#overview.draw(this.#meter);
  }

  #readNow(): void {
    // Who watches the frames wants to go on watching them.
    if (this.#tabs.at === 1) this.#tabs.show(0);
    this.#ask(word("meters.reading"), async (path) => {
      const { readings = [], names = {}, explained, outcome } = await post<ReadAnswer>(`${path}/read`);
      this.#result.replaceChildren(
        readingsTable(readings, ({ obisCode }) => `${obisCode} ${names[obisCode] ?? ""}`),
      );
      setText(
        this.#status,
        explained === undefined
          ? word("meters.readOk", { count: readings.length })
          : `${outcome}: ${explained.message} ${explained.text}`,
      );
    });
  }

  /** The first press asks, the second does it. */
  #askDisconnect(): void {
    if (this.#confirming === undefined) {
      this.#label(this.#disconnect, word("meters.disconnectSure"));
      this.#confirming = window.setTimeout(() => this.#endConfirming(), 6_000);
      return;
    }
    this.#endConfirming();
    this.#ask(word("meters.disconnecting"), async (path) => {
      const { disconnected } = await post<{ readonly disconnected: boolean }>(`${path}/disconnect`);
      setText(this.#status, disconnected ? word("meters.disconnected") : word("meters.notConnected"));
    });
  }

  #endConfirming(): void {
    window.clearTimeout(this.#confirming);
    this.#confirming = undefined;
    this.#label(this.#disconnect, word("meters.disconnect"));
  }

  #label(made: HTMLButtonElement, text: string): void {
    const label = made.querySelector("span");
    if (label) setText(label, text);
  }

  #ask(doing: string, work: (path: string) => Promise<void>): void {
    const meter = this.#meter;
    if (meter === undefined || this.#busy) return;
    this.#busy = true;
    setText(this.#status, doing);
    this.draw();
    void work(meterPath(meter.listener, meter.view.meterSerialNumber))
      .catch((caught: unknown) => {
        const { message, explanation } = asApiError(caught);
        setText(this.#status, [message, explanation?.text].filter((text) => text !== undefined).join(" "));
      })
      .then(() => {
        this.#busy = false;
        this.draw();
        this.#store.refresh();
      });
  }
}
