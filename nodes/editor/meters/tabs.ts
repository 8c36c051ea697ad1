/** Tabs inside the sidebar, by the pattern screen readers know: arrows move between them, one page is shown. */
import { element } from "../dom.js";

export interface Tab {
  readonly label: string;
  readonly content: HTMLElement;
  readonly onShow?: () => void;
  readonly onHide?: () => void;
}

let count = 0;

export class Tabs {
  readonly element: HTMLElement;
  readonly #tabs: readonly Tab[];
  readonly #buttons: readonly HTMLButtonElement[];
  #at = 0;

  constructor(label: string, tabs: readonly Tab[]) {
    const id = `dlms-tabs-${++count}`;
    this.#tabs = tabs;
    this.#buttons = tabs.map((tab, at) => {
      const made = element("button", {
        class: "dlms-tab",
        text: tab.label,
        attributes: { type: "button", role: "tab", id: `${id}-${at}`, "aria-controls": `${id}-panel-${at}` },
      });
      made.addEventListener("click", () => this.show(at));
      return made;
    });
    tabs.forEach(({ content }, at) => {
      content.id = `${id}-panel-${at}`;
      content.setAttribute("role", "tabpanel");
      content.setAttribute("aria-labelledby", `${id}-${at}`);
    });
    const bar = element("div", {
      class: "dlms-tabs",
      attributes: { role: "tablist", "aria-label": label },
      children: this.#buttons,
    });
    bar.addEventListener("keydown", (event) => this.#key(event));
    this.element = element("div", {
      class: "dlms-page",
      children: [bar, ...tabs.map(({ content }) => content)],
    });
    this.#draw();
  }

  get at(): number {
    return this.#at;
  }

  show(at: number): void {
    if (at === this.#at) return;
    this.#tabs[this.#at]?.onHide?.();
    this.#at = at;
    this.#draw();
    this.#tabs[at]?.onShow?.();
  }

  #draw(): void {
    this.#tabs.forEach(({ content }, at) => {
      const isShown = at === this.#at;
      content.hidden = !isShown;
      this.#buttons[at]?.setAttribute("aria-selected", String(isShown));
      this.#buttons[at]?.setAttribute("tabindex", isShown ? "0" : "-1");
    });
  }

  #key(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const at = (this.#at + step + this.#tabs.length) % this.#tabs.length;
    this.show(at);
    this.#buttons[at]?.focus();
    event.preventDefault();
    event.stopPropagation();
  }
}
