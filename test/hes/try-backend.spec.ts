import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import { Secret } from "../../src/core/secret.js";
import { tryBackend } from "../../src/hes/try-backend.js";
import { startDemoBackend } from "../../src/tools/demo/backend.js";

const PASSWORD = "not-the-right-one";
const signal = (): AbortSignal => new AbortController().signal;
const short = (steps: readonly { readonly step: string; readonly state: string }[]): string[] =>
  steps.map(({ step, state }) => `${step} ${state}`);

async function serve(answer: Parameters<typeof createServer>[1]): Promise<{ url: string; server: Server }> {
  const server = createServer(answer);
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((closed) => server.close(() => closed()));
}

describe("trying a backend", () => {
  it("finds everything in order, and leaves nothing connected", async () => {
    const demo = await startDemoBackend({ port: 0 });
    try {
      const { ok, steps } = await tryBackend({ url: demo.url, apiUrl: demo.apiUrl }, { signal: signal() });
      assert.deepEqual(short(steps), ["rest ok", "login skipped", "meters ok", "socket ok"]);
      assert.ok(ok);
      const withoutRest = await tryBackend({ url: demo.url, apiUrl: "" }, { signal: signal() });
      assert.deepEqual(short(withoutRest.steps), [
        "rest skipped",
        "login skipped",
        "meters skipped",
        "socket ok",
      ]);
    } finally {
      await demo.close();
    }
  });

  it("says that nobody answers, and that somebody answers without being a backend", async () => {
    const { url, server } = await serve((_request, response) => {
      response.writeHead(404, { "content-type": "text/html" }).end("<h1>no</h1>");
    });
    const other = await tryBackend({ url, apiUrl: `${url}/api` }, { signal: signal() });
    assert.deepEqual(short(other.steps), ["rest ok", "login skipped", "meters failed", "socket failed"]);
    assert.equal(other.steps[2]?.error?.code, "BACKEND_ERROR");
    await close(server);
    const nobody = await tryBackend({ url, apiUrl: `${url}/api` }, { signal: signal() });
    assert.deepEqual(short(nobody.steps), [
      "rest failed",
      "login skipped",
      "meters skipped",
      "socket failed",
    ]);
    assert.match(nobody.steps[0]?.error?.message ?? "", /cannot be reached/);
    assert.equal(nobody.ok, false);
  });

  it("says that the login is refused, without the password", async () => {
    const { url, server } = await serve((request, response) => {
      const status = request.url?.includes("/auth/") === true ? 401 : 200;
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify({ data: [], message: `who is ${PASSWORD}` }));
    });
    try {
      const options = { url, apiUrl: `${url}/api`, username: "gateway", password: new Secret(PASSWORD) };
      const report = await tryBackend(options, { signal: signal() });
      assert.deepEqual(short(report.steps).slice(0, 3), ["rest ok", "login failed", "meters skipped"]);
      assert.equal(report.steps[1]?.error?.code, "BACKEND_LOGIN");
      assert.ok(!JSON.stringify(report).includes(PASSWORD));
    } finally {
      await close(server);
    }
  });

  it("ends with a backend that takes every connection and never answers", async () => {
    const { url, server } = await serve(() => undefined);
    try {
      const report = await tryBackend({ url, apiUrl: `${url}/api` }, { signal: signal(), stepMs: 300 });
      assert.deepEqual(short(report.steps), [
        "rest failed",
        "login skipped",
        "meters skipped",
        "socket failed",
      ]);
      assert.match(report.steps[0]?.error?.message ?? "", /no answer within 300 ms/);
    } finally {
      await close(server);
    }
  });

  it("names a setting that cannot be used", async () => {
    const report = await tryBackend({ url: "ftp://x", apiUrl: "" }, { signal: signal() });
    assert.deepEqual(short(report.steps), ["settings failed"]);
    assert.equal(report.steps[0]?.error?.field, "url");
  });
});
