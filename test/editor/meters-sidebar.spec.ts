/**
 * The meters sidebar in a real browser on Node-RED 4 and 5, in both themes, with 5,000 links: twelve whole simulated
 * meters, the others dial in and refuse to associate. Smoothness is held by what makes it so (rows drawn, requests made,
 * octets fetched); the longest task of the page's main thread while scrolling and typing is printed, measured by the
 * browser itself (PerformanceObserver, `longtask`).
 */
import assert from "node:assert/strict";
import { type Browser, type Page } from "playwright-core";
import { type SimulatorHost } from "../../src/transport/simulator-host.js";
import { nextFreePort } from "../../src/tools/launcher/ports.js";
import { startFleet } from "../../src/tools/sim/fleet.js";
import { launchBrowser } from "../support/browser.js";
import { Crowd } from "../support/crowd.js";
import {
  darken,
  eventually,
  openEditor,
  type OpenPage,
  platforms,
  type RunningEditor,
  startEditor,
} from "../support/editor.js";

const METERS = 5_000;
const SIMULATED = 12;
const FIRST = 46_100_000_000;

function flow(port: number): object[] {
  return [
    { id: "tab", type: "tab", label: "gateway" },
    { id: "incoming", type: "dlms-listener", name: "dial-in", port: String(port), host: "127.0.0.1" },
    { id: "unusable", type: "dlms-listener", name: "no port", port: "${NOT_SET_ANYWHERE}" },
    {
      id: "server",
      type: "dlms-meter-server",
      z: "tab",
      x: 200,
      y: 100,
      listener: "incoming",
      wires: [[], []],
    },
  ];
}

/** Longest task of the page's main thread since it was asked last, in milliseconds. */
async function longestTask(page: Page): Promise<number> {
  return page.evaluate(`(() => {
    window.__tasks ??= (() => {
      const seen = [];
      new PerformanceObserver((list) => seen.push(...list.getEntries().map((e) => e.duration)))
        .observe({ entryTypes: ["longtask"] });
      return seen;
    })();
    return Math.round(Math.max(0, ...window.__tasks.splice(0)));
  })()`);
}

function text(page: Page, selector: string): Promise<string> {
  return page.locator(`${selector}:visible`).first().innerText();
}

/** Contrast of what is written to what it is written on (WCAG 2). */
async function contrast(page: Page, selector: string): Promise<number> {
  return page.evaluate(`(() => {
    const channels = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
    const light = (rgb) => {
      const [r, g, b] = rgb.slice(0, 3).map((c) => c / 255)
        .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const node = document.querySelector(${JSON.stringify(selector)});
    let colour = [0, 0, 0];
    for (let back = node; back !== null; back = back.parentElement) {
      colour = channels(getComputedStyle(back).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) break;
    }
    const [a, b] = [light(channels(getComputedStyle(node).color)), light(colour)].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  })()`);
}

