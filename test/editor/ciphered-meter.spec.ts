/**
 * A ciphered meter from an empty workspace, as a new user does it: by mouse and keyboard in the real editor of Node-RED
 * 4 and 5. Nodes are dragged in, dialogs filled in, keys typed; the simulated meter is seen, read, written, profiled,
 * compared and upgraded; a wrong key is found by what the editor says; no key leaves by an export.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser } from "playwright-core";
import { sealImage } from "../../src/index.js";
import { nextFreePort } from "../../src/tools/launcher/ports.js";
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
import { EditorHands } from "../support/editor-hands.js";

const SERIAL = "37000000101";
/** The published test keys of the standard. */
const UNICAST = "000102030405060708090A0B0C0D0E0F";
const AUTHENTICATION = "D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF";
const WRONG = "FF0102030405060708090A0B0C0D0E0F";
const IMAGE_OCTETS = 120_000;

for (const [at, platform] of platforms.entries())
  describe(`a ciphered meter through the dialogs: ${platform.name}`, function () {
    this.timeout(240_000);
    let editor: RunningEditor;
    let browser: Browser;
    let open: OpenPage;
    let hands: EditorHands;
    let folder: string;
    let port: string;
    const id: Record<string, string> = {};

    before(async () => {
      folder = mkdtempSync(join(tmpdir(), "dlms-image-"));
      writeFileSync(join(folder, "FW-2.bin"), sealImage(new Uint8Array(IMAGE_OCTETS).fill(5), "FW-2"));
      port = String(await nextFreePort(27_400, "127.0.0.1"));
      editor = await startEditor({ platform, flow: [] });
      browser = await launchBrowser();
      open = await openEditor(browser, editor);
      if (at > 0) await darken(open.page);
      hands = new EditorHands(open.page);
    });

    after(async () => {
      await browser?.close();
      await editor?.stop();
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    });

    /** What stands in the debug sidebar, open or not. */
    const debugged = async (): Promise<string> =>
      (await open.page.locator(".red-ui-debug-content-list").textContent()) ?? "";
    const seen = async (): Promise<string> => `${await debugged()}\n${editor.log()}`;

    /** Presses an Inject node's button and waits for the status of the node behind it. */
    async function run(which: string, expected: RegExp): Promise<void> {
      await hands.press(id[`${which} now`] as string);
      let status = "";
      await eventually(
        `${which}: ${expected.source}`,
        async () => expected.test((status = await hands.status(id[which] as string))),
        () => status,
      );
    }

    /** The debug node that shows one value says this one. */
    const shows = (value: string): Promise<void> =>
      eventually(`${value} is shown`, async () => (await hands.status(id["shown"] as string)) === value);

    it("a meter type: what ciphering needs is shown and asked for, keys are judged as they are typed", async () => {
      id["sim"] = await hands.drag("dlms-simulator", 160, 60);
      await hands.open(id["sim"]);
      await hands.config("meterType");
      await hands.type("Name", "ciphered");
      assert.equal(await hands.field("Encryption key").isVisible(), false);
      assert.equal(await hands.field("Client address").getAttribute("placeholder"), "16");
      await hands.choose("Login", "HLS, GMAC (5)");
      await hands.choose("Ciphering", "authentication and encryption");
      assert.equal(await hands.field("Client address").getAttribute("placeholder"), "1");
      assert.equal(
        await hands.field("Encryption key").getAttribute("placeholder"),
        "GUEK, 32 hexadecimal digits",
      );
      const reasons = (): Promise<string[]> => hands.tray.locator(".dlms-reason:visible").allInnerTexts();
      await hands.type("Encryption key", "0001");
      await eventually("a short key is said to be one", async () =>
        (await reasons()).includes("must be 32 hexadecimal digits"),
      );
      await eventually("a missing key is said to be missing", async () =>
        (await reasons()).includes("must not be empty"),
      );
      await hands.type("Encryption key", UNICAST);
      await hands.type("Auth. key", AUTHENTICATION);
      await eventually("both keys are fine", async () => (await reasons()).length === 0, reasons);
      assert.equal(await hands.field("Encryption key").getAttribute("type"), "password");
      await hands.done();
      assert.equal(await hands.field("Preset").isVisible(), false);
      await hands.type("Serial number", SERIAL);
      await hands.type("Port", port);
      await hands.done();
    });

    it("a listener with this type, and a node for each of its works", async () => {
      id["server"] = await hands.drag("dlms-meter-server", 460, 60);
      await hands.open(id["server"]);
      await hands.config("listener");
      await hands.type("Port", port);
      await hands.choose("Meter type", "ciphered");
      await hands.done();
      await hands.done();
      const places = ["read", "write", "back", "rows", "clock", "firmware"].entries();
      for (const [row, name] of places) {
        const y = 130 + 60 * row;
        const type = { back: "dlms-read", rows: "dlms-load-profile" }[name] ?? `dlms-${name}`;
        id[name] = await hands.drag(type, 460, y);
        await hands.open(id[name]);
        // The only listener is chosen already.
        await hands.typed("meter", "string", SERIAL);
        await fill[name]?.();
        await hands.done();
        id[`${name} now`] = await hands.drag("inject", 160, y);
        await hands.wire(id[`${name} now`] as string, id[name]);
      }
      id["debug"] = await hands.drag("debug", 760, 130);
      for (const name of ["read", "write", "clock", "firmware"])
        await hands.wire(id[name] as string, id["debug"]);
      id["shown"] = await hands.drag("debug", 760, 280);
      await hands.open(id["shown"]);
      await hands.typed(
        "typed-complete",
        "expression",
        "payload.(readings ? readings[0].value : $count(rows))",
      );
      await hands.tray.locator("#node-input-tostatus").check();
      await hands.done();
      for (const name of ["back", "rows"]) await hands.wire(id[name] as string, id["shown"]);
      await hands.deploy();
    });

    const fill: Record<string, () => Promise<void>> = {
      read: () => hands.typed("codes", "the meter type's codes"),
      write: async () => {
        await hands.type("Object", "0-0:1.0.0.255");
        await hands.type("Class", "8");
        await hands.type("Attribute", "7");
        await hands.typed("value", "number", "60");
      },
      back: () =>
        hands.typed("codes", "expression", '[{"obisCode":"0-0:1.0.0.255","classId":8,"attributeId":7}]'),
      rows: async () => {
        await hands.choose("Rows", "the newest");
        await hands.type("Number", "5");
      },
      clock: () => hands.typed("action", "compare"),
      firmware: () => hands.typed("file", "string", join(folder, "FW-2.bin")),
    };

    it("the meter comes in", async () => {
      await eventually(
        "one meter",
        async () => (await hands.status(id["server"] as string)).includes("1 meter"),
        seen,
      );
      await eventually(
        "the simulator is connected",
        async () => (await hands.status(id["sim"] as string)) === "1 of 1 meter",
      );
    });

    it("it is read, written, read back, profiled and compared", async () => {
      await run("read", /^read · /);
      await run("write", /^written · /);
      await run("back", /^read · /);
      await shows("60");
      await run("rows", /^read · /);
      await shows("5");
      await run("clock", /^(in-time|off) · /);
    });

    it("its firmware is upgraded, and the status shows how far it is", async () => {
      const texts = new Set<string>();
      await hands.press(id["firmware now"] as string);
      await eventually(
        "activated",
        async () => {
          const text = await hands.status(id["firmware"] as string);
          texts.add(text);
          return /^activated · /.test(text);
        },
        () => [...texts].join(),
        120_000,
      );
      assert.ok(
        [...texts].some((text) => /^transferring \d+ %/.test(text)),
        [...texts].join(),
      );
    });

    it("a wrong key: status, log and test say what to do; the right one heals it", async () => {
      const { page } = open;
      await listener(async () => {
        await hands.config("meterType");
        await hands.type("Name", "mistyped");
        await hands.choose("Login", "HLS, GMAC (5)");
        await hands.choose("Ciphering", "authentication and encryption");
        await hands.type("Encryption key", WRONG);
        await hands.type("Auth. key", AUTHENTICATION);
        await hands.done();
      });
      await eventually(
        "the log says it",
        async () => /no association: Check both keys and the system titles/.test(await debugged()),
        seen,
      );
      await run("read", /^refused: check keys$/);
      await listener(async () => {
        await hands.config("meterType", "edit");
        await page.getByRole("button", { name: "Associate now" }).click();
        await page.getByText("Something does not work.").waitFor();
        assert.match(
          await hands.tray.locator('.dlms-trial li[data-state="failed"]').innerText(),
          /could not decipher[\s\S]*Check encryption key, authentication key, suite/,
        );
        await hands.type("Encryption key", UNICAST);
        await page.getByRole("button", { name: "Associate now" }).click();
        const trial = hands.tray.locator(".dlms-trial");
        await eventually(
          "with the right key it associates",
          async () => (await trial.innerText()).includes("Everything works."),
          () => editor.log().slice(-2_000),
        );
        await hands.done();
      });
      await eventually("one meter", async () =>
        (await hands.status(id["server"] as string)).includes("1 meter"),
      );
      await run("read", /^read · /);
    });

    /** Changes something in the listener's dialog, and deploys. */
    async function listener(change: () => Promise<void>): Promise<void> {
      await hands.open(id["server"] as string);
      await hands.config("listener", "edit");
      await change();
      await hands.done();
      await hands.done();
      await hands.deploy();
    }

    it("no key leaves by an export, in the log or in the debug sidebar", async () => {
      const { page } = open;
      await page.keyboard.press("ControlOrMeta+e");
      await page.click("#red-ui-clipboard-dialog-export-rng-full");
      const text = page.locator("#red-ui-clipboard-dialog-export-text");
      await eventually("all is exported", async () => (await text.inputValue()).includes("hls-gmac"));
      const told = [await text.inputValue(), await seen()].join("\n").toUpperCase();
      for (const key of [UNICAST, AUTHENTICATION, WRONG]) assert.ok(!told.includes(key));
      await page.keyboard.press("Escape");
    });

    it("shows no console error", () => {
      assert.deepEqual(open.errors, []);
    });
  });
