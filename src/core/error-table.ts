/**
 * The one error table. Dispatcher, status dots, HES payloads and docs/errors.md all read it.
 * Families say what kind of thing went wrong; `fault` whose it is; `retry` what helps.
 * A dictionary: one entry a code, grouped by who is concerned.
 */
export type ErrorFamily =
  | "UsageError"
  | "LocalProtocolError"
  | "RemoteProtocolError"
  | "DecodeError"
  | "SecurityError"
  | "AssociationRejected"
  | "ServiceError"
  | "TimeoutError"
  | "TransportError"
  | "LimitError"
  | "StoreError";

export type Fault = "user" | "gateway" | "meter" | "link" | "backend";
export type Retry = "never" | "sameSession" | "reconnect" | "later";

export interface ErrorEntry {
  readonly family: ErrorFamily;
  readonly fault: Fault;
  readonly retry: Retry;
  /** At most 20 characters, for the status dot. */
  readonly short: string;
  /** One sentence for people; the field or meter it concerns is added by the thrower. */
  readonly text: string;
}

function entry(family: ErrorFamily, fault: Fault, retry: Retry, short: string, text: string): ErrorEntry {
  return { family, fault, retry, short, text };
}

export const errorTable = {
  // What the user or the backend asked for.
  TOKEN_REQUIRED: entry("UsageError", "user", "never", "token missing", "A token load needs a token."),
  TOKEN_INVALID: entry(
    "UsageError",
    "user",
    "never",
    "token invalid",
    "A token is a string of exactly 20 decimal digits, not above 2^66 − 1.",
  ),
  ACTION_INVALID: entry(
    "UsageError",
    "user",
    "never",
    "action invalid",
    "The action must be connect or disconnect.",
  ),
  OBIS_INVALID: entry("UsageError", "user", "never", "OBIS invalid", "The OBIS code is malformed."),
  OBIS_REQUIRED: entry("UsageError", "user", "never", "OBIS missing", "A read needs at least one OBIS code."),
  FIELD_INVALID: entry(
    "UsageError",
    "user",
    "never",
    "field invalid",
    "A field has the wrong type or range.",
  ),
  METER_REQUIRED: entry("UsageError", "user", "never", "meter missing", "The command names no meter."),
  METER_UNKNOWN: entry(
    "UsageError",
    "user",
    "later",
    "meter unknown",
    "No meter with this serial number has dialled in.",
  ),
  METER_OFFLINE: entry("TransportError", "link", "later", "meter offline", "The meter is not connected."),
  METER_UNREGISTERED: entry(
    "UsageError",
    "backend",
    "later",
    "not registered",
    "The meter has no record at the backend and registration is required.",
  ),
  AMBIGUOUS_METER: entry(
    "UsageError",
    "user",
    "never",
    "meter ambiguous",
    "The command could mean more than one meter, so it runs on none.",
  ),
  COMMAND_EXPIRED: entry(
    "TimeoutError",
    "link",
    "never",
    "expired",
    "The command was not started before it expired.",
  ),
  COMMAND_SUPERSEDED: entry(
    "UsageError",
    "user",
    "never",
    "superseded",
    "A newer command took this one's place.",
  ),
  COMMAND_CONFLICT: entry(
    "UsageError",
    "user",
    "never",
    "id in use",
    "The commandId belongs to another command, for another meter or of another kind.",
  ),
  COMMAND_ABANDONED: entry(
    "UsageError",
    "user",
    "later",
    "node is gone",
    "The node that took this command is gone, so it was not started.",
  ),
  CANCELLED: entry("UsageError", "user", "later", "cancelled", "It was cancelled before it was complete."),
  UNKNOWN_COMMAND: entry(
    "UsageError",
    "user",
    "never",
    "unknown command",
    "The command is none this gateway knows.",
  ),
  CALLER_REFUSED: entry(
    "SecurityError",
    "backend",
    "never",
    "caller refused",
    "The caller may not make this call: its token is missing or wrong, or it is a web page.",
  ),
  REVERSE_NOT_ALLOWED: entry(
    "UsageError",
    "gateway",
    "never",
    "reverse not allowed",
    "The meter opened the association itself; its meter type does not allow state changes over such a link.",
  ),
  NOT_CONFIGURED: entry("UsageError", "user", "never", "not configured", "A setting is missing or unusable."),
  IDENTITY_CONFLICT: entry(
    "SecurityError",
    "link",
    "later",
    "identity conflict",
    "Two live links claim this serial number; state changes are refused until one is gone.",
  ),
  IDENTITY_MISMATCH: entry(
    "SecurityError",
    "meter",
    "never",
    "identity mismatch",
    "The serial number read inside the association differs from the one the link claimed.",
  ),
  IDENTITY_CHANGED: entry(
    "SecurityError",
    "link",
    "later",
    "identity changed",
    "The link names another meter than it did before, so it was ended.",
  ),
  CLONED_SERIAL: entry(
    "SecurityError",
    "meter",
    "later",
    "serial cloned",
    "This serial number keeps changing between addresses; state changes are refused until that has stopped.",
  ),
  LINK_REPLACED: entry(
    "TransportError",
    "link",
    "later",
    "link replaced",
    "The meter came in anew; nothing that this older link still sends counts.",
  ),
  CLASS_UNKNOWN: entry(
    "UsageError",
    "user",
    "never",
    "class unknown",
    "Neither the request, the meter, its type nor the dictionary tells the interface class of this OBIS code.",
  ),
  ATTRIBUTE_UNKNOWN: entry(
    "UsageError",
    "user",
    "never",
    "attribute unknown",
    "The interface class has no such attribute.",
  ),
  // Protection of APDUs and proof of identity.
  SECURITY_TAG: entry(
    "SecurityError",
    "link",
    "reconnect",
    "tag: check keys",
    "The authentication tag does not match: keys or system titles differ, or octets were changed on the way.",
  ),
  SECURITY_SIGNATURE: entry(
    "SecurityError",
    "link",
    "reconnect",
    "signature invalid",
    "The digital signature does not match: another key signed, or octets were changed on the way.",
  ),
  SECURITY_COUNTER: entry(
    "SecurityError",
    "link",
    "reconnect",
    "message replayed",
    "The invocation counter received is not above the last one: the message is old or was sent twice.",
  ),
  SECURITY_COUNTER_LOW: entry(
    "SecurityError",
    "gateway",
    "reconnect",
    "our counter too low",
    "The meter has seen a higher invocation counter than the one we sent.",
  ),
  SECURITY_REFUSED: entry(
    "SecurityError",
    "user",
    "reconnect",
    "refused: check keys",
    "The meter could not decipher our message: check encryption key, authentication key and system titles.",
  ),
  SECURITY_COUNTER_SPENT: entry(
    "SecurityError",
    "gateway",
    "never",
    "counter spent",
    "The invocation counter has come to its end; the encryption key must be changed.",
  ),
  SECURITY_KEY_MISSING: entry(
    "SecurityError",
    "user",
    "never",
    "key missing",
    "A key or secret that this protection needs is not configured.",
  ),
  KEY_LIST_INVALID: entry(
    "UsageError",
    "user",
    "never",
    "key list unusable",
    "A row of the list of keys, or the master key that its secrets are encrypted under, cannot be used.",
  ),
  SECURITY_KEYS_UNAVAILABLE: entry(
    "SecurityError",
    "user",
    "later",
    "no keys in time",
    "The keys of this meter were asked for, and nobody answered in time or the list of keys cannot be read.",
  ),
  SECURITY_KEY_INVALID: entry(
    "SecurityError",
    "user",
    "never",
    "key invalid",
    "A configured key does not fit its use: length, kind or curve.",
  ),
  SECURITY_KEY_TRANSPORT: entry(
    "SecurityError",
    "meter",
    "reconnect",
    "key not unwrapped",
    "The key that came with a message cannot be unwrapped or agreed.",
  ),
  SECURITY_SUITE: entry(
    "SecurityError",
    "meter",
    "never",
    "other security suite",
    "The peer uses another security suite than the one configured.",
  ),
  SECURITY_COMPRESSION: entry(
    "SecurityError",
    "meter",
    "never",
    "compressed",
    "The peer compresses its messages (V.44), which is not supported; switch compression off in the meter.",
  ),
  SECURITY_TITLE: entry(
    "SecurityError",
    "meter",
    "never",
    "other system title",
    "The system title is missing, malformed or not the one expected.",
  ),
  SECURITY_CERTIFICATE: entry(
    "SecurityError",
    "meter",
    "never",
    "certificate unfit",
    "The certificate does not decode, or belongs to another system title or key.",
  ),
  SECURITY_CHALLENGE: entry(
    "SecurityError",
    "meter",
    "reconnect",
    "challenge refused",
    "The peer's challenge is missing, of a wrong length, or our own sent back.",
  ),
  SECURITY_ANSWER: entry(
    "SecurityError",
    "meter",
    "never",
    "peer not proven",
    "The peer's answer to our challenge is wrong: it does not know the secret.",
  ),
  SECURITY_UNPROTECTED: entry(
    "SecurityError",
    "meter",
    "reconnect",
    "not protected",
    "The peer sent a message with less protection than the association demands.",
  ),
  // Limits.
  METER_BUSY: entry(
    "LimitError",
    "gateway",
    "later",
    "meter busy",
    "The meter was busy with other requests for all of the time allowed.",
  ),
  TEST_RUNNING: entry("LimitError", "user", "later", "test running", "The same test is already running."),
  QUEUE_FULL: entry("LimitError", "gateway", "later", "queue full", "Too many commands wait already."),
  LIMIT_EXCEEDED: entry(
    "LimitError",
    "gateway",
    "never",
    "limit exceeded",
    "A configured limit was exceeded.",
  ),
  TOO_MANY_LINKS: entry(
    "LimitError",
    "gateway",
    "later",
    "too many links",
    "The listener holds as many links as it may.",
  ),
  // Our own misuse and the peer's.
  NOT_CONNECTED: entry(
    "LocalProtocolError",
    "gateway",
    "reconnect",
    "not connected",
    "The link is not connected.",
  ),
  NOT_ASSOCIATED: entry(
    "LocalProtocolError",
    "gateway",
    "reconnect",
    "not associated",
    "There is no association.",
  ),
  LOCAL_PROTOCOL: entry(
    "LocalProtocolError",
    "gateway",
    "never",
    "protocol misuse",
    "The protocol does not allow this now.",
  ),
  DECODE: entry("DecodeError", "meter", "reconnect", "undecodable", "The bytes received do not decode."),
  FRAME_INVALID: entry(
    "RemoteProtocolError",
    "meter",
    "reconnect",
    "bad frame",
    "The peer sent a frame that breaks the protocol.",
  ),
  FRAME_REJECTED: entry(
    "RemoteProtocolError",
    "meter",
    "reconnect",
    "frame rejected",
    "The peer rejected a frame (FRMR).",
  ),
  LINK_REFUSED: entry(
    "RemoteProtocolError",
    "meter",
    "later",
    "link refused",
    "The peer answered DM: it is disconnected.",
  ),
  UNEXPECTED_APDU: entry(
    "RemoteProtocolError",
    "meter",
    "reconnect",
    "unexpected answer",
    "The answer belongs to no open request.",
  ),
  BLOCK_SEQUENCE: entry(
    "RemoteProtocolError",
    "meter",
    "reconnect",
    "block out of order",
    "A block arrived out of order.",
  ),
  SHORT_NAME_UNKNOWN: entry(
    "UsageError",
    "user",
    "never",
    "short name unknown",
    "Where this method stands among the meter's short names is not known; give the offset of its class.",
  ),
  // The meter said no.
  ASSOCIATION_REJECTED: entry(
    "AssociationRejected",
    "meter",
    "later",
    "association refused",
    "The meter refused the association.",
  ),
  AUTHENTICATION_FAILED: entry(
    "AssociationRejected",
    "meter",
    "never",
    "password refused",
    "The meter refused the authentication; check the meter type's secret.",
  ),
  ACCESS_DENIED: entry(
    "ServiceError",
    "meter",
    "never",
    "access denied",
    "The meter denies access to this object.",
  ),
  OBJECT_UNDEFINED: entry(
    "ServiceError",
    "meter",
    "never",
    "object undefined",
    "The meter has no such object or attribute.",
  ),
  TYPE_UNMATCHED: entry(
    "ServiceError",
    "meter",
    "never",
    "type unmatched",
    "The meter expects another data type.",
  ),
  TEMPORARY_FAILURE: entry(
    "ServiceError",
    "meter",
    "sameSession",
    "temporary failure",
    "The meter is busy; the same request may work later.",
  ),
  SERVICE_REFUSED: entry(
    "ServiceError",
    "meter",
    "never",
    "refused by meter",
    "The meter refused the request.",
  ),
  SERVICE_EXCEPTION: entry(
    "ServiceError",
    "meter",
    "reconnect",
    "exception",
    "The meter answered with an exception response.",
  ),
  IMAGE_DISABLED: entry(
    "ServiceError",
    "meter",
    "never",
    "image transfer off",
    "The meter takes no firmware now: its image transfer is switched off.",
  ),
  IMAGE_REJECTED: entry(
    "ServiceError",
    "meter",
    "never",
    "image rejected",
    "The meter verified the image and rejected it, or could not activate it.",
  ),
  IMAGE_INCOMPLETE: entry(
    "ServiceError",
    "meter",
    "later",
    "image incomplete",
    "The meter lacks blocks of the image though they were sent again.",
  ),
  // Time and transport.
  RESPONSE_TIMEOUT: entry(
    "TimeoutError",
    "meter",
    "reconnect",
    "no answer",
    "The meter did not answer in time.",
  ),
  CONNECT_TIMEOUT: entry(
    "TimeoutError",
    "link",
    "later",
    "connect timeout",
    "The connection was not made in time.",
  ),
  IDENTIFY_TIMEOUT: entry(
    "TimeoutError",
    "meter",
    "later",
    "not identified",
    "The link showed no serial number in time.",
  ),
  VERIFY_TIMEOUT: entry(
    "TimeoutError",
    "meter",
    "never",
    "not verified",
    "The outcome could not be read back in time.",
  ),
  LINK_LOST: entry(
    "TransportError",
    "link",
    "later",
    "link lost",
    "The connection ended while the request was under way.",
  ),
  CONNECT_FAILED: entry(
    "TransportError",
    "link",
    "later",
    "connect failed",
    "The connection could not be made.",
  ),
  PORT_IN_USE: entry(
    "TransportError",
    "gateway",
    "later",
    "port in use",
    "The port is taken by another program.",
  ),
  LISTEN_FAILED: entry(
    "TransportError",
    "gateway",
    "later",
    "cannot listen",
    "The listener could not open its address.",
  ),
  TLS_UNUSABLE: entry(
    "TransportError",
    "user",
    "never",
    "TLS unusable",
    "Certificate, private key or authorities of the TLS settings cannot be used.",
  ),
  LISTENER_CLOSED: entry("TransportError", "gateway", "later", "listener closed", "The listener was closed."),
  BRIDGE_DUPLICATE: entry(
    "UsageError",
    "user",
    "later",
    "second bridge",
    "Another bridge has this backend and this listener; this one takes over when that one is gone.",
  ),
  NO_RESULT: entry(
    "TimeoutError",
    "gateway",
    "never",
    "no result",
    "The flow gave back no result for this command in time.",
  ),
  BACKEND_UNREACHABLE: entry(
    "TransportError",
    "backend",
    "later",
    "backend away",
    "The backend cannot be reached.",
  ),
  BACKEND_LOGIN: entry(
    "SecurityError",
    "backend",
    "later",
    "login refused",
    "The backend refused the login.",
  ),
  BACKEND_ERROR: entry(
    "TransportError",
    "backend",
    "later",
    "backend error",
    "The backend answered with an error.",
  ),
  // The store of accepted commands and of what waits for the backend.
  STORE_CORRUPT: entry(
    "StoreError",
    "gateway",
    "never",
    "store corrupt",
    "The store's file is damaged; move it away to start with an empty one.",
  ),
  STORE_LOCKED: entry(
    "StoreError",
    "gateway",
    "later",
    "store in use",
    "Another process has the store's file open.",
  ),
  STORE_READ_ONLY: entry(
    "StoreError",
    "gateway",
    "later",
    "store read-only",
    "The store's file or folder cannot be written.",
  ),
  STORE_FULL: entry("StoreError", "gateway", "later", "store full", "The store or its disk is full."),
  STORE_NEWER: entry(
    "StoreError",
    "gateway",
    "never",
    "store too new",
    "A newer version of this gateway made the store's file; it was not touched.",
  ),
  STORE_UNAVAILABLE: entry(
    "StoreError",
    "gateway",
    "later",
    "not durable",
    "No store is open, and without one no command that changes anything is taken.",
  ),
  STORE_FAILED: entry("StoreError", "gateway", "later", "store failed", "The store cannot be used."),
  // A defect of ours, caught at the outermost border.
  INTERNAL: entry(
    "LocalProtocolError",
    "gateway",
    "never",
    "internal error",
    "Something went wrong inside the gateway.",
  ),
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorTable;
