/**
 * The test buttons of the config dialogs in a real browser on Node-RED 4 and 5: each in success and in failure, with
 * what to do about it; a backend that hangs; and a user who may look but not act.
 */
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import { type Browser, type Page } from "playwright-core";
import { startDemoBackend, type DemoBackend } from "../../src/tools/demo/backend.js";
import { nextFreePort } from "../../src/tools/launcher/ports.js";
import { startFleet } from "../../src/tools/sim/fleet.js";
import { type SimulatorHost } from "../../src/transport/simulator-host.js";
import { launchBrowser } from "../support/browser.js";
import {
  darken,
  eventually,
  openEditor,
  type OpenPage,
  platforms,
  type RunningEditor,
  startEditor,
} from "../support/editor.js";

const serial = "46000000001";

function flow(port: number, backend: string): object[] {
  return [
    { id: "tab", type: "tab", label: "gateway" },
    { id: "incoming", type: "dlms-listener", name: "dial-in", port: String(port), host: "127.0.0.1" },
    { id: "hexcells", type: "dlms-meter-type", name: "hexcell", preset: "hexcell" },
    { id: "backend", type: "hes-connection", name: "demo", url: backend, apiUrl: `${backend}/api` },
    {
      id: "server",
      type: "dlms-meter-server",
      z: "tab",
      x: 200,
      y: 100,
      listener: "incoming",
      wires: [[], []],
    },
    {
      id: "user",
      type: "dlms-meter-server",
      z: "tab",
      x: 200,
      y: 200,
      listener: "incoming",
      wires: [[], []],
    },
  ];
}

for (const platform of platforms)
  describe(`test buttons: ${platform.name}`, function () {
    this.timeout(180_000);
    let editor: RunningEditor;
    let browser: Browser;
    let fleet: SimulatorHost;
    let demo: DemoBackend;
    let hanging: Server;
    let open: OpenPage;
    let page: Page;
    let port: number;

    before(async () => {
      demo = await startDemoBackend({ port: 0 });
      hanging = createServer(() => undefined).listen(0, "127.0.0.1");
      await new Promise((listening) => hanging.once("listening", listening));
      port = await nextFreePort(26_800, "127.0.0.1");
      editor = await startEditor({ platform, flow: flow(port, demo.url) });
      fleet = startFleet({
        port,
        count: 1,
        seed: 1,
        dialects: ["hexcell-login"],
        objects: "minimal",
        firstSerial: serial,
      });
      browser = await launchBrowser();
      open = await openEditor(browser, editor);
      page = open.page;
    });

    after(async () => {
      await browser?.close();
      await fleet?.stop();
      await editor?.stop();
      await demo?.close();
      hanging?.closeAllConnections();
      await new Promise((closed) => hanging?.close(closed));
    });

    async function dialog(type: string, id: string): Promise<void> {
      await page.evaluate(`RED.editor.editConfig("", ${JSON.stringify(type)}, ${JSON.stringify(id)})`);
      await page.waitForSelector(".dlms-trial-start:visible");
    }

    async function close(): Promise<void> {
      await page.locator("#node-config-dialog-cancel:visible").click();
      await page.waitForSelector(".dlms-trial", { state: "detached" });
    }

    /** Presses the button and waits for its end. */
    async function tried(): Promise<{
      readonly ok: boolean;
      readonly text: string;
      readonly steps: string[];
    }> {
      await page.locator(".dlms-trial-start:visible").click();
      const status = page.locator(
        '.dlms-trial-status[data-state="ok"], .dlms-trial-status[data-state="failed"]',
      );
      await status.waitFor();
      const steps: string[] = await page.evaluate(
        "[...document.querySelectorAll('.dlms-trial-steps > li')].map((li) => li.dataset.step + ' ' + li.dataset.state)",
      );
      const ok = (await status.getAttribute("data-state")) === "ok";
      return { ok, text: await page.locator(".dlms-trial").innerText(), steps };
    }

    it("listener: its own port, a free one, one that is taken, one that is none", async () => {
      await dialog("dlms-listener", "incoming");
      const own = await tried();
      assert.deepEqual([own.ok, own.steps], [true, ["port-own ok"]]);
      const { port: taken } = hanging.address() as AddressInfo;
      await page.fill("#node-config-input-port", String(taken));
      const failed = await tried();
      assert.deepEqual([failed.ok, failed.steps], [false, ["port-free failed"]]);
      assert.match(failed.text, /EADDRINUSE[\s\S]*Choose another port/);
      await page.fill("#node-config-input-port", String(await nextFreePort(27_300, "127.0.0.1")));
      assert.equal((await tried()).ok, true);
      await page.fill("#node-config-input-port", "${NOT_SET_ANYWHERE}");
      assert.match((await tried()).text, /NOT_SET_ANYWHERE, which is not set[\s\S]*Correct this field/);
      await close();
    });

    it("backend: reachable with its meters, away, hanging", async () => {
      await dialog("hes-connection", "backend");
      const good = await tried();
      assert.deepEqual(good.steps, ["rest ok", "login skipped", "meters ok", "socket ok"], good.text);
      await page.fill("#node-config-input-url", "http://127.0.0.1:1");
      await page.fill("#node-config-input-apiUrl", "http://127.0.0.1:1/api");
      const away = await tried();
      assert.deepEqual(away.steps, ["rest failed", "login skipped", "meters skipped", "socket failed"]);
      assert.match(away.text, /Check the address and whether the backend runs/);
      const { port: silent } = hanging.address() as AddressInfo;
      await page.fill("#node-config-input-url", `http://127.0.0.1:${silent}`);
      await page.fill("#node-config-input-apiUrl", `http://127.0.0.1:${silent}/api`);
      const hung = await tried();
      assert.match(hung.text, /no answer within 8000 ms/);
      await page.fill("#node-config-input-url", demo.url);
      await page.fill("#node-config-input-apiUrl", demo.apiUrl);
      await page.fill("#node-config-input-username", "somebody");
      const half = await tried();
      assert.match(half.text, /password is missing/);
      await close();
    });

    it("meter type: associates step by step with frames; a wrong password is refused and never shown", async () => {
      await dialog("dlms-meter-type", "hexcells");
      await eventually("a connected meter is offered", async () => {
        const value = await page.inputValue("#dlms-trial-meter");
        if (value === "") await page.locator("#dlms-trial-meter").dispatchEvent("input");
        return (
          value === serial ||
          (await page.locator(`#dlms-trial-meter-list option[value="${serial}"]`).count()) > 0
        );
      });
      await page.fill("#dlms-trial-meter", serial);
      await eventually("the meter has associated", async () => {
        const { steps } = await tried();
        return steps.includes("release ok");
      });
      const good = await tried();
      assert.deepEqual(
        good.steps,
        ["link ok", "release ok", "associate ok", "serial ok", "restore ok"],
        good.text,
      );
      await page.locator(".dlms-trial-frames summary").first().click();
      await page.fill("#node-config-input-secret", "not-the-password");
      const wrong = await tried();
      assert.ok(wrong.steps.includes("associate failed"), wrong.text);
      assert.match(wrong.text, /authentication and password/);
      for (const summary of await page.locator(".dlms-trial-frames summary").all()) await summary.click();
      const frames = await page.locator(".dlms-trial-steps").innerText();
      assert.match(frames, /callingAuthenticationValue: \(hidden\)/);
      assert.ok(
        !frames.replaceAll(" ", "").includes(Buffer.from("not-the-password").toString("hex").toUpperCase()),
      );
      await page.fill("#dlms-trial-meter", "999");
      assert.match((await tried()).text, /No connected meter has the serial number 999/);
      await darken(page);
      await close();
    });

    it("shows no console error", () => {
      assert.deepEqual(open.errors, []);
    });
  });