for (const platform of platforms)
  describe(`meters sidebar: ${platform.name}`, function () {
    this.timeout(240_000);
    let editor: RunningEditor;
    let browser: Browser;
    let fleet: SimulatorHost;
    let crowd: Crowd;
    let open: OpenPage;
    let page: Page;
    let port: number;
    let serial: string;

    before(async () => {
      port = await nextFreePort(26_400, "127.0.0.1");
      editor = await startEditor({ platform, flow: flow(port) });
      fleet = startFleet({
        port,
        count: SIMULATED,
        seed: 1,
        dialects: ["hexcell-login"],
        objects: "hexcell",
        firstSerial: "46000000001",
      });
      serial = "46000000001";
      crowd = new Crowd(port);
      browser = await launchBrowser();
      open = await openEditor(browser, editor);
      page = open.page;
    });

    after(async () => {
      await browser?.close();
      crowd?.close();
      await fleet?.stop();
      await editor?.stop();
    });

    const sidebar = (inside = ""): string => `.dlms-sidebar ${inside}`;

    it("asks nothing while nobody looks, and fills as meters dial in", async () => {
      let asked = 0;
      page.on("request", (request) => {
        if (request.url().includes("/dlms-gateway/")) asked++;
      });
      await eventually(
        "the simulated meters are associated",
        async () => {
          const answer = (await (await fetch(`${editor.url}/dlms-gateway/fleet`)).json()) as {
            listeners: { id: string; changes?: { meters: { associated: boolean }[] } }[];
          };
          const meters = answer.listeners.find(({ id }) => id === "incoming")?.changes?.meters ?? [];
          return meters.filter(({ associated }) => associated).length === SIMULATED;
        },
        () => editor.log(),
      );
      assert.equal(asked, 0);
      await page.evaluate("RED.actions.invoke('dlms-gateway:show-meters')");
      await page.waitForSelector(sidebar(".dlms-meter"));
      await crowd.dialIn(METERS - SIMULATED, FIRST);
      await eventually(
        "all meters are listed",
        async () => (await text(page, sidebar(".dlms-filters"))).includes("All 5,000"),
        () => editor.log(),
      );
      assert.equal(await page.getAttribute(sidebar(".dlms-list-row"), "aria-setsize"), "5000");
      assert.match(await text(page, sidebar(".dlms-cards")), /dial-in[\s\S]*5000 online/);
      assert.match(await text(page, sidebar(".dlms-cards")), /NOT_SET_ANYWHERE, which is not set/);
    });

    it("draws only what is seen while it is scrolled and searched, and meters go on talking", async () => {
      const rows = (): Promise<number> => page.locator(sidebar(".dlms-meter:visible")).count();
      let octets = 0;
      page.on("response", (response) => {
        if (!response.url().includes("/dlms-gateway/fleet")) return;
        response.body().then(
          (body) => (octets = Math.max(octets, body.length)),
          () => undefined,
        );
      });
      await longestTask(page);
      let most = 0;
      for (let step = 1; step <= 25; step++) {
        crowd.beat(20);
        await page.evaluate(
          `{ const list = document.querySelector(".dlms-list"); list.scrollTop = list.scrollHeight * ${step} / 25; }`,
        );
        await page.waitForTimeout(40);
        most = Math.max(most, await rows());
      }
      const scrolling = await longestTask(page);
      assert.ok(most > 0 && most < 60, `${most} rows are drawn`);
      assert.match(
        await text(page, sidebar(".dlms-list")),
        new RegExp(String(FIRST + METERS - SIMULATED - 1)),
      );
      const search = page.locator(sidebar(".dlms-search")).first();
      await search.focus();
      for (const digit of serial) {
        await page.keyboard.type(digit);
        crowd.beat(20);
        await page.waitForTimeout(20);
      }
      const typing = await longestTask(page);
      await eventually("one meter fits", async () => (await rows()) === 1);
      assert.match(await text(page, sidebar(".dlms-meter")), new RegExp(`${serial}[\\s\\S]*online`));
      // A change is fetched as a change, not as the whole list.
      await eventually("changes are fetched", () => octets > 0);
      assert.ok(octets < 150_000, `${octets} octets at once`);
      console.log(
        `      ${METERS} meters: longest task ${scrolling} ms while scrolling, ${typing} ms while searching`,
      );
    });

    it("is worked by the keyboard alone: from the search to a meter, its tabs, and back", async () => {
      await page.locator(sidebar(".dlms-search")).first().focus();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      await page.waitForSelector(sidebar(".dlms-title:visible"));
      assert.equal(await text(page, sidebar(".dlms-title")), serial);
      await page.keyboard.press("Escape");
      await page.waitForSelector(sidebar(".dlms-list:visible"));
      const focused = await page.evaluate("document.activeElement.getAttribute('aria-label')");
      assert.equal(focused, "Meters");
      await page.keyboard.press("Enter");
      await page.getByRole("tab", { name: "Overview" }).focus();
      await page.keyboard.press("ArrowRight");
      assert.equal(await page.getByRole("tab", { name: "Objects" }).getAttribute("aria-selected"), "true");
      await page.keyboard.press("ArrowLeft");
    });

    it("reads now, and shows what a meter does last", async () => {
      await page.getByRole("button", { name: "Read now" }).click();
      await page.getByText("5 values read.").waitFor();
      const facts = await text(page, sidebar(".dlms-readings"));
      assert.match(facts, /1-0:1\.8\.0\.255[\s\S]*Wh/);
      await eventually("the overview follows", async () =>
        /Last success\s+read-meter/.test(await text(page, sidebar(".dlms-facts"))),
      );
    });

    it("browses objects with their values", async () => {
      await page.getByRole("tab", { name: "Objects" }).click();
      await page.getByText(/objects that the meter type knows/).waitFor();
      await page.getByRole("button", { name: "Ask the meter" }).click();
      await page.getByText(/objects of the meter's own list/).waitFor();
      await page.getByLabel("Search code, class, description").fill("1-0:1.8.0");
      await page.locator(sidebar(".dlms-object")).first().click();
      await page.waitForSelector(sidebar(".dlms-pane h5"));
      const values = await text(page, sidebar(".dlms-pane"));
      assert.match(values, /1-0:1\.8\.0\.255 Register/);
      assert.match(values, /2 value\s+[\d.]+ Wh/);
    });

    it("shows frames while it is open, with their layers, in two editors at once", async () => {
      await page.getByRole("tab", { name: "Frames" }).click();
      await page.getByText(/Recording while this page is open/).waitFor();
      const other = await openEditor(browser, editor);
      await other.page.evaluate("RED.sidebar.show('dlms-meters')");
      await other.page.locator(".dlms-search").first().fill(serial);
      await other.page.locator(".dlms-meter").first().click();
      await other.page.getByRole("tab", { name: "Frames" }).click();
      await other.page.getByText(/Recording while/).waitFor();
      await page.getByRole("button", { name: "Read now" }).click();
      for (const one of [page, other.page]) {
        const request = one.locator(".dlms-frame-row", { hasText: "get-request" }).first();
        await request.click();
        await eventually("the layers are shown", async () =>
          /instanceId: 0100010800FF/.test(
            (await one.locator("pre.dlms-frame:visible").first().textContent()) ?? "",
          ),
        );
      }
      await page.getByRole("button", { name: "Enlarge" }).click();
      await page.waitForSelector("dialog.dlms-dialog[open]");
      await page.keyboard.press("Escape");
      await page.waitForSelector("dialog.dlms-dialog", { state: "detached" });
      // What one does the other sees.
      await page.getByRole("button", { name: "Clear" }).click();
      await other.page.getByRole("button", { name: "Disconnect" }).click();
      await other.page.getByRole("button", { name: "Really disconnect?" }).click();
      await other.page.getByText(/The link was ended/).waitFor();
      await page.locator(".dlms-frame-row", { hasText: "the link ended" }).first().waitFor();
      // It dials in again, and the password is not shown.
      await page.locator(".dlms-frame-row", { hasText: "login or heartbeat" }).first().waitFor();
      await page.getByRole("button", { name: "Read now" }).click();
      const request = page.locator(".dlms-frame-row", { hasText: "aarq" }).last();
      await request.click();
      await eventually("the request is shown", async () =>
        /callingAuthenticationValue: \(hidden\)/.test(
          (await page.locator("pre.dlms-frame:visible").first().textContent()) ?? "",
        ),
      );
      assert.deepEqual(other.errors, []);
      // Closing it would end this browser, which is one process.
      await other.page.goto("about:blank");
    });

    it("copies diagnostics with the package's version", async () => {
      await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      await page.getByRole("button", { name: "Copy diagnostics of this meter" }).click();
      await eventually("the text is copied", async () => {
        const copied: string = await page.evaluate("navigator.clipboard.readText()");
        return (
          /@dlms-gateway\/node-red-dlms \d+\.\d+\.\d+\nNode-RED /.test(copied) && copied.includes(serial)
        );
      });
    });

    it("can be read in both themes, and every control has a name", async () => {
      await page.getByRole("button", { name: "Back to the list" }).click();
      const written = [".dlms-meter-serial", ".dlms-meter-life", ".dlms-card strong", ".dlms-meter-type"];
      for (const theme of ["light", "dark"]) {
        if (theme === "dark") await darken(page);
        for (const selector of written) {
          const ratio = await contrast(page, sidebar(selector));
          assert.ok(ratio >= 3, `${selector} in the ${theme} theme: ${ratio.toFixed(1)}`);
        }
      }
      const nameless: string[] = await page.evaluate(`
        [...document.querySelectorAll(".dlms-sidebar button, .dlms-sidebar input, .dlms-sidebar select, .dlms-list")]
          .filter((node) => !(node.getAttribute("aria-label") || node.textContent.trim()))
          .map((node) => node.outerHTML)`);
      assert.deepEqual(nameless, []);
    });

    it("explains the last error of a meter that refuses", async () => {
      await page.locator(sidebar(".dlms-search")).first().fill(String(FIRST));
      await page.getByRole("button", { name: /^Problems [1-9]/ }).click();
      await page.locator(sidebar(".dlms-meter:visible")).first().click();
      const facts = await text(page, sidebar(".dlms-facts"));
      assert.match(facts, /Last error\s+associate, .* ago: .*\(AUTHENTICATION_FAILED\)/);
      assert.match(facts, /What it means\s+\S/);
      assert.match(facts, /What helps\s+\S/);
      await page.getByRole("button", { name: "Back to the list" }).click();
      await page.getByRole("button", { name: /^All / }).click();
    });

    it("says in words what vanishes while it is open, and what is not deployed yet", async () => {
      await page.locator(sidebar(".dlms-search")).first().fill(serial);
      await page.locator(sidebar(".dlms-meter:visible")).first().click();
      await page.evaluate(
        "RED.nodes.add({ id: 'draft', type: 'dlms-listener', name: 'draft', users: [], _def: RED.nodes.getType('dlms-listener') })",
      );
      const rest = flow(port).filter((node) => (node as { id: string }).id !== "server");
      const answer = await fetch(`${editor.url}/flows`, {
        method: "POST",
        headers: { "content-type": "application/json", "node-red-deployment-type": "full" },
        body: JSON.stringify(rest),
      });
      assert.ok(answer.ok, String(answer.status));
      await page.getByText(/not known to the runtime any more/).waitFor();
      assert.ok(await page.getByRole("button", { name: "Read now" }).isDisabled());
      await page.getByRole("button", { name: "Back to the list" }).click();
      await eventually("the listener is told to be unused", async () => {
        const cards = await text(page, sidebar(".dlms-cards"));
        return (
          /No enabled node names this listener/.test(cards) && /draft[\s\S]*Not deployed yet/.test(cards)
        );
      });
      assert.match(await text(page, sidebar(".dlms-empty")), /No meter has dialled in yet/);
    });

    it("shows no console error", () => {
      assert.deepEqual(open.errors, []);
    });
  });
