/**
 * A combo box: a text field in which anything may be typed, with a list of what fits, drawn only as far as it is seen.
 * After the pattern of the ARIA practices: the field keeps the keyboard, arrows move through the list, Enter takes what
 * is under the cursor, Escape closes; Tab goes to what stands above the list, if anything does.
 */
import { element, setText } from "../dom.js";
import { VirtualList } from "../meters/virtual-list.js";
import { type Placed, placeBeside, type PopupWidth } from "./popup.js";

export interface ComboboxOptions<Item> {
  readonly field: HTMLInputElement;
  /** What the list holds, for screen readers. */
  readonly label: string;
  readonly rowHeight: number;
  readonly width?: PopupWidth;
  readonly keyOf: (item: Item) => string;
  readonly makeRow: (row: HTMLElement) => void;
  readonly draw: (row: HTMLElement, item: Item) => void;
  /** What fits the text; everything for the empty one. */
  readonly search: (typed: string) => readonly Item[];
  readonly choose: (item: Item) => void;
  /** Words for a list without items. */
  readonly none: (typed: string) => string;
  /** Which items are chosen, where that can be several: the list then stays open. */
  readonly isChosen?: (item: Item) => boolean;
  /** Stands above the list. */
  readonly head?: HTMLElement;
  readonly opened?: () => void;
  /** Enter while the list is closed or empty. */
  readonly enter?: () => void;
  /** The field is in use for something else at the moment. */
  readonly isOff?: () => boolean;
}

const HIGHEST = 320;
let boxes = 0;

export class Combobox<Item> {
  readonly #options: ComboboxOptions<Item>;
  readonly #list: VirtualList<Item>;
  readonly #popup: HTMLElement;
  readonly #empty = element("div", { class: "dlms-picker-empty", attributes: { role: "status" } });
  #placed: Placed | undefined;
  #filter = "";

