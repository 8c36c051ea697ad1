/** Every codec: recorded octets mutated, drawn values encoded and mutated, bombs. Only a DecodeError may come out. */
import { acseCodec } from "../../../acse/index.js";
import {
  type Data,
  dataCodec,
  decodeDate,
  decodeDateTime,
  decodeTime,
  encodeDateTime,
  toIso,
} from "../../../axdr/index.js";
import { type AnyCodec, type Codec, decodeAll, encodeAll, inspectAll } from "../../../bytes/codec.js";
import { concatBytes, equalBytes } from "../../../bytes/hex.js";
import { DecodeError } from "../../../core/errors.js";
import { frameCodec } from "../../../hdlc/frame.js";
import { describeRejection } from "../../../hdlc/rejection.js";
import { parameterFieldCodec, readOffer } from "../../../hdlc/parameters.js";
import { AccessList } from "../../../transport/access-list.js";
import { proxySignature, readProxyHeader } from "../../../transport/proxy-header.js";
import { wrapperPduCodec } from "../../../wrapper/index.js";
import {
  apduCodec,
  cipheredApduCodec,
  clearApduCodec,
  gatewayPrefix,
  splitGatewayPrefix,
  withGatewayPrefix,
} from "../../../xdlms/index.js";
import { dataBomb } from "../bombs.js";
import { corpus, type Corpus } from "../corpus.js";
import { drawEncoded } from "../draw.js";
import { mutate } from "../mutate.js";
import { type Random } from "../random.js";
import { type AnyTarget, hold, refusable, type Target, type Watch } from "../target.js";

/** Octets for a codec: recorded, drawn by its grammar, or at random; mostly mutated. */
export function drawOctets(random: Random, codec: AnyCodec, recorded: readonly Uint8Array[]): Uint8Array {
  if (random.once(10)) return random.octets(random.size(300));
  const known = recorded.length === 0 ? new Uint8Array(0) : random.pick(recorded);
  const octets = random.once(2) ? known : drawEncoded(random, codec, known);
  return random.once(8) ? octets : mutate(random, octets, recorded);
}

/**
 * A value that encodes to the same octets again, or a DecodeError; with and without a tracer alike.
 * @returns the value; undefined where it was refused.
 */
export function decodeHostile<T>(codec: Codec<T>, octets: Uint8Array, watch: Watch): T | undefined {
  let value: T;
  try {
    value = watch(() => decodeAll(codec, octets));
  } catch (caught) {
    if (!(caught instanceof DecodeError)) throw caught;
    hold(
      inspectAll(codec, octets).error !== undefined,
      "the tracing mode decodes what the good path refuses",
    );
    return undefined;
  }
  const encoded = watch(() => encodeAll(codec, value));
  hold(equalBytes(encoded, octets), "the value encodes to other octets");
  return value;
}

function decoder(
  name: string,
  codec: AnyCodec,
  recorded: (all: Corpus) => readonly Uint8Array[],
  more: { readonly bomb?: (random: Random) => Uint8Array; readonly use?: (octets: Uint8Array) => void } = {},
): Target<Uint8Array> {
  return {
    name,
    about: `octets for the decoder of ${name}`,
    draw: (random) =>
      more.bomb !== undefined && random.once(20)
        ? more.bomb(random)
        : drawOctets(random, codec, recorded(corpus())),
    run(octets, watch) {
      decodeHostile<unknown>(codec, octets, watch);
      more.use?.(octets);
    },
  };
}

const dataOfApdus = (all: Corpus): readonly Uint8Array[] =>
  all.apdus.filter(([tag]) => tag === 0xc4).map((apdu) => apdu.subarray(4));

const tagged =
  (...tags: readonly number[]) =>
  (all: Corpus): readonly Uint8Array[] =>
    all.apdus.filter(([tag]) => tags.includes(tag as number));

const ciphered = (all: Corpus): readonly Uint8Array[] =>
  all.apdus.filter(
    ([tag = 0]) => tag === 0x21 || tag === 0x28 || (tag >= 0xc8 && tag <= 0xdf && tag !== 0xd8),
  );

