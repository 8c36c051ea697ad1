/**
 * A list that holds any number of items and draws only those that are seen, in rows of one height. A list box for
 * keyboards and screen readers: arrows, page keys, Home, End and Enter; the rows say where they stand.
 */
import { element } from "../dom.js";

export interface VirtualListOptions<Item> {
  readonly label: string;
  readonly rowHeight: number;
  readonly keyOf: (item: Item) => string;
  /** Makes an empty row once; `draw` fills it, again and again, with whatever stands there. */
  readonly makeRow: (row: HTMLElement) => void;
  readonly draw: (row: HTMLElement, item: Item) => void;
  readonly onOpen: (item: Item) => void;
  /** The row under the keyboard's cursor changed. */
  readonly onMove?: (item: Item) => void;
  /** Keeps the keyboard to itself and hands keys on: the field of a combo box. Without it the list has the keyboard. */
  readonly field?: HTMLElement;
  /** Which rows count as selected, where that can be several; otherwise it is the one under the cursor. */
  readonly isChosen?: (item: Item) => boolean;
}

/** Rows drawn above and below what is seen. */
const SPARE_ROWS = 6;
let lists = 0;

export class VirtualList<Item> {
  readonly element: HTMLElement;
  readonly #options: VirtualListOptions<Item>;
  /** What says which row the cursor is on. */
  readonly #keyboard: HTMLElement;
  readonly #space = element("div", { class: "dlms-list-space", attributes: { role: "presentation" } });
  readonly #rows: HTMLElement[] = [];
  readonly #id = `dlms-list-${++lists}`;
  #items: readonly Item[] = [];
  /** Key of the item under the cursor. */
  #current: string | undefined;
  #frame = 0;

  constructor(options: VirtualListOptions<Item>) {
    this.#options = options;
    this.element = element("div", {
      class: "dlms-list",
      attributes: {
        role: "listbox",
        id: this.#id,
        "aria-label": options.label,
        ...(options.field === undefined ? { tabindex: "0" } : {}),
        ...(options.isChosen === undefined ? {} : { "aria-multiselectable": "true" }),
      },
      children: [this.#space],
    });
    this.#keyboard = options.field ?? this.element;
    this.element.addEventListener("scroll", () => this.#later(), { passive: true });
    this.element.addEventListener("click", (event) => this.#click(event));
    if (options.field === undefined) {
      this.element.addEventListener("keydown", (event) => this.key(event));
      this.element.addEventListener("focus", () => {
        if (this.#current === undefined) this.#moveTo(this.#first());
      });
    }
    new ResizeObserver(() => this.#later()).observe(this.element);
  }

  get items(): readonly Item[] {
    return this.#items;
  }

  /** Whether the last row is seen. */
  get isAtEnd(): boolean {
    const { scrollTop, clientHeight, scrollHeight } = this.element;
    return scrollTop + clientHeight >= scrollHeight - this.#options.rowHeight;
  }

  set(items: readonly Item[]): void {
    this.#items = items;
    const height = `${items.length * this.#options.rowHeight}px`;
    if (this.#space.style.height !== height) this.#space.style.height = height;
    this.draw();
  }

  /** Draws what is seen anew. */
  draw(): void {
    const { rowHeight, keyOf, draw, isChosen } = this.#options;
    const { scrollTop, clientHeight } = this.element;
    const from = Math.max(0, Math.floor(scrollTop / rowHeight) - SPARE_ROWS);
    const to = Math.min(this.#items.length, Math.ceil((scrollTop + clientHeight) / rowHeight) + SPARE_ROWS);
    const count = clientHeight === 0 ? 0 : Math.max(0, to - from);
    while (this.#rows.length < count) this.#rows.push(this.#makeRow());
    while (this.#rows.length > count) this.#rows.pop()?.remove();
    let active = "";
    for (let i = 0; i < count; i++) {
      const row = this.#rows[i] as HTMLElement;
      const at = from + i;
      const item = this.#items[at] as Item;
      const key = keyOf(item);
      const isCurrent = key === this.#current;
      row.style.transform = `translateY(${at * rowHeight}px)`;
      row.dataset["at"] = String(at);
      row.setAttribute("aria-posinset", String(at + 1));
      row.setAttribute("aria-setsize", String(this.#items.length));
      row.setAttribute("aria-selected", String(isChosen?.(item) ?? isCurrent));
      row.classList.toggle("dlms-list-current", isCurrent);
      if (isCurrent) active = row.id;
      draw(row, item);
    }
    if (active === "") this.#keyboard.removeAttribute("aria-activedescendant");
    else this.#keyboard.setAttribute("aria-activedescendant", active);
  }

  scrollToEnd(): void {
    this.element.scrollTop = this.element.scrollHeight;
    this.draw();
  }

  /** Puts the cursor on an item, if it is there. */
  select(key: string | undefined): void {
    this.#current = key;
    this.draw();
  }

  /** Puts the cursor on an item and shows it; without one it is nowhere and the list stands at its beginning. */
  reveal(key: string | undefined): void {
    const at = key === undefined ? -1 : this.#items.findIndex((item) => this.#options.keyOf(item) === key);
    this.#current = undefined;
    if (at >= 0) return this.#moveTo(at);
    this.element.scrollTop = 0;
    this.draw();
  }

  /** The item under the cursor. */
  get current(): Item | undefined {
    return this.#items.find((item) => this.#options.keyOf(item) === this.#current);
  }

  #makeRow(): HTMLElement {
    const row = element("div", {
      class: "dlms-list-row",
      attributes: { role: "option", id: `${this.#id}-${this.#rows.length}` },
    });
    row.style.height = `${this.#options.rowHeight}px`;
    this.#options.makeRow(row);
    this.#space.append(row);
    return row;
  }

  #later(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.draw();
    });
  }

  #first(): number {
    return Math.ceil(this.element.scrollTop / this.#options.rowHeight);
  }

  /** Moves the cursor or opens what is under it, if the key means that. */
  key(event: KeyboardEvent): void {
    const page = Math.max(1, Math.floor(this.element.clientHeight / this.#options.rowHeight) - 1);
    const last = this.#items.length - 1;
    const at = this.#items.findIndex((item) => this.#options.keyOf(item) === this.#current);
    const targets: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at < 0 ? 0 : at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: last,
    };
    const target = targets[event.key];
    const item = this.#items[at];
    if (target !== undefined) this.#moveTo(target);
    else if ((event.key === "Enter" || event.key === " ") && item !== undefined) this.#options.onOpen(item);
    else return;
    event.preventDefault();
    // The editor has keys of its own, such as the arrows that move nodes.
    event.stopPropagation();
  }

  #moveTo(wanted: number): void {
    const at = Math.max(0, Math.min(this.#items.length - 1, wanted));
    const item = this.#items[at];
    if (item === undefined) return;
    const { rowHeight, keyOf, onMove } = this.#options;
    this.#current = keyOf(item);
    const { scrollTop, clientHeight } = this.element;
    if (at * rowHeight < scrollTop) this.element.scrollTop = at * rowHeight;
    else if ((at + 1) * rowHeight > scrollTop + clientHeight)
      this.element.scrollTop = (at + 1) * rowHeight - clientHeight;
    this.draw();
    onMove?.(item);
  }

  #click(event: MouseEvent): void {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>(".dlms-list-row") : null;
    const item = this.#items[Number(row?.dataset["at"] ?? -1)];
    if (item === undefined) return;
    this.#current = this.#options.keyOf(item);
    this.draw();
    this.#options.onOpen(item);
  }
}