  constructor(options: ComboboxOptions<Item>) {
    this.#options = options;
    const { field, label, rowHeight, keyOf, makeRow, draw, isChosen } = options;
    this.#list = new VirtualList<Item>({
      label,
      rowHeight,
      keyOf,
      makeRow,
      draw,
      field,
      onOpen: (item) => this.#choose(item),
      ...(isChosen === undefined ? {} : { isChosen }),
    });
    this.#popup = element("div", {
      class: "dlms-picker",
      attributes: { id: `dlms-picker-${++boxes}` },
      children: [this.#list.element, this.#empty],
    });
    const attributes = {
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-haspopup": "listbox",
      "aria-expanded": "false",
      "aria-controls": this.#list.element.id,
      autocomplete: "off",
      spellcheck: "false",
    };
    for (const [name, value] of Object.entries(attributes)) field.setAttribute(name, value);
    field.addEventListener("input", () => this.#open(field.value));
    field.addEventListener("click", () => this.#open(""));
    field.addEventListener("keydown", (event) => this.#key(event));
    field.addEventListener("focusout", (event) => this.#left(event));
    this.#popup.addEventListener("focusout", (event) => this.#left(event));
    this.#popup.addEventListener("keydown", (event) => this.#headKey(event));
    // The field keeps the keyboard while one presses on rows.
    this.#list.element.addEventListener("mousedown", (event) => event.preventDefault());
  }

  get isOpen(): boolean {
    return this.#placed !== undefined;
  }

  /** Whether anything fits what is typed. */
  get hasItems(): boolean {
    return this.isOpen && this.#list.items.length > 0;
  }

  /** Looks anew: what there is to choose from has changed. */
  refresh(): void {
    if (this.isOpen) this.#show(false);
  }

  close(): void {
    if (this.#placed === undefined) return;
    this.#placed.stop();
    this.#placed = undefined;
    this.#popup.remove();
    this.#options.field.setAttribute("aria-expanded", "false");
    this.#options.field.removeAttribute("aria-activedescendant");
  }

  #open(filter: string): void {
    const { field, head, opened, isOff } = this.#options;
    if (isOff?.() === true) return this.close();
    this.#filter = filter;
    if (!this.isOpen) {
      if (head !== undefined) this.#popup.prepend(head);
      // Inside the dialog, so that it goes when the dialog goes.
      (field.closest(".red-ui-tray") ?? document.body).append(this.#popup);
      this.#placed = placeBeside(
        this.#popup,
        field,
        this.#options.width ?? "field",
        (height) => this.#fit(height),
        () => this.close(),
      );
      field.setAttribute("aria-expanded", "true");
      opened?.();
    }
    this.#show(true);
  }

  #show(isNew: boolean): void {
    const { search, none, keyOf, rowHeight, field } = this.#options;
    const items = search(this.#filter);
    const before = isNew ? undefined : this.#list.current;
    this.#list.set(items);
    this.#list.element.hidden = items.length === 0;
    this.#empty.hidden = items.length > 0;
    setText(this.#empty, items.length > 0 ? "" : none(this.#filter));
    const head = this.#options.head?.offsetHeight ?? 0;
    const listed = Math.min(items.length * rowHeight, HIGHEST);
    this.#placed?.place(head + 4 + (items.length === 0 ? this.#empty.offsetHeight : listed));
    // What is typed means the first that fits; a list that was merely opened means what the field holds.
    const meant = this.#filter === "" ? this.#held(items, field.value) : items[0];
    const at = before ?? meant;
    this.#list.reveal(at === undefined ? undefined : keyOf(at));
  }

  #held(items: readonly Item[], value: string): Item | undefined {
    if (value.trim() === "") return undefined;
    const key = this.#options.search(value)[0];
    return key !== undefined && items.includes(key) ? key : undefined;
  }

  #fit(height: number): void {
    const head = this.#options.head?.offsetHeight ?? 0;
    this.#list.element.style.height = `${Math.max(this.#options.rowHeight, height - head - 4)}px`;
  }

  #choose(item: Item): void {
    const { field, choose, isChosen } = this.#options;
    choose(item);
    if (isChosen === undefined) this.close();
    else {
      this.#list.draw();
      field.select();
    }
  }

  #key(event: KeyboardEvent): void {
    const { head, enter, isOff } = this.#options;
    if (isOff?.() === true) return;
    if (this.isOpen && event.key === "Escape") this.close();
    else if (["ArrowDown", "ArrowUp", "PageDown", "PageUp"].includes(event.key) && !event.altKey) {
      if (this.isOpen) this.#list.key(event);
      else this.#open("");
    } else if (event.key === "Enter") {
      const item = this.isOpen ? this.#list.current : undefined;
      if (item !== undefined) this.#choose(item);
      else enter?.();
    } else if (event.key === "Tab" && this.isOpen && !event.shiftKey) {
      const first = head === undefined ? undefined : reachable(head)[0];
      if (first === undefined) return this.close();
      first.focus();
    } else return;
    event.preventDefault();
    // The editor has keys of its own.
    event.stopPropagation();
  }

  /** Keys while what stands above the list has the keyboard. */
  #headKey(event: KeyboardEvent): void {
    const { field, head } = this.#options;
    if (head === undefined || !(event.target instanceof Node) || !head.contains(event.target)) return;
    const all = reachable(head);
    const at = all.indexOf(event.target as HTMLElement);
    const isBack = event.key === "Tab" && event.shiftKey && at === 0;
    const isOut = event.key === "Tab" && !event.shiftKey && at === all.length - 1;
    if (event.key !== "Escape" && !isBack && !isOut) return;
    event.preventDefault();
    event.stopPropagation();
    field.focus();
    if (event.key === "Escape") this.close();
  }

  #left({ relatedTarget }: FocusEvent): void {
    if (relatedTarget instanceof Node && this.#popup.contains(relatedTarget)) return;
    if (relatedTarget === this.#options.field) return;
    this.close();
  }
}

function reachable(within: HTMLElement): HTMLElement[] {
  const found = within.querySelectorAll<HTMLButtonElement | HTMLSelectElement>("button, select");
  return [...found].filter((one) => !one.disabled && !one.hidden);
}
