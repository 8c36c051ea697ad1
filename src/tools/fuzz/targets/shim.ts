/** The port of the backend's DLMS calls: HTTP of strangers, and calls with any body. It goes on answering. */
import { connect } from "node:net";
import { DlmsError } from "../../../core/errors.js";
import { concatBytes } from "../../../bytes/hex.js";
import { type MeterLike, type RegistryLike } from "../../../hes/options.js";
import { DlmsShim } from "../../../hes/shim.js";
import { type ShimRunner } from "../../../hes/shim-runs.js";
import { systemClock } from "../../../transport/clock.js";
import { foreign } from "../bombs.js";
import { chop, mutate } from "../mutate.js";
import { type Random } from "../random.js";
import { turn } from "../still-clock.js";
import { type AnyTarget, hold, type Target } from "../target.js";
import { drawFields, drawJson, drawText } from "../texts.js";

/** What is written to one connection, piece by piece, and whether the caller then ends it or waits. */
interface ShimInput {
  readonly pieces: readonly Uint8Array[];
  readonly isHalfOpen: boolean;
}

const meter: MeterLike = { meterSerialNumber: "46000000001", online: true, backendId: "64b7f0c2" };
export const registry: RegistryLike = {
  list: () => [meter],
  find: (serial) => (serial === meter.meterSerialNumber ? meter : undefined),
  byBackendId: (id) => (id === meter.backendId ? meter : undefined),
  normalise: (serial) => serial.trim().toUpperCase(),
  bind: () => undefined,
};
const runs: ShimRunner = {
  start: () => undefined,
  stop: () => undefined,
  run: () => Promise.reject(new DlmsError("METER_OFFLINE")),
};
const paths = ["/read", "/read-multiple", "/load-profile", "/write", "/connect", "/disconnect", "/health"];
/** A caller that was not answered by then is left alone: the shim waits for more of its request. */
const ANSWER_MS = 400;
/** One that is known not to have sent a whole request need not be waited for. */
const SILENT_MS = 15;
const encoder = new TextEncoder();

function drawBody(random: Random): string {
  if (random.once(6)) return drawText(random, 200_000);
  const fields = {
    meter_number: "46000000001",
    meterId: "64b7f0c2",
    obis_code: "1-0:1.8.0.255",
    obis_codes: ["1-0:1.8.0.255", { obis_code: "1.8.0" }],
    class_id: 3,
    attribute_id: 2,
    start_date: "2026-01-01",
    end_date: "2026-02-01",
    value: 5,
    data_type: "unsigned",
  };
  return JSON.stringify(random.once(5) ? drawJson(random) : drawFields(random, fields));
}

function drawRequest(random: Random): Uint8Array {
  if (random.once(8)) return foreign(random);
  const body = encoder.encode(drawBody(random));
  const length = random.once(8) ? random.pick([-1, 0, 5, 1e12]) : body.length;
  const head = [
    `${random.pick(["POST", "POST", "POST", "GET", "PUT", "OPTIONS", "post"])} ${random.pick(paths)}${random.pick(["", "/", "?a=b", "%00", "//"])} HTTP/1.1`,
    `Host: ${random.pick(["127.0.0.1", "localhost:1", "evil.example", "", "[::1]"])}`,
    `Content-Type: ${random.pick(["application/json", "application/json; charset=utf-8", "text/plain", ""])}`,
    random.once(8) ? "Transfer-Encoding: chunked" : `Content-Length: ${length}`,
    ...(random.once(5) ? ["Origin: http://evil.example"] : []),
    ...(random.once(5) ? [`Authorization: Bearer ${"x".repeat(random.size(9_000))}`] : []),
    ...(random.once(10) ? [`X-${"a".repeat(random.size(30_000))}: 1`] : []),
    ...(random.once(2) ? ["Connection: close"] : []),
    "",
    "",
  ].join("\r\n");
  const whole = concatBytes(encoder.encode(head), body);
  return random.once(4) ? mutate(random, whole, [encoder.encode(head)]) : whole;
}

class ShimTarget implements Target<ShimInput> {
  readonly name = "shim";
  readonly about = "HTTP for the port of the backend's DLMS calls";
  readonly isSlow = true;
  readonly cpuMs = 100;
  #shim: DlmsShim | undefined;

  draw(random: Random): ShimInput {
    return { pieces: chop(random, drawRequest(random)).slice(0, 200), isHalfOpen: random.once(3) };
  }

  async open(): Promise<void> {
    const shim = new DlmsShim({ port: 0 }, { registry, runs, clock: systemClock, log: () => undefined });
    this.#shim = shim;
    shim.start();
    while (shim.port === undefined) await turn();
  }

  async close(): Promise<void> {
    await this.#shim?.stop();
  }

  async run({ pieces, isHalfOpen }: ShimInput): Promise<void> {
    const port = this.#shim?.port as number;
    const answer = await converse(port, pieces, isHalfOpen, SILENT_MS);
    hold(!/"code":"INTERNAL"/.test(answer), `an inner error was told: ${answer.slice(-400)}`);
    const health = encoder.encode("GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    const told = await converse(port, [health], false, ANSWER_MS * 20);
    hold(/^HTTP\/1.1 200 /.test(told), "the port no longer answers");
  }
}

/** Writes, and reads until the other side ends or says nothing for a while. */
function converse(
  port: number,
  pieces: readonly Uint8Array[],
  isHalfOpen: boolean,
  silentMs: number,
): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const socket = connect({ host: "127.0.0.1", port });
    const end = (): void => {
      socket.destroy();
      resolve(text);
    };
    socket.setTimeout(silentMs, end);
    socket.on("data", (bytes) => (text += bytes.toString("latin1")));
    // The other side may cut a caller like this one off.
    socket.on("error", () => undefined);
    socket.on("close", end);
    for (const piece of pieces) socket.write(piece);
    if (isHalfOpen) socket.end();
  });
}

export const shimTargets: readonly AnyTarget[] = [new ShimTarget()];
