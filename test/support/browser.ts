/** A real browser for tests: Chromium from npm, or the one that CHROMIUM_PATH names. */
import { chromium as playwright, type Browser } from "playwright-core";

export async function launchBrowser(): Promise<Browser> {
  // An ES module: a CommonJS file can only import it this way.
  const { default: chromium } = await import("@sparticuz/chromium");
  const own = process.env["CHROMIUM_PATH"];
  return playwright.launch({
    executablePath: own ?? (await chromium.executablePath()),
    args: [
      ...(own === undefined ? chromium.args : []),
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
    ],
    headless: true,
  });
}
