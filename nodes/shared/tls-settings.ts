/** What Node-RED's own `tls-config` node holds, with what must stay secret as such. */
import { type Node, type NodeAPI } from "node-red";
import { Secret } from "../../src/index.js";
import { unusable } from "./fields.js";

export interface TlsSettings {
  readonly cert?: string | Uint8Array;
  readonly key?: Secret<string | Uint8Array>;
  readonly passphrase?: Secret<string>;
  readonly ca?: string | Uint8Array;
  readonly serverName?: string;
  readonly verify: boolean;
}

/** As far as it is public: it adds what it holds to options of Node.js. */
interface TlsConfigNode extends Node {
  readonly valid?: boolean;
  addTLSOptions(options: object): {
    readonly cert?: string | Uint8Array;
    readonly key?: string | Uint8Array;
    readonly ca?: string | Uint8Array;
    readonly passphrase?: string;
    readonly servername?: string;
    readonly rejectUnauthorized?: boolean;
  };
}

/** @throws DlmsError NOT_CONFIGURED naming the field; undefined where no node is chosen. */
export function tlsSettings(RED: NodeAPI, id: unknown, field: string): TlsSettings | undefined {
  if (typeof id !== "string" || id === "" || id === "_ADD_") return undefined;
  const node = RED.nodes.getNode(id) as TlsConfigNode | null;
  if (node === null) throw unusable(field, "is not deployed yet, or is disabled");
  if (typeof node.addTLSOptions !== "function")
    throw unusable(field, `is a ${node.type}, which does not fit here`);
  if (node.valid === false) throw unusable(field, "holds files that cannot be read");
  const { cert, key, ca, passphrase, servername, rejectUnauthorized } = node.addTLSOptions({});
  return {
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key: new Secret(key) }),
    ...(ca === undefined ? {} : { ca }),
    ...(passphrase === undefined ? {} : { passphrase: new Secret(passphrase) }),
    ...(servername === undefined ? {} : { serverName: servername }),
    verify: rejectUnauthorized !== false,
  };
}
