/** Hostile JSON values and texts: wrong types, lost digits, megabytes, depth, names that mean something to JavaScript. */
import { type Random } from "./random.js";

const LONG = 1_048_576;
/** Within lists and objects. */
const SHORT = 100;
const DEPTH = 3;

const texts = [
  "",
  " ",
  "0",
  "1",
  "46000000001",
  "12345678901234567890",
  "73786976294838206464",
  "1-0:1.8.0.255",
  "0100010800FF",
  "1.8.0",
  "connect",
  "DISCONNECT ",
  "2026-02-30T25:61:61Z",
  "2026-01-01T00:00:00+99:99",
  "275760-09-13T00:00:00.001Z",
  "64b7f0c2a1b2c3d4e5f60718",
  "__proto__",
  "constructor",
  "toString",
  "${NAME}",
  "../../etc",
  "\u0000",
  "\ud800",
  "١٢٣٤٥",
  "1e400",
  "-0",
  "NaN",
  "null",
  "<script>",
  "' OR 1=1",
] as const;

/** A text, now and then a megabyte of it. */
export function drawText(random: Random, most = LONG): string {
  switch (random.below(12)) {
    case 0:
      return random
        .pick(["9", "a", "{", "[", " ", "\u0000", ":", "-", ".", "\\", '"', "٠"])
        .repeat(random.once(6) ? most : random.size(Math.min(most, 70_000)));
    case 1:
      return String.fromCharCode(...random.times(random.size(60), () => random.below(0x1_0000)));
    case 2:
      return random
        .times(random.between(1, 5), () => random.pick(texts))
        .join(random.pick(["", ".", "-", ":", ";", ","]));
    case 3:
      return String(random.below(2 ** 32)) + String(random.below(2 ** 32));
    default:
      return random.pick(texts);
  }
}

/** A JSON value. `odd` ones only a flow can send: octets, dates, undefined, big integers. */
export function drawJson(random: Random, odd = false, depth = DEPTH): unknown {
  switch (random.below(odd ? 14 : 10)) {
    case 0:
      return null;
    case 1:
      return random.once(2);
    case 2:
      return random.pick([
        0,
        -0,
        1,
        -1,
        7,
        1.5,
        2 ** 53,
        -(2 ** 53) - 2,
        1e308,
        1e-320,
        65_536,
        4_294_967_296,
      ]);
    case 3:
    case 4:
    case 5:
      return drawText(random, depth === DEPTH ? LONG : SHORT);
    case 6:
      return random.times(depth <= 0 ? 0 : depth === DEPTH && random.once(15) ? 3_000 : random.size(6), () =>
        drawJson(random, odd, depth - 1),
      );
    case 7: {
      let nested: unknown = {};
      for (let i = random.size(depth === DEPTH && random.once(5) ? 1_000 : 40); i > 0; i--)
        nested = random.once(2) ? [nested] : { value: nested };
      return nested;
    }
    case 8:
    case 9:
      return depth <= 0 ? {} : drawObject(random, () => drawText(random, SHORT), odd, depth);
    case 10:
      return random.octets(random.size(2_000));
    case 11:
      return new Date(random.pick([0, Number.NaN, 8.64e15, -8.64e15, Date.UTC(2026, 0, 1)]));
    case 12:
      return random.pick([Number.NaN, Infinity, -Infinity, undefined]);
    default:
      return random.pick([0n, 2n ** 63n, -(2n ** 200n)]);
  }
}

function drawObject(random: Random, name: () => string, odd: boolean, depth: number): object {
  const object = {};
  for (let i = random.size(6); i > 0; i--) define(object, name(), drawJson(random, odd, depth - 1));
  return object;
}

/** Members that are asked for, most of them right, some hostile. */
export function drawFields(
  random: Random,
  right: Readonly<Record<string, unknown>>,
  odd = false,
): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(right))
    if (!random.once(3)) define(object, name, random.once(3) ? drawJson(random, odd) : value);
  if (random.once(3)) define(object, drawText(random, 2_000), drawJson(random, odd));
  return object;
}

/** As JSON.parse makes members: `__proto__` is a name like any other. */
function define(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true });
}
