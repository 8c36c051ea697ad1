/**
 * The objects of one meter: its own list when it gives one, else what its type knows, searched as one types, and the
 * values of the attributes of whichever is opened.
 */
import { type ApiError, asApiError, get, meterPath, post } from "../api.js";
import { button, element, setText } from "../dom.js";
import { word } from "../words.js";
import { ago } from "./format.js";
import { type BrowsedObject, type Meter, type ObjectsAnswer } from "./model.js";
import { type Reading, readingsTable, valueText } from "./readings.js";
import { type FleetStore } from "./store.js";
import { VirtualList } from "./virtual-list.js";

const ROW_HEIGHT = 40;
/** Objects whose values are read with one press. */
const READ_SHOWN = 30;
const READ_AT_ONCE = 10;
const ATTRIBUTES = 24;

export class ObjectsView {
  readonly element: HTMLElement;
  readonly #store: FleetStore;
  readonly #mayAsk: boolean;
  readonly #search = element("input", {
    class: "dlms-search",
    attributes: { type: "text", placeholder: word("objects.search"), "aria-label": word("objects.search") },
  });
  readonly #status = element("div", { class: "dlms-note-line", attributes: { role: "status" } });
  readonly #values = element("div", { class: "dlms-pane", attributes: { tabindex: "0" } });
  readonly #buttons: HTMLButtonElement[];
  readonly #list: VirtualList<BrowsedObject>;
  /** First readings, by class and code. */
  #known = new Map<string, string>();
  #answer: ObjectsAnswer | undefined;
  #meter: Meter | undefined;
  #busy = false;

  constructor(store: FleetStore, mayAsk: boolean) {
    this.#store = store;
    this.#mayAsk = mayAsk;
    this.#list = new VirtualList<BrowsedObject>({
      label: word("objects.list"),
      rowHeight: ROW_HEIGHT,
      keyOf: keyOf,
      makeRow: (row) => {
        row.classList.add("dlms-object");
        row.append(
          element("span", { class: "dlms-object-code" }),
          element("span", { class: "dlms-object-class" }),
          element("span", { class: "dlms-object-text" }),
          element("span", { class: "dlms-object-value" }),
        );
      },
      draw: (row, object) => this.#drawRow(row, object),
      onOpen: (object) => this.#open(object),
    });
    this.#buttons = [
      button({ label: word("objects.fetch"), icon: "refresh", onClick: () => this.#fetch() }),
      button({ label: word("objects.readShown"), icon: "download", onClick: () => this.#readShown() }),
    ];
    for (const made of this.#buttons) {
      made.disabled = !mayAsk;
      if (!mayAsk) made.title = word("meters.mayNot");
    }
    this.#values.hidden = true;
    this.element = element("div", {
      class: "dlms-page",
      children: [
        element("div", { class: "dlms-toolbar dlms-wrap", children: [this.#search, ...this.#buttons] }),
        this.#status,
        this.#list.element,
        this.#values,
      ],
    });
    this.#search.addEventListener("input", () => this.#draw());
  }

  show(meter: Meter): void {
    if (this.#meter?.key === meter.key) return;
    this.#meter = meter;
    this.#known = new Map();
    this.#answer = undefined;
    this.#values.hidden = true;
    this.#search.value = "";
    this.#draw();
    void this.#do(word("objects.loading"), async (path) => {
      this.#take(await get<ObjectsAnswer>(`${path}/objects`));
    });
  }

  #take(answer: ObjectsAnswer): void {
    this.#answer = answer;
    this.#draw();
    const { source, objects, error, at } = answer;
    const count = objects.length;
    const text =
      source === "meter"
        ? word("objects.fromMeter", { count, ago: ago(at, this.#store.now()) })
        : word("objects.fromType", { count });
    setText(this.#status, error === undefined ? text : `${error.message} ${text}`);
  }

  #draw(): void {
    const words = this.#search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const { objects = [], classes = {} } = this.#answer ?? {};
    this.#list.set(
      words.length === 0
        ? objects
        : objects.filter(({ obis, classId, description }) => {
            const text = `${obis} ${classId} ${classes[classId]?.name ?? ""} ${description}`.toLowerCase();
            return words.every((one) => text.includes(one));
          }),
    );
  }

  #drawRow(row: HTMLElement, object: BrowsedObject): void {
    const [code, kind, text, value] = row.children as unknown as HTMLElement[];
    if (!code || !kind || !text || !value) return;
    setText(code, object.obis);
    setText(kind, this.#answer?.classes[object.classId]?.name ?? String(object.classId));
    setText(text, object.description || word("objects.unnamed"));
    setText(value, this.#known.get(keyOf(object)) ?? (object.unit === undefined ? "" : `[${object.unit}]`));
  }

  #open(object: BrowsedObject): void {
    if (!this.#mayAsk) return setText(this.#status, word("meters.mayNot"));
    const attributes = this.#answer?.classes[object.classId]?.attributes ?? {};
    const all = object.read ?? Object.keys(attributes).map(Number);
    // The logical name is known; a profile's buffer can be of any length.
    const ids = all.filter((id) => id !== 1 && !(object.classId === 7 && id === 2)).slice(0, ATTRIBUTES);
    const items = (ids.length === 0 ? [2] : ids).map((attributeId) => ({
      obisCode: object.obis,
      classId: object.classId,
      attributeId,
    }));
    void this.#do(word("objects.reading", { code: object.obis }), async (path) => {
      const { readings = [], explained } = await read(path, items);
      this.#remember(readings);
      const rights = rightsOf(object, attributes);
      this.#values.replaceChildren(
        element("h5", { text: `${object.obis} ${this.#answer?.classes[object.classId]?.name ?? ""}` }),
        readingsTable(readings, ({ attributeId }) => `${attributeId} ${attributes[attributeId] ?? ""}`),
        ...(rights === "" ? [] : [element("p", { class: "dlms-note-line", text: rights })]),
      );
      this.#values.setAttribute("aria-label", word("objects.values", { code: object.obis }));
      this.#values.hidden = false;
      setText(this.#status, explained === undefined ? "" : explained.message);
      this.#list.draw();
    });
  }

  #readShown(): void {
    const shown = this.#list.items.filter(({ classId }) => classId !== 7).slice(0, READ_SHOWN);
    void this.#do(word("objects.readingMany", { count: shown.length }), async (path) => {
      let failed = "";
      for (let at = 0; at < shown.length && failed === ""; at += READ_AT_ONCE) {
        const items = shown
          .slice(at, at + READ_AT_ONCE)
          .map(({ obis, classId }) => ({ obisCode: obis, classId }));
        const { readings = [], outcome, explained } = await read(path, items);
        this.#remember(readings);
        if (outcome === "not-sent" || outcome === "expired") failed = explained?.message ?? outcome;
        this.#list.draw();
      }
      setText(this.#status, failed === "" ? word("objects.readDone") : failed);
    });
  }

  #fetch(): void {
    void this.#do(word("objects.asking"), async (path) => {
      this.#take(await post<ObjectsAnswer>(`${path}/objects`));
    });
  }

  #remember(readings: readonly Reading[]): void {
    for (const reading of readings) {
      const key = `${reading.classId} ${reading.obisCode}`;
      // The first attribute stands for the object.
      if (reading.attributeId === 2 || !this.#known.has(key)) this.#known.set(key, valueText(reading));
    }
  }

  /** One thing at a time; what comes late for another meter is dropped. */
  async #do(doing: string, work: (path: string) => Promise<void>): Promise<void> {
    const meter = this.#meter;
    if (meter === undefined || this.#busy) return;
    this.#busy = true;
    for (const made of this.#buttons) made.disabled = true;
    setText(this.#status, doing);
    let failed: ApiError | undefined;
    try {
      await work(meterPath(meter.listener, meter.view.meterSerialNumber));
    } catch (caught) {
      failed = asApiError(caught);
    }
    this.#busy = false;
    for (const made of this.#buttons) made.disabled = !this.#mayAsk;
    if (failed !== undefined) setText(this.#status, failed.message);
    if (this.#meter !== meter && this.#meter !== undefined) {
      const now = this.#meter;
      this.#meter = undefined;
      this.show(now);
    }
  }
}

export interface ReadAnswer {
  readonly outcome: string;
  readonly readings?: readonly Reading[];
  /** What the codes are, by code. */
  readonly names?: Readonly<Record<string, string>>;
  readonly explained?: { readonly message: string; readonly text: string };
}

function read(path: string, items: readonly object[]): Promise<ReadAnswer> {
  return post<ReadAnswer>(`${path}/read`, { items });
}

function keyOf({ classId, obis }: BrowsedObject): string {
  return `${classId} ${obis}`;
}

function rightsOf(
  { write = [], call = [] }: BrowsedObject,
  attributes: Readonly<Record<string, string>>,
): string {
  const parts: string[] = [];
  if (write.length > 0)
    parts.push(
      word("objects.writable", { names: write.map((id) => `${id} ${attributes[id] ?? ""}`).join(", ") }),
    );
  if (call.length > 0) parts.push(word("objects.callable", { names: call.join(", ") }));
  return parts.join(" ");
}
