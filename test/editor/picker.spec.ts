/**
 * The object picker in a real browser on Node-RED 4 and 5, with a simulated meter: several objects in order by keyboard and by mouse, the meter's own list with its rights, wrong codes with their
 * reason, ten thousand objects, meters and listeners that are not there.
 */
import assert from "node:assert/strict";
import { type Browser, type Page } from "playwright-core";
import { nextFreePort } from "../../src/tools/launcher/ports.js";
import { startFleet } from "../../src/tools/sim/fleet.js";
import { type SimulatorHost } from "../../src/transport/simulator-host.js";
import { launchBrowser } from "../support/browser.js";
import { cancelAll, edit, end } from "../support/dialog.js";
import {
  eventually,
  openEditor,
  type OpenPage,
  platforms,
  type RunningEditor,
  startEditor,
} from "../support/editor.js";

const serial = "46000000001";
const MANY = 10_000;

function flow(port: number): object[] {
  const node = (type: string, more: object): object => ({
    type,
    z: "tab",
    x: 200,
    y: 100,
    listener: "incoming",
    wires: [[], []],
    ...more,
  });
  return [
    { id: "tab", type: "tab", label: "gateway" },
    {
      id: "hexcells",
      type: "dlms-meter-type",
      name: "ours",
      preset: "hexcell",
      codesFrom: "list",
      codes: [],
    },
    {
      id: "incoming",
      type: "dlms-listener",
      name: "dial-in",
      port: String(port),
      host: "127.0.0.1",
      meterType: "hexcells",
    },
    { id: "unused", type: "dlms-listener", name: "nobody", port: "4999" },
    node("dlms-read", { id: "read", codesFrom: "list", list: [] }),
    node("dlms-read", { id: "again", y: 160, codesFrom: "list", list: [] }),
    node("dlms-read", { id: "lost", y: 220, listener: "was-never-there", codesFrom: "list", list: [] }),
    node("dlms-read", { id: "away", y: 280, d: true, listener: "unused", codesFrom: "list", list: [] }),
  ];
}

interface Row {
  readonly obisCode: string;
  readonly classId?: string;
  readonly attributeId?: string;
}

