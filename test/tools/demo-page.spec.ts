import assert from "node:assert/strict";
import { type Browser, type Page } from "playwright-core";
import { startDemoBackend, type DemoBackend } from "../../src/tools/demo/backend.js";
import { startBridge, until, type Rig } from "../hes/fakes.js";
import { launchBrowser } from "../support/browser.js";

const serial = "45000000017";

describe("demo page", function () {
  this.timeout(60_000);
  let backend: DemoBackend;
  let rig: Rig;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  before(async () => {
    backend = await startDemoBackend({ port: 0 });
    const createMissing = { area: "demo", brand: "hexcell", model: "demo", meterType: "prepaid" };
    rig = startBridge({ url: backend.url, apiUrl: backend.apiUrl, createMissing });
    browser = await launchBrowser();
    page = await browser.newPage();
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("request", (request) => {
      if (new URL(request.url()).host !== new URL(backend.url).host) complaints.push(request.url());
    });
    await page.goto(backend.url);
    await page.getByText("backend live").waitFor();
  });
  after(async () => {
    await browser.close();
    await rig.bridge.stop();
    await backend.close();
  });

  const row = (number = serial) => page.locator("tbody tr", { hasText: number });
  const events = () => page.locator("#events").innerText();

  it("shows meters as they come online, and gone when they are", async () => {
    assert.equal(await page.locator("#no-meters").isVisible(), true);
    rig.listener.dialIn(serial);
    rig.listener.dialIn("45000000009");
    await row().getByText("online").waitFor();
    await page.getByText("2 of 2 meters online").waitFor();
    // Sorted by number, whatever the order of arrival.
    assert.match(await page.locator("tbody tr").first().innerText(), /45000000009/);
    rig.listener.hangUp("45000000009");
    await row("45000000009").getByText("offline").waitFor();
    await page.getByText("1 of 2 meters online").waitFor();
  });

  it("reads, switches and loads a random token, with the outcome among the events", async () => {
    await row().getByRole("button", { name: "Read the usual values" }).click();
    await row().getByText("1,234.5 kWh").first().waitFor();
    await row().getByRole("button", { name: "Disconnect the relay" }).click();
    await row().getByText("disconnected", { exact: true }).waitFor();
    await row().getByRole("button", { name: "Connect the relay", exact: false }).first().click();
    await row().getByText("connected", { exact: true }).waitFor();
    await row().getByRole("button", { name: "Load a token" }).click();
    await page.getByRole("button", { name: "Random" }).click();
    const token = await page.locator("#token").inputValue();
    assert.match(token, /^\d{20}$/);
    assert.ok(BigInt(token) < 2n ** 66n);
    await page.locator("#token-send").click();
    await until("token", () => rig.handed.some(({ payload }) => payload["token"] === token));
    await page.locator("#events li[data-state=good]", { hasText: "load token: accepted" }).waitFor();
    assert.doesNotMatch(await events(), new RegExp(token));
  });

  it("refuses a bad token before it is sent", async () => {
    await row().getByRole("button", { name: "Load a token" }).click();
    const before = rig.handed.length;
    for (const [text, complaint] of [
      ["123", "20 digits; this has 3"],
      ["1234567890123456789x", "digits only"],
      ["73786976294838206464", "66 bits"],
    ] as const) {
      await page.locator("#token").fill(text);
      await page.locator("#token-send").click();
      await page.locator("#token-hint", { hasText: complaint }).waitFor();
    }
    await page.keyboard.press("Escape");
    await page.locator("#token-dialog").waitFor({ state: "hidden" });
    assert.equal(rig.handed.length, before);
  });

  it("reads any code by its number and says what is wrong with a bad one", async () => {
    await row().getByRole("button", { name: "Read any OBIS code" }).click();
    await page.locator("#obis").fill("1-0:21.7.0.255");
    await page.locator("#obis").press("Enter");
    await page.locator("#obis-hint", { hasText: "1-0:21.7.0.255 = 1,234.5 kWh" }).waitFor();
    await page.locator("#obis").fill("nonsense");
    await page.locator("#obis").press("Enter");
    await page.locator("#obis-hint[data-state=bad]", { hasText: "obisCode" }).waitFor();
    await page.keyboard.press("Escape");
  });

  it("shows what gateways send as text, never as markup", async () => {
    const evil = '<img src=x onerror="document.title=1">';
    await rig.bridge.submit({
      meterSerialNumber: serial,
      obisCode: "1-0:1.8.0.255",
      value: evil,
      unit: evil,
    });
    await row().getByText(evil).first().waitFor();
    assert.equal(await page.title(), "Smart HES demo");
    assert.equal(await page.locator("tbody img").count(), 0);
  });

  it("fits a phone and complains about nothing", async () => {
    await page.setViewportSize({ width: 375, height: 700 });
    const [wide, shown] = await page.evaluate<number[]>("[document.documentElement.scrollWidth, innerWidth]");
    assert.ok((wide ?? 0) <= (shown ?? 0), `${wide} > ${shown}`);
    assert.deepEqual(complaints, []);
  });
});
