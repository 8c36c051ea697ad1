/**
 * TLS to a backend, for REST and Socket.IO alike: authorities of one's own, a client certificate, another name than
 * the address says. Without any of it the system's authorities decide, and nothing in here is used.
 */
import { Agent, request as requestHttps } from "node:https";
import { Readable } from "node:stream";
import { createSecureContext } from "node:tls";
import { DlmsError } from "../core/errors.js";
import { type Secret } from "../core/secret.js";
import { type Fetch } from "./http.js";

export interface ClientTls {
  /** PEM of the authorities that the backend's certificate may come from; else those of the system. */
  readonly ca?: string | Uint8Array;
  /** PEM of the gateway's own certificate and its key, for backends that ask for one. */
  readonly cert?: string | Uint8Array;
  readonly key?: Secret<string | Uint8Array>;
  readonly passphrase?: Secret<string>;
  /** The name that the backend's certificate has to show, where it is not that of its address. */
  readonly serverName?: string;
  /** False takes any certificate, and with it anybody in between. Default true. */
  readonly verify?: boolean;
}

/** @throws DlmsError TLS_UNUSABLE, never with a certificate or key in the text. */
export function backendAgent({ ca, cert, key, passphrase, serverName, verify = true }: ClientTls): Agent {
  const settings = {
    ...(ca === undefined ? {} : { ca: plain(ca) }),
    ...(cert === undefined ? {} : { cert: plain(cert) }),
    ...(key === undefined ? {} : { key: plain(key.reveal()) }),
    ...(passphrase === undefined ? {} : { passphrase: passphrase.reveal() }),
  };
  try {
    createSecureContext(settings);
  } catch (caught) {
    const reason = caught instanceof Error && "code" in caught ? String(caught.code) : "unreadable";
    throw new DlmsError("TLS_UNUSABLE", `The certificate and key for the backend cannot be used: ${reason}.`);
  }
  return new Agent({
    ...settings,
    ...(serverName === undefined ? {} : { servername: serverName }),
    rejectUnauthorized: verify,
    minVersion: "TLSv1.2",
  });
}

/** How REST and Socket.IO reach the backend. @param fetchNow takes the place of what goes by the settings */
export function backendWay(
  tls: ClientTls | undefined,
  fetchNow?: Fetch,
): { readonly agent: Agent | undefined; readonly fetchNow: Fetch | undefined } {
  const agent = tls && backendAgent(tls);
  return { agent, fetchNow: fetchNow ?? (agent && agentFetch(agent)) };
}

/** As `fetch`, as far as requestJson goes: the built-in one takes no certificates. Redirects are not followed. */
function agentFetch(agent: Agent): Fetch {
  return (address, { method, headers, body, signal } = {}) =>
    new Promise((resolve, reject) => {
      const sent = requestHttps(
        address instanceof Request ? address.url : address,
        {
          agent,
          ...(method === undefined ? {} : { method }),
          headers: headers as Record<string, string>,
          ...(signal ? { signal } : {}),
        },
        (answer) => {
          const { statusCode = 0 } = answer;
          // These have no body by definition, and a response must not be made with one.
          const isEmpty = statusCode < 200 || statusCode === 204 || statusCode === 205 || statusCode === 304;
          if (isEmpty) answer.resume();
          const stream = isEmpty ? null : (Readable.toWeb(answer) as ReadableStream<Uint8Array>);
          resolve(new Response(stream, { status: Math.max(200, statusCode) }));
        },
      );
      sent.on("error", reject);
      sent.end(body === undefined || body === null ? undefined : (body as string));
    });
}

function plain(text: string | Uint8Array): string | Buffer {
  return typeof text === "string" ? text : Buffer.from(text);
}
