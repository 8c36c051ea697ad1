/**
 * What passes between the gateway and one meter, frame by frame, as long as this page is open: nothing is recorded
 * before or after. Secrets are hidden where the frames come from.
 */
import { asApiError, meterPath, post } from "../api.js";
import { button, copyText, element, setText } from "../dom.js";
import { word } from "../words.js";
import { clockTime } from "./format.js";
import { type Meter } from "./model.js";
import { type FleetStore } from "./store.js";
import { VirtualList } from "./virtual-list.js";

interface Entry {
  readonly number: number;
  readonly at: string;
  readonly linkId: string;
  readonly direction: "in" | "out" | "note";
  readonly octets: number;
  readonly summary: string;
  readonly hex: string;
  readonly table: string;
}

interface Page {
  readonly entries: readonly Entry[];
  readonly missed: number;
  readonly last: number;
}

const KEPT = 500;
const ROW_HEIGHT = 24;
const ASK_MS = 4_000;
/** Tells this editor from others that watch the same meter. */
const reader = Math.random().toString(36).slice(2);
const arrows = { in: "←", out: "→", note: "·" } as const;

export class TraceView {
  readonly element: HTMLElement;
  readonly #store: FleetStore;
  readonly #status = element("div", { class: "dlms-note-line", attributes: { role: "status" } });
  readonly #pane = element("pre", {
    class: "dlms-pane dlms-frame",
    attributes: { tabindex: "0", "aria-label": word("trace.frame") },
  });
  readonly #list: VirtualList<Entry>;
  readonly #pause: HTMLButtonElement;
  readonly #enlarge: HTMLButtonElement;
  #entries: Entry[] = [];
  #meter: Meter | undefined;
  #isOn = false;
  #last = 0;
  #asking = false;
  #timer: number | undefined;
  #unhear: (() => void) | undefined;

  constructor(store: FleetStore, notify: (text: string) => void) {
    this.#store = store;
    this.#list = new VirtualList<Entry>({
      label: word("trace.list"),
      rowHeight: ROW_HEIGHT,
      keyOf: ({ at, number }) => `${at} ${number}`,
      makeRow: (row) => {
        row.classList.add("dlms-frame-row");
        row.append(
          element("span", { class: "dlms-frame-time" }),
          element("span", { class: "dlms-frame-arrow" }),
          element("span", { class: "dlms-frame-summary" }),
          element("span", { class: "dlms-frame-octets" }),
        );
      },
      draw: drawRow,
      onOpen: (entry) => this.#show(entry),
      onMove: (entry) => this.#show(entry),
    });
    this.#pause = button({ label: word("trace.stop"), icon: "stop", onClick: () => this.#toggle() });
    this.#enlarge = button({
      label: word("trace.enlarge"),
      icon: "expand",
      onClick: () => showLarge(this.#pane.textContent ?? ""),
    });
    this.#hidePane();
    this.element = element("div", {
      class: "dlms-page",
      children: [
        element("div", {
          class: "dlms-toolbar dlms-wrap",
          children: [
            this.#pause,
            button({ label: word("trace.clear"), icon: "ban", onClick: () => this.#clear() }),
            button({
              label: word("trace.copy"),
              icon: "clipboard",
              onClick: () =>
                copyText(
                  this.text().join("\n"),
                  () => notify(word("meters.copied")),
                  () => notify(word("meters.notCopied")),
                ),
            }),
            this.#enlarge,
          ],
        }),
        this.#status,
        this.#list.element,
        this.#pane,
      ],
    });
  }

  /** The frames as text. */
  text(): string[] {
    return this.#entries.map(
      ({ at, direction, summary, hex }) =>
        `${at} ${arrows[direction]} ${summary}${hex === "" ? "" : `\n  ${hex}`}`,
    );
  }

  start(meter: Meter): void {
    if (this.#meter?.key !== meter.key) this.#clear();
    this.#meter = meter;
    this.#isOn = true;
    this.#unhear ??= this.#store.onNews(({ traces = {} }) => {
      const key = this.#meter?.key ?? "";
      if ((traces[key] ?? this.#last) !== this.#last) this.#ask();
    });
    this.#drawPause();
    this.#ask();
  }

  stop(): void {
    const meter = this.#meter;
    if (!this.#isOn || meter === undefined) return;
    this.#isOn = false;
    window.clearTimeout(this.#timer);
    this.#unhear?.();
    this.#unhear = undefined;
    this.#drawPause();
    setText(this.#status, word("trace.stopped"));
    this.#last = 0;
    // Should it not arrive, the runtime stops by itself soon after.
    post(`${meterPath(meter.listener, meter.view.meterSerialNumber)}/trace/end`, { reader }).catch(
      () => undefined,
    );
  }

  #ask(): void {
    const meter = this.#meter;
    if (!this.#isOn || this.#asking || meter === undefined) return;
    this.#asking = true;
    window.clearTimeout(this.#timer);
    void post<Page>(`${meterPath(meter.listener, meter.view.meterSerialNumber)}/trace`, {
      reader,
      after: this.#last,
    })
      .then(
        (page) => {
          if (this.#isOn && this.#meter === meter) this.#take(page);
        },
        (caught: unknown) => setText(this.#status, asApiError(caught).message),
      )
      .then(() => {
        this.#asking = false;
        if (!this.#isOn) return;
        if (this.#meter !== meter) this.#ask();
        else this.#timer = window.setTimeout(() => this.#ask(), ASK_MS);
      });
  }

  #take({ entries, missed, last }: Page): void {
    const wasAtEnd = this.#list.isAtEnd || this.#entries.length === 0;
    this.#last = last;
    setText(
      this.#status,
      missed > 0 ? word("trace.missed", { count: missed }) : word("trace.watching", { count: last }),
    );
    if (entries.length === 0) return;
    this.#entries = [...this.#entries, ...entries].slice(-KEPT);
    this.#list.set(this.#entries);
    if (wasAtEnd) this.#list.scrollToEnd();
  }

  #toggle(): void {
    if (this.#isOn) this.stop();
    else if (this.#meter !== undefined) this.start(this.#meter);
  }

  #drawPause(): void {
    const [mark, label] = this.#pause.children as unknown as HTMLElement[];
    if (mark) mark.className = `fa fa-${this.#isOn ? "stop" : "play"}`;
    if (label) setText(label, this.#isOn ? word("trace.stop") : word("trace.start"));
  }

  #clear(): void {
    this.#entries = [];
    this.#list.set([]);
    this.#hidePane();
  }

  #hidePane(): void {
    this.#pane.hidden = true;
    this.#enlarge.disabled = true;
  }

  #show({ summary, hex, table, octets, at }: Entry): void {
    if (hex === "") return this.#hidePane();
    this.#pane.hidden = false;
    this.#enlarge.disabled = false;
    const head = word("trace.head", { time: at, count: octets });
    this.#pane.textContent = [
      head,
      summary,
      "",
      table === "" ? hex : table,
      ...(table === "" ? [] : ["", hex]),
    ].join("\n");
    this.#pane.scrollTop = 0;
  }
}

/** A sidebar is narrow and a frame's table is wide: over the whole editor, until Escape. */
function showLarge(text: string): void {
  const dialog = element("dialog", {
    class: "dlms-dialog",
    attributes: { "aria-label": word("trace.frame") },
    children: [
      button({ label: word("trace.close"), icon: "times", onClick: () => dialog.close() }),
      element("pre", { class: "dlms-frame", text, attributes: { tabindex: "0" } }),
    ],
  });
  dialog.addEventListener("close", () => dialog.remove());
  // The editor's own Escape stays out of it.
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  document.body.append(dialog);
  dialog.showModal();
}

function drawRow(row: HTMLElement, { at, direction, summary, octets }: Entry): void {
  const [time, arrow, text, size] = row.children as unknown as HTMLElement[];
  if (!time || !arrow || !text || !size) return;
  row.dataset["direction"] = direction;
  setText(time, clockTime(at));
  setText(arrow, arrows[direction]);
  arrow.setAttribute("aria-label", directionWord(direction));
  setText(text, summary);
  text.title = summary;
  setText(size, octets === 0 ? "" : String(octets));
}

function directionWord(direction: Entry["direction"]): string {
  if (direction === "in") return word("trace.in");
  return direction === "out" ? word("trace.out") : word("trace.note");
}
