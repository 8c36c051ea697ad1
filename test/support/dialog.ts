/** Dialogs of nodes in the real editor: opened, standing still, closed; and whether one can read what they say. */
import { type Page } from "playwright-core";
import { eventually } from "./editor.js";

export async function edit(page: Page, id: string): Promise<void> {
  await page.evaluate(`(() => {
    const node = RED.nodes.node(${JSON.stringify(id)});
    if (node._def.category === "config") RED.editor.editConfig("", node.type, node.id);
    else RED.editor.edit(node);
  })()`);
  await page.waitForSelector(".dlms-form");
  // It slides in, and its first field gets the keyboard then.
  await eventually("the dialog stands", () =>
    page.evaluate(`(async () => {
      const left = () => document.querySelector(".dlms-form").getBoundingClientRect().left;
      const before = left();
      await new Promise((wake) => setTimeout(wake, 300));
      return left() === before && left() > 0;
    })()`),
  );
}

export async function end(page: Page, how: "ok" | "cancel"): Promise<void> {
  await page.locator(`#node-dialog-${how}:visible, #node-config-dialog-${how}:visible`).click();
  await page.waitForSelector(".dlms-form", { state: "detached" });
}

/** Whatever is open, whether a test left it so or not. */
export async function cancelAll(page: Page): Promise<void> {
  await page.evaluate('$("#node-dialog-cancel, #node-config-dialog-cancel").click()');
  await page.waitForSelector(".dlms-form", { state: "detached" });
}

/** Of the text of the first such element to what is behind it, as WCAG counts it. */
export async function contrast(page: Page, selector: string): Promise<number> {
  await page.waitForSelector(`${selector}:visible`);
  return page.evaluate(`(() => {
    const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
      .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
      .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const shown = [...document.querySelectorAll(${JSON.stringify(selector)})].find((one) => one.offsetParent !== null || one.getClientRects().length);
    let behind = shown;
    while (behind && (parse(getComputedStyle(behind).backgroundColor)[3] ?? 1) === 0) behind = behind.parentElement;
    const [a, b] = [light(parse(getComputedStyle(shown).color)), light(parse(getComputedStyle(behind).backgroundColor))];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  })()`);
}