/** A GET response around a bomb. */
function apduBomb(random: Random): Uint8Array {
  const head = random.pick([
    [0xc4, 1, 0xc1, 0],
    [0x0f, 0, 0, 0, 0, 0],
    [0xc4, 3, 0xc1, 0x82, 0xff, 0xff],
    [0xda, 0, 0, 0, 0, 0, 0, 0x82, 0xff, 0xff],
    [0x0c, 0x82, 0xff, 0xff],
  ]);
  return Uint8Array.from([...head, ...dataBomb(random)]);
}

function dates(octets: Uint8Array): void {
  for (const decode of [decodeDate, decodeTime, decodeDateTime])
    try {
      const value = decode(octets);
      if (decode === decodeDateTime) {
        hold(equalBytes(encodeDateTime(value), octets), "the date encodes to other octets");
        toIso(value);
      }
    } catch (caught) {
      if (!(caught instanceof DecodeError)) throw caught;
    }
}

export const decoders: readonly AnyTarget[] = [
  decoder("hdlc-frame", frameCodec, ({ hdlc }) => hdlc),
  decoder("hdlc-parameters", parameterFieldCodec, () => [], {
    use: (octets) => {
      describeRejection(octets);
      try {
        readOffer(octets);
      } catch (caught) {
        if (!(caught instanceof DecodeError)) throw caught;
      }
    },
  }),
  decoder("wrapper-pdu", wrapperPduCodec, ({ wrapper }) => wrapper),
  decoder("acse", acseCodec, tagged(0x60, 0x61, 0x62, 0x63)),
  decoder("xdlms", apduCodec, ({ apdus }) => apdus, { bomb: apduBomb }),
  decoder("xdlms-clear", clearApduCodec, ({ apdus }) => apdus),
  decoder("xdlms-ciphered", cipheredApduCodec, ciphered),
  decoder("gateway-prefix", gatewayPrefix, () => [], {
    use: (octets) => {
      const split = refusable(() => splitGatewayPrefix(octets));
      if (split === undefined) return;
      hold(
        equalBytes(withGatewayPrefix(split.prefix, split.apdu), octets),
        "the prefix encodes to other octets",
      );
    },
  }),
  decoder("data", dataCodec, dataOfApdus, { bomb: dataBomb }),
  {
    name: "date-time",
    about: "octets of a date, a time or both",
    draw: (random) => {
      const octets = random.octets(random.pick([4, 5, 12, 12, 12, random.below(20)]));
      return octets.map((octet) => (random.once(3) ? random.pick([0xff, 0xfe, 0xfd, 0x80, 0]) : octet));
    },
    run: dates,
  } satisfies Target<Uint8Array>,
  {
    name: "proxy-header",
    about: "what stands in front of a link behind a load balancer, and addresses for the lists",
    draw: (random) => {
      const fields = random.octets(random.size(300));
      const head = [random.pick([0x20, 0x21, 0x11, 0xff]), random.pick([0x11, 0x21, 0x12, 0x31, 0])];
      const length = random.once(4) ? random.below(0x1_0000) : fields.length;
      const whole = concatBytes(proxySignature, Uint8Array.of(...head, length >> 8, length & 0xff), fields);
      return random.once(2) ? whole : mutate(random, whole, [proxySignature]);
    },
    run(octets) {
      const header = readProxyHeader(octets);
      if (header.state === "complete") hold(header.length <= octets.length, "a header longer than what came");
      const source = header.state === "complete" ? header.source?.address : undefined;
      const lists = { deny: ["10.0.0.0/8", "2001:db8::/32"] };
      new AccessList(lists).admits(source ?? String.fromCharCode(...octets.subarray(0, 60)));
    },
  } satisfies Target<Uint8Array>,
];

/** Hostile Data of a peer that knows the grammar. */
export function drawData(random: Random): Data | undefined {
  const octets = random.once(10) ? dataBomb(random) : drawOctets(random, dataCodec, dataOfApdus(corpus()));
  try {
    return decodeAll(dataCodec, octets);
  } catch (caught) {
    if (caught instanceof DecodeError) return undefined;
    throw caught;
  }
}
