/**
 * The dialogs in a real browser on Node-RED 4 and 5, in both themes: fields that follow the object, reasons and units
 * beside fields, what does not matter hidden, flows from elsewhere that lack properties or name no choice.
 */
import assert from "node:assert/strict";
import { type Browser, type Page } from "playwright-core";
import { launchBrowser } from "../support/browser.js";
import { cancelAll, contrast, edit, end } from "../support/dialog.js";
import {
  darken,
  eventually,
  openEditor,
  type OpenPage,
  platforms,
  type RunningEditor,
  startEditor,
} from "../support/editor.js";

function node(type: string, more: object): object {
  return { type, z: "tab", x: 200, y: 100, listener: "incoming", wires: [[], []], ...more };
}

const flow = [
  { id: "tab", type: "tab", label: "gateway" },
  { id: "hexcells", type: "dlms-meter-type", name: "ours", preset: "hexcell", codesFrom: "list", codes: [] },
  // As an older version or another hand may have written it.
  { id: "incoming", type: "dlms-listener", framing: "carrier pigeon", port: "0" },
  { id: "backend", type: "hes-connection", url: "localhost:5000" },
  node("dlms-read", { id: "read", d: true, codesFrom: "list", list: [] }),
  node("dlms-write", { id: "write", d: true, y: 160, wires: [[]] }),
  node("dlms-action", { id: "action", d: true, y: 220, wires: [[]] }),
  node("dlms-load-profile", { id: "profile", d: true, y: 280 }),
  node("dlms-clock", { id: "clock", d: true, y: 340, tolerance: "soon", wires: [[]] }),
];

interface Row {
  readonly obisCode: string;
  readonly classId?: string;
  readonly attributeId?: string;
}

