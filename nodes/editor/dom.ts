/** Small pieces of page: elements with their texts and labels in one call. Texts are always set as text, never as html. */

export interface ElementOptions {
  readonly class?: string;
  readonly text?: string;
  readonly title?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly children?: readonly (Node | undefined)[];
}

export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  { class: names, text, title, attributes = {}, children = [] }: ElementOptions = {},
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  if (names !== undefined) made.className = names;
  if (text !== undefined) made.textContent = text;
  if (title !== undefined) made.title = title;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  for (const child of children) if (child !== undefined) made.append(child);
  return made;
}

/** One of the editor's own icons; for the eye only. */
export function icon(name: string): HTMLElement {
  return element("i", { class: `fa fa-${name}`, attributes: { "aria-hidden": "true" } });
}

export interface ButtonOptions {
  readonly label: string;
  readonly icon?: string;
  /** Shows the icon only; the label is for screen readers and as a tooltip. */
  readonly iconOnly?: boolean;
  readonly onClick: () => void;
}

export function button({ label, icon: name, iconOnly = false, onClick }: ButtonOptions): HTMLButtonElement {
  const made = element("button", {
    class: "red-ui-button red-ui-button-small",
    attributes: { type: "button", ...(iconOnly ? { "aria-label": label } : {}) },
    ...(iconOnly ? { title: label } : {}),
    children: [
      name === undefined ? undefined : icon(name),
      iconOnly ? undefined : element("span", { text: label }),
    ],
  });
  made.addEventListener("click", onClick);
  return made;
}

/** Sets the text when it differs: what does not change is not touched. */
export function setText(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

/** Copies and says so; where the browser refuses, the text is shown to be copied by hand. */
export function copyText(text: string, copied: () => void, refused: () => void): void {
  navigator.clipboard?.writeText(text).then(copied, () => fallback(text, copied, refused));
  if (navigator.clipboard === undefined) fallback(text, copied, refused);
}

/** Pages that are not served over https have no clipboard of their own. */
function fallback(text: string, copied: () => void, refused: () => void): void {
  const box = element("textarea", { attributes: { "aria-hidden": "true" } });
  box.value = text;
  box.style.position = "fixed";
  box.style.opacity = "0";
  const before = document.activeElement;
  document.body.append(box);
  box.select();
  const done = document.execCommand("copy");
  box.remove();
  if (before instanceof HTMLElement) before.focus();
  if (done) copied();
  else refused();
}
