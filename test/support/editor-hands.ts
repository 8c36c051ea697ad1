/**
 * What a user's hands do in the editor: drag nodes out of the palette, open dialogs, type and choose in them, draw
 * wires, press buttons, deploy. Mouse and keyboard alone, by what is written on the screen.
 */
import assert from "node:assert/strict";
import { type Locator, type Page } from "playwright-core";
import { eventually } from "./editor.js";

export class EditorHands {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** The dialog on top. */
  get tray(): Locator {
    return this.page.locator(".red-ui-tray").last();
  }

  /** Drags a node from the palette to a place in the workspace, pixels from its upper left corner. @returns its id */
  async drag(type: string, x: number, y: number): Promise<string> {
    const { page } = this;
    const before = await this.#nodeIds();
    const source = page.locator(`.red-ui-palette-node[data-palette-type="${type}"]`);
    await source.scrollIntoViewIfNeeded();
    const from = await source.boundingBox();
    const chart = await page.locator("#red-ui-workspace-chart").boundingBox();
    assert.ok(from && chart, `${type} and the workspace are on the screen`);
    await page.mouse.move(from.x + 30, from.y + 10);
    await page.mouse.down();
    await page.mouse.move(from.x + 60, from.y + 20, { steps: 3 });
    await page.mouse.move(chart.x + x, chart.y + y, { steps: 8 });
    await page.mouse.up();
    let added: string | undefined;
    await eventually(`a ${type} stands in the workspace`, async () => {
      added = (await this.#nodeIds()).find((id) => !before.includes(id));
      return added !== undefined;
    });
    return added as string;
  }

  async #nodeIds(): Promise<string[]> {
    return this.page.locator("g.red-ui-flow-node-group").evaluateAll((all) => all.map(({ id }) => id));
  }

  node(id: string): Locator {
    return this.page.locator(`[id="${id}"]`);
  }

  /** Opens a node's dialog by a double click. */
  async open(id: string): Promise<void> {
    await this.node(id).locator(".red-ui-flow-node").first().dblclick();
    await this.#settled();
  }

  /** Presses the button that adds a new config node to this field, or edits the one chosen. */
  async config(field: string, what: "add" | "edit" = "add"): Promise<void> {
    const inside = this.tray;
    const buttons = inside.locator(`[id$="-input-btn-${field}-${what}"]`);
    // Without a config node to choose, the one button both adds and edits.
    const button = (await buttons.count()) > 0 ? buttons : inside.locator(`[id$="-input-lookup-${field}"]`);
    const below = await this.tray.elementHandle();
    await button.first().click();
    await below?.waitForElementState("hidden");
    await this.#settled();
  }

  /** The dialog has stopped sliding in. */
  async #settled(): Promise<void> {
    let last = Number.NaN;
    await eventually("the dialog has opened", async () => {
      const box = await this.tray.boundingBox();
      const still = box !== null && box.x === last;
      last = box?.x ?? Number.NaN;
      return still;
    });
  }

  /** A field of the dialog by its label. */
  field(label: string): Locator {
    return this.tray.getByLabel(label, { exact: true });
  }

  async type(label: string, text: string): Promise<void> {
    await this.field(label).fill("");
    await this.field(label).pressSequentially(text);
    await this.page.keyboard.press("Tab");
  }

  /** Chooses in a list by what it says. */
  async choose(label: string, option: string): Promise<void> {
    await this.field(label).selectOption({ label: option });
  }

  /** Chooses what kind of value a typed field has, and types the value if there is one to type. */
  async typed(field: string, kind: string, text?: string): Promise<void> {
    const { page } = this;
    const box = this.tray
      .locator(`[id$="-input-${field}"] + .red-ui-typedInput-container`)
      .or(this.tray.locator(`.red-ui-typedInput-container:has([id$="-input-${field}"])`));
    await box.first().locator(".red-ui-typedInput-type-select").click();
    await page.locator(".red-ui-typedInput-options:visible a", { hasText: kind }).first().click();
    if (text === undefined) return;
    await box.first().locator(".red-ui-typedInput-input").click();
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.type(text);
    await page.keyboard.press("Tab");
  }

  /** Done, or Add in a config node's dialog. */
  async done(): Promise<void> {
    const closing = await this.tray.elementHandle();
    await this.tray.locator("#node-dialog-ok, #node-config-dialog-ok").click();
    await closing?.waitForElementState("hidden");
    if ((await this.tray.count()) > 0) await this.#settled();
  }

  /** Draws a wire from an output, counted from 0, to an input. */
  async wire(from: string, to: string, output = 0): Promise<void> {
    const { page } = this;
    const start = await this.node(from).locator(".red-ui-flow-port-output").nth(output).boundingBox();
    const end = await this.node(to).locator(".red-ui-flow-port-input").boundingBox();
    assert.ok(start && end, `${from} has an output ${output}, ${to} an input`);
    await page.mouse.move(start.x + start.width / 2, start.y + start.height / 2);
    await page.mouse.down();
    await page.mouse.move(end.x - 20, end.y + 4, { steps: 5 });
    await page.mouse.move(end.x + end.width / 2, end.y + end.height / 2, { steps: 5 });
    await page.mouse.up();
  }

  /** Presses the button that an Inject node has on its left. */
  async press(id: string): Promise<void> {
    await this.node(id).locator(".red-ui-flow-node-button-button").click();
  }

  /** Deploys, and waits until that is done. */
  async deploy(): Promise<void> {
    await this.page.click("#red-ui-header-button-deploy");
    await this.page.getByText("Successfully deployed").waitFor();
  }

  /** What stands below a node. */
  async status(id: string): Promise<string> {
    return (await this.node(id).locator(".red-ui-flow-node-status-label").textContent()) ?? "";
  }
}