for (const platform of platforms)
  describe(`dialogs: ${platform.name}`, function () {
    this.timeout(180_000);
    let editor: RunningEditor;
    let browser: Browser;
    let open: OpenPage;
    let page: Page;

    before(async () => {
      editor = await startEditor({ platform, flow });
      browser = await launchBrowser();
      open = await openEditor(browser, editor);
      page = open.page;
    });

    afterEach(() => cancelAll(page));

    after(async () => {
      await browser?.close();
      await editor?.stop();
    });

    const search = (): ReturnType<Page["locator"]> => page.locator(".dlms-picker-search:visible");
    const options = (): ReturnType<Page["locator"]> => page.locator('.dlms-picker [role="option"]');
    const codes = (): Promise<string[]> =>
      page.evaluate("[...document.querySelectorAll('.dlms-code')].map((field) => field.value)");

    it("one object: class and attribute follow it; methods and profiles only where there are some", async () => {
      await edit(page, "write");
      await page.locator("#node-input-obisCode").click();
      await page.keyboard.type("clock");
      await page.keyboard.press("Enter");
      assert.equal(await page.locator("#node-input-obisCode").inputValue(), "0-0:1.0.0.255");
      assert.equal(await page.locator("#node-input-attributeId").getAttribute("placeholder"), "2 time");
      await page.locator("#node-input-attributeId").click();
      await options().filter({ hasText: "time zone" }).click();
      await page.locator("#node-input-classId").fill("70000");
      const reason = page.locator(".dlms-reason:visible");
      await eventually("the reason", async () => /from 0 to 65535/.test(await reason.innerText()));
      await page.locator("#node-input-classId").fill("");
      await reason.waitFor({ state: "hidden" });
      await end(page, "ok");
      const saved: Row = await page.evaluate(
        "(({ obisCode, classId, attributeId }) => ({ obisCode, classId, attributeId }))(RED.nodes.node('write'))",
      );
      assert.deepEqual(saved, { obisCode: "0-0:1.0.0.255", classId: "", attributeId: "3" });
      await edit(page, "action");
      await page.locator("#node-input-obisCode").fill("relay");
      await page.keyboard.press("Enter");
      await page.locator("#node-input-methodId").click();
      assert.deepEqual(
        (await options().allInnerTexts()).map((text) => text.replace(/\s+/g, " ")),
        ["1 remote disconnect", "2 remote reconnect"],
      );
      await end(page, "cancel");
      await edit(page, "profile");
      await page.locator("#node-input-obisCode").click();
      for (const text of await options().allInnerTexts()) assert.match(text, /Profile generic/);
      await end(page, "cancel");
    });

    it("reasons and units stand beside the fields, readable in both themes", async () => {
      await edit(page, "clock");
      const reason = page.locator(".dlms-reason:visible");
      assert.equal(await reason.innerText(), "must be a whole number from 0 to 86400");
      assert.equal(await page.locator("#node-input-tolerance-unit").innerText(), "s");
      await end(page, "cancel");
      assert.equal(await page.evaluate("RED.nodes.node('clock').valid"), false);
      for (const theme of ["light", "dark"]) {
        if (theme === "dark") await darken(page);
        await edit(page, "clock");
        const contrasts: number[] = [
          await contrast(page, ".dlms-reason"),
          await contrast(page, ".dlms-unit"),
        ];
        await end(page, "cancel");
        await edit(page, "read");
        await search().click();
        contrasts.push(await contrast(page, ".dlms-pick-text"), await contrast(page, ".dlms-pick-code"));
        contrasts.push(await contrast(page, ".dlms-picker-head .dlms-note-line"));
        await end(page, "cancel");
        assert.ok(
          Math.min(...contrasts) >= 4.5,
          `${theme}: ${contrasts.map((one) => one.toFixed(1)).join()}`,
        );
      }
    });

    it("a meter type's default codes are picked from what its preset knows", async () => {
      await edit(page, "hexcells");
      await search().focus();
      await page.keyboard.type("remain");
      await eventually("it is found", async () => (await options().count()) > 0);
      await page.keyboard.press("Enter");
      assert.equal((await codes()).length, 1);
    });

    it("what is no choice, or missing, becomes the default; fields of HDLC only where it is spoken", async () => {
      await edit(page, "incoming");
      assert.equal(await page.locator("#node-config-input-framing").inputValue(), "auto");
      assert.equal(await page.locator("#node-config-input-offline").inputValue(), "wait");
      assert.match(await page.locator(".dlms-reason:visible").innerText(), /from 1 to 65535/);
      await page.locator("#node-config-input-port").fill("${DLMS_PORT}");
      await page.locator(".dlms-reason").waitFor({ state: "hidden" });
      await end(page, "cancel");
      await edit(page, "backend");
      assert.match(await page.locator(".dlms-reason:visible").innerText(), /must begin with http/);
      await end(page, "cancel");
      await edit(page, "hexcells");
      const octets = page.locator("#node-config-input-hdlcAddressOctets");
      assert.equal(await octets.isVisible(), false);
      await page.locator("#node-config-input-framing").selectOption("hdlc");
      assert.equal(await octets.isVisible(), true);
      await page.locator("#node-config-input-framing").selectOption("");
      await page.locator("#node-config-input-preset").selectOption("standard");
      assert.equal(await octets.isVisible(), true);
    });

    it("fields stay in line in a narrow dialog and in a wide one", async () => {
      for (const width of [900, 1_900]) {
        await page.setViewportSize({ width, height: 950 });
        for (const id of ["read", "write", "profile"]) {
          await edit(page, id);
          const wrong: string[] = await page.evaluate(`(() => {
            const form = document.querySelector(".dlms-form").getBoundingClientRect();
            return [...document.querySelectorAll(".dlms-form .form-row > label")].flatMap((label) => {
              const box = label.getBoundingClientRect();
              const next = label.nextElementSibling.getBoundingClientRect().height > 0
                ? label.nextElementSibling : label.nextElementSibling.nextElementSibling;
              const field = next.getBoundingClientRect();
              if (box.height === 0 || field.height === 0) return [];
              const isBeside = field.top < box.bottom && field.right <= form.right + 1;
              return isBeside ? [] : [label.textContent.trim()];
            });
          })()`);
          assert.deepEqual(wrong, [], `${id} at ${width}`);
          await end(page, "cancel");
        }
      }
    });

    it("left no error in the console", () => {
      assert.deepEqual(open.errors, []);
    });
  });