describe("meters sidebar: a user who may look but not act", function () {
  this.timeout(120_000);

  it("sees the meters, is told what is missing, and is refused by the runtime as well", async () => {
    const [platform] = platforms;
    assert.ok(platform);
    const port = await nextFreePort(26_950, "127.0.0.1");
    const editor = await startEditor({
      platform,
      flow: flow(port, "http://127.0.0.1:1"),
      settings: `adminAuth: { type: "credentials",
        users: (name) => Promise.resolve({ username: name, permissions: name === "reader" ? "read" : "*" }),
        authenticate: (name, password) => Promise.resolve(
          password === "pass" ? { username: name, permissions: name === "reader" ? "read" : "*" } : null) }`,
    });
    const fleet = startFleet({
      port,
      count: 1,
      seed: 1,
      dialects: ["hexcell-login"],
      objects: "minimal",
      firstSerial: serial,
    });
    const browser = await launchBrowser();
    try {
      const { page, errors } = await openEditor(browser, editor, { username: "reader", password: "pass" });
      const before = errors.length;
      await page.evaluate("RED.sidebar.show('dlms-meters')");
      await page.locator(".dlms-meter").first().click();
      await page.waitForSelector(".dlms-facts:visible");
      const read = page.getByRole("button", { name: "Read now" });
      assert.ok(await read.isDisabled());
      assert.match((await read.getAttribute("title")) ?? "", /dlms-gateway\.write/);
      await page.getByRole("tab", { name: "Frames" }).click();
      await page.getByText(/Recording while this page is open/).waitFor();
      assert.deepEqual(errors.slice(before), []);
      const statuses: number[] = await page.evaluate(`(async () => {
        const token = RED.settings.get("auth-tokens").access_token;
        const ask = (path, method, headers) => fetch("dlms-gateway" + path, { method, headers }).then((r) => r.status);
        const known = { authorization: "Bearer " + token };
        const meter = "/listeners/incoming/meters/${serial}";
        return [await ask("/fleet", "GET", known), await ask(meter + "/read", "POST", known),
          await ask(meter + "/disconnect", "POST", known), await ask("/test/listener", "POST", known),
          await ask("/fleet", "GET", {})];
      })()`);
      assert.deepEqual(statuses, [200, 401, 401, 401, 401]);
    } finally {
      await browser.close();
      await fleet.stop();
      await editor.stop();
    }
  });
});
