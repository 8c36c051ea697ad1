/**
 * What an empty field of a meter type means, per preset, shown as the field's placeholder. A copy for people: the
 * truth is src/meter-types, and a test holds the two together.
 */
export interface PresetHint {
  readonly framing: string;
  readonly clientSap: string;
  readonly serverSap: string;
  readonly hdlcAddressOctets: string;
  readonly mechanism: string;
  readonly responseTimeoutSeconds: string;
  readonly interRequestMs: string;
  readonly serialObis: string;
  readonly serialCoding: string;
  readonly stripZerosTo: string;
  readonly readSerialPublicly: string;
  readonly tokenRule: string;
  readonly relayObis: string;
  readonly allowReverse: string;
  readonly codes: string;
}

const common = {
  serverSap: "1",
  hdlcAddressOctets: "1",
  responseTimeoutSeconds: "10",
  serialObis: "0-0:96.1.0.255",
  relayObis: "0-0:96.3.10.255",
} as const;

const electrical = "1-0:1.8.0.255, 1-0:32.7.0.255, 1-0:31.7.0.255, 1-0:14.7.0.255";

export const presetHints: Readonly<Record<string, PresetHint>> = {
  hexcell: {
    ...common,
    framing: "wrapper",
    clientSap: "17",
    mechanism: "lls",
    interRequestMs: "50",
    serialCoding: "bcd",
    stripZerosTo: "11",
    readSerialPublicly: "no",
    tokenRule: "data-bcd",
    allowReverse: "no",
    codes: `${electrical}, 1-0:96.66.0.255`,
  },
  hexing: {
    ...common,
    framing: "wrapper",
    clientSap: "1",
    mechanism: "lls",
    interRequestMs: "50",
    serialCoding: "auto",
    stripZerosTo: "",
    readSerialPublicly: "no",
    tokenRule: "data-bcd",
    allowReverse: "no",
    codes: `${electrical}, 1-0:96.66.0.255`,
  },
  standard: {
    ...common,
    framing: "auto",
    clientSap: "16",
    mechanism: "none",
    interRequestMs: "0",
    serialCoding: "auto",
    stripZerosTo: "",
    readSerialPublicly: "yes",
    tokenRule: "token-gateway",
    allowReverse: "no",
    codes: `${electrical}, 0-0:19.10.0.255`,
  },
  readme: {
    ...common,
    framing: "auto",
    clientSap: "16",
    mechanism: "none",
    interRequestMs: "0",
    serialCoding: "auto",
    stripZerosTo: "",
    readSerialPublicly: "no",
    tokenRule: "register",
    allowReverse: "yes",
    codes: `${electrical}, 0-0:19.1.0.255`,
  },
};
