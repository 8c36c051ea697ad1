/** The sentences of trials: what each step is, what was found, and what to do about a failure. */
import { word } from "../words.js";

type Facts = Readonly<Record<string, string | number>>;

const titles: Readonly<Record<string, () => string>> = {
  settings: () => word("trial.settings.title"),
  time: () => word("trial.time.title"),
  "port-free": () => word("trial.port.title"),
  "port-own": () => word("trial.port.title"),
  rest: () => word("trial.rest.title"),
  login: () => word("trial.login.title"),
  meters: () => word("trial.meters.title"),
  socket: () => word("trial.socket.title"),
  link: () => word("trial.link.title"),
  turn: () => word("trial.turn.title"),
  release: () => word("trial.release.title"),
  associate: () => word("trial.associate.title"),
  serial: () => word("trial.serial.title"),
  restore: () => word("trial.restore.title"),
};

const texts: Readonly<Record<string, (facts: Facts) => string>> = {
  "port-free": (facts) => word("trial.port.free", facts),
  "port-own": (facts) => word("trial.port.own", facts),
  rest: (facts) => word("trial.rest.ok", facts),
  login: () => word("trial.login.ok"),
  meters: (facts) => word("trial.meters.ok", facts),
  socket: (facts) => word("trial.socket.ok", facts),
  link: (facts) => word("trial.link.ok", facts),
  release: (facts) => word("trial.release.ok", facts),
  associate: (facts) => word("trial.associate.ok", facts),
  serial: (facts) => word("trial.serial.ok", facts),
  restore: (facts) => word("trial.restore.ok", facts),
};

const advices: Readonly<Record<string, () => string>> = {
  PORT_IN_USE: () => word("trial.advice.portInUse"),
  LISTEN_FAILED: () => word("trial.advice.listenFailed"),
  NOT_CONFIGURED: () => word("trial.advice.field"),
  FIELD_INVALID: () => word("trial.advice.field"),
  OBIS_INVALID: () => word("trial.advice.field"),
  BACKEND_UNREACHABLE: () => word("trial.advice.backendAway"),
  BACKEND_LOGIN: () => word("trial.advice.backendLogin"),
  BACKEND_ERROR: () => word("trial.advice.backendError"),
  METER_OFFLINE: () => word("trial.advice.meterOffline"),
  METER_BUSY: () => word("trial.advice.meterBusy"),
  REVERSE_NOT_ALLOWED: () => word("trial.advice.reverse"),
  IDENTITY_MISMATCH: () => word("trial.advice.identity"),
  RESPONSE_TIMEOUT: () => word("trial.advice.silence"),
  CONNECT_TIMEOUT: () => word("trial.advice.silence"),
  LINK_LOST: () => word("trial.advice.linkLost"),
  LINK_REFUSED: () => word("trial.advice.addresses"),
  SECURITY_REFUSED: () => word("trial.advice.keys"),
  SECURITY_TAG: () => word("trial.advice.keys"),
  SECURITY_ANSWER: () => word("trial.advice.keys"),
  SECURITY_COUNTER: () => word("trial.advice.counter"),
};

export function stepTitle(step: string): string {
  return (titles[step] ?? (() => step))();
}

export function stepText(step: string, facts: Facts): string {
  return texts[step]?.(facts) ?? "";
}

export function advice(code: string, field: string | undefined): string | undefined {
  const helps =
    advices[code] ?? (/^(ASSOCIATION|AUTHENTICATION|SECURITY)/.test(code) ? associationAdvice : undefined);
  const text = helps?.();
  return text === undefined || field === undefined ? text : `${text} (${field})`;
}

function associationAdvice(): string {
  return word("trial.advice.association");
}