for (const platform of platforms)
  describe(`object picker: ${platform.name}`, function () {
    this.timeout(180_000);
    let editor: RunningEditor;
    let browser: Browser;
    let fleet: SimulatorHost;
    let open: OpenPage;
    let page: Page;

    before(async () => {
      const port = await nextFreePort(27_900, "127.0.0.1");
      editor = await startEditor({ platform, flow: flow(port) });
      fleet = startFleet({ port, count: 1, seed: 1, dialects: ["hexcell-login"], firstSerial: serial });
      browser = await launchBrowser();
      open = await openEditor(browser, editor);
      page = open.page;
      await eventually(
        "the meter dials in",
        async () => (await get<{ meters: [] }>("/meters")).meters.length > 0,
      );
    });

    afterEach(() => cancelAll(page));

    after(async () => {
      await browser?.close();
      await fleet?.stop();
      await editor?.stop();
    });

    async function get<T>(path: string): Promise<T> {
      return (await (await fetch(`${editor.url}/dlms-gateway${path}`)).json()) as T;
    }

    const search = (): ReturnType<Page["locator"]> => page.locator(".dlms-picker-search:visible");
    const options = (): ReturnType<Page["locator"]> => page.locator('.dlms-picker [role="option"]');
    const status = (): Promise<string> => page.locator(".dlms-picker-head .dlms-note-line").innerText();
    const codes = (): Promise<string[]> =>
      page.evaluate("[...document.querySelectorAll('.dlms-code')].map((field) => field.value)");

    async function listed(words: RegExp): Promise<void> {
      await eventually(`the list says ${words.source}`, async () => words.test(await status()), status);
    }

    it("several objects in order, by keyboard alone, saved as picked", async () => {
      await edit(page, "read");
      await search().focus();
      await page.keyboard.press("ArrowDown");
      await listed(/What the type of meter 46000000001 knows/);
      for (const words of ["voltage L1", "active energy import total", "Clock"]) {
        await page.keyboard.type(words);
        await page.keyboard.press("Enter");
      }
      assert.deepEqual(await codes(), ["1-0:32.7.0.255", "1-0:1.8.0.255", "0-0:1.0.0.255"]);
      assert.equal(await search().getAttribute("aria-expanded"), "true");
      await page.keyboard.press("Escape");
      assert.equal(await search().getAttribute("aria-expanded"), "false");
      // The second row goes up with Alt and an arrow, and keeps the keyboard.
      await page.locator(".dlms-code").nth(1).focus();
      await page.keyboard.press("Escape");
      await page.keyboard.press("Alt+ArrowUp");
      assert.deepEqual(await codes(), ["1-0:1.8.0.255", "1-0:32.7.0.255", "0-0:1.0.0.255"]);
      assert.equal(await page.evaluate("document.activeElement.value"), "1-0:1.8.0.255");
      assert.match(await page.locator(".dlms-picker-live").innerText(), /number 1 of 3/);
      // An attribute of the clock, by its name.
      await page.locator(".dlms-attribute").nth(2).focus();
      await page.keyboard.type("zone");
      await page.keyboard.press("Enter");
      await end(page, "ok");
      const saved: Row[] = await page.evaluate("RED.nodes.node('read').list");
      assert.deepEqual(saved, [
        { obisCode: "1-0:1.8.0.255" },
        { obisCode: "1-0:32.7.0.255" },
        { obisCode: "0-0:1.0.0.255", attributeId: "3" },
      ]);
    });

    it("by mouse: picked, moved, removed; the meter's own list with rights; read at once", async () => {
      await edit(page, "again");
      await search().click();
      await listed(/meter 46000000001/);
      await page.locator(".dlms-picker-source button").click();
      await listed(/objects of meter 46000000001 itself/);
      assert.match(await page.locator(".dlms-picker-source option:checked").innerText(), /own list/);
      await search().fill("relay");
      const relay = options().filter({ hasText: "0-0:96.3.10.255" });
      assert.match(await relay.innerText(), /Disconnect control/);
      assert.deepEqual(await relay.locator("abbr:visible").allInnerTexts(), ["R", "M"]);
      await relay.click();
      await search().fill("1-0:1.8.0");
      await options().first().click();
      await search().fill("32.7.0");
      assert.match(await options().first().innerText(), /voltage L1[\s\S]*230\.4 V/);
      await options().first().click();
      assert.equal(await options().first().getAttribute("aria-selected"), "true");
      assert.deepEqual(await codes(), ["0-0:96.3.10.255", "1-0:1.8.0.255", "1-0:32.7.0.255"]);
      await page.locator("#node-input-name").click();
      await page.locator('.dlms-pick-line button[aria-label="Move up"]').nth(2).click();
      assert.deepEqual(await codes(), ["0-0:96.3.10.255", "1-0:32.7.0.255", "1-0:1.8.0.255"]);
      await page.locator(".red-ui-editableList-item-remove").first().click();
      await eventually("the row goes", async () => (await codes()).length === 2);
      await page.locator(".dlms-try button").click();
      await page.waitForSelector(".dlms-try .dlms-readings");
      assert.match(
        await page.locator(".dlms-try").innerText(),
        /1-0:32\.7\.0\.255 voltage L1\s+2\d\d(\.\d+)? V/,
      );
      await end(page, "cancel");
    });

    it("any form of code is taken, a wrong one told at once with the reason, and saved as an error", async () => {
      await edit(page, "again");
      for (const [typed, reason] of [
        ["1-0:300.8.0.255", /group C is 300; the highest is 255/],
        ["1-7:77.8", /has 4 groups; 5 or 6 are needed/],
        ["96.250.9", /could mean several objects: write 0-0:96\.250\.9 or 1-0:96\.250\.9/],
      ] as const) {
        await search().fill(typed);
        const told = page.locator(".dlms-picker-row .dlms-reason");
        await eventually(
          "the reason",
          async () => reason.test(await told.innerText()),
          () => told.innerText(),
        );
        assert.equal(await search().getAttribute("aria-invalid"), "true");
        await page.keyboard.press("Enter");
        assert.deepEqual(await codes(), []);
      }
      for (const typed of ["0100010800FF", "1.0.2.8.0*255", "1-0:177.3.4.5"]) {
        await search().fill(typed);
        await page.keyboard.press("Enter");
      }
      assert.deepEqual(await codes(), ["1-0:1.8.0.255", "1-0:2.8.0.255", "1-0:177.3.4.5"]);
      assert.equal(await search().getAttribute("aria-invalid"), null);
      const code = page.locator(".dlms-code").first();
      await code.fill("1-0:1.x");
      assert.match(
        await page.locator(".red-ui-editableList .dlms-reason:visible").innerText(),
        /“x” does not belong/,
      );
      const described = await code.getAttribute("aria-describedby");
      assert.ok(described !== null && (await page.locator(`[id="${described}"]`).isVisible()));
      await end(page, "ok");
      assert.equal(await page.evaluate("RED.nodes.node('again').valid"), false);
      await edit(page, "again");
      await page.locator(".dlms-code").first().fill("${CODE}");
      await end(page, "ok");
      assert.equal(await page.evaluate("RED.nodes.node('again').valid"), true);
    });

    it(`${MANY} objects: only what is seen is drawn, and found as one types`, async () => {
      const objects = Array.from({ length: MANY }, (_, i) => ({
        obis: `1-${i % 64}:${129 + (i % 100)}.${Math.floor(i / 100)}.0.255`,
        classId: 3,
        description: `object number ${i}`,
        unit: "V",
        read: [1, 2, 3],
        write: [],
        call: [],
      }));
      const answer = {
        source: "meter",
        at: new Date().toISOString(),
        preset: "hexcell",
        objects,
        classes: {},
      };
      let asked = 0;
      await page.route("**/meters/*/objects", (route) => {
        asked += 1;
        return route.fulfill({ json: answer });
      });
      await edit(page, "again");
      await search().click();
      await page.locator(".dlms-picker-source button").click();
      await listed(/10000 objects of meter/);
      const longest = await page.evaluate(`(async () => {
        const field = document.querySelector(".dlms-picker-search");
        let longest = 0;
        for (const typed of ["o", "ob", "obj", "object", "object number 77", "object number 7777"]) {
          const from = performance.now();
          field.value = typed;
          field.dispatchEvent(new Event("input", { bubbles: true }));
          longest = Math.max(longest, performance.now() - from);
          await new Promise((next) => requestAnimationFrame(next));
        }
        return longest;
      })()`);
      console.log(`      a keystroke over ${MANY} objects takes at most ${Math.round(longest as number)} ms`);
      assert.equal(await options().count(), 1);
      assert.match(await options().innerText(), /object number 7777/);
      await search().fill("");
      assert.ok((await options().count()) < 40, "rows drawn");
      assert.equal(await options().first().getAttribute("aria-setsize"), String(MANY));
      const before = asked;
      await page.keyboard.press("PageDown");
      await page.keyboard.press("PageDown");
      const active = await search().getAttribute("aria-activedescendant");
      assert.ok(Number(await page.locator(`[id="${active ?? ""}"]`).getAttribute("aria-posinset")) > 8);
      assert.equal(asked, before, "moving asks for nothing");
      await page.unroute("**/meters/*/objects");
      await end(page, "cancel");
    });

    it("a serial number is suggested from the connected meters; Tab reaches what stands above a list", async () => {
      await edit(page, "again");
      await page.evaluate('$("#node-input-meter").typedInput("type", "str")');
      const field = page.getByRole("combobox", { name: /^(serial number|Meter)$/ });
      await field.click();
      await options().filter({ hasText: serial }).waitFor();
      await field.pressSequentially("46");
      await page.keyboard.press("Enter");
      assert.equal(await page.locator("#node-input-meter").inputValue(), serial);
      await search().focus();
      await page.keyboard.press("ArrowDown");
      await listed(/meter 46000000001/);
      const focused = (): Promise<string> =>
        page.evaluate("document.activeElement.className || document.activeElement.nodeName");
      await page.keyboard.press("Tab");
      assert.equal(await focused(), "SELECT");
      await page.locator(".dlms-picker-source select").selectOption("");
      await listed(/dictionary/i);
      await page.keyboard.press("Shift+Tab");
      assert.match(await focused(), /dlms-picker-search/);
      await page.keyboard.press("Escape");
      assert.equal(await page.locator(".dlms-picker").count(), 0);
    });

    it("listeners that are not deployed, missing or without meters, and meters that vanish, in words", async () => {
      await edit(page, "away");
      await search().click();
      await listed(/No meter can be asked: No enabled node uses this listener[\s\S]*dictionary/);
      await search().fill("frequency");
      assert.match(await options().first().innerText(), /1-0:14\.7\.0\.255/);
      await end(page, "cancel");
      await edit(page, "lost");
      await search().click();
      await listed(/No listener is chosen \(or it is missing from the flow\)/);
      assert.match(await page.locator(".dlms-reason:visible").innerText(), /choose one/);
      await end(page, "cancel");
      await edit(page, "read");
      await search().click();
      await listed(/meter 46000000001/);
      await fleet.stop();
      await eventually(
        "the meter goes",
        async () => (await get<{ meters: [] }>("/meters")).meters.length === 0,
      );
      await page.locator(".dlms-picker-source button").click();
      await listed(/not connected|offline|away|knows/i);
      assert.ok((await options().count()) > 0, "there is still something to choose from");
      await end(page, "cancel");
    });

    it("left no error in the console", () => {
      assert.deepEqual(open.errors, []);
    });
  });
