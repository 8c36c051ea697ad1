/**
 * Tries a backend's settings step by step: whether its REST answers, whether the login is accepted, whether meters can
 * be listed, whether Socket.IO connects. Everything is ended afterwards; nothing is written, created or registered.
 */
import { asDlmsError, DlmsError } from "../core/errors.js";
import { failedStep, reportOf, type TrialReport, type TrialStep } from "../gateway/trial-report.js";
import { type Clock, systemClock } from "../transport/clock.js";
import { type ConnectionBasics, HesConnection } from "./connection.js";
import { httpDefaults, isObject, requestJson, type HttpAnswer, type HttpRequest } from "./http.js";
import { Login } from "./login.js";
import { resolveHesOptions, type HesOptions } from "./options.js";
import { backendWay } from "./tls.js";

/** Each step may take this long. */
const STEP_MS = 8_000;

export interface TryBackendOptions {
  readonly signal: AbortSignal;
  readonly stepMs?: number;
  readonly clock?: Clock;
}

/** Never rejects. */
export async function tryBackend(given: HesOptions, options: TryBackendOptions): Promise<TrialReport> {
  const { signal, stepMs = STEP_MS, clock = systemClock } = options;
  const steps: TrialStep[] = [];
  try {
    const { url, apiUrl, username, password, tls, token: fixed } = resolveHesOptions(given);
    const { agent, fetchNow } = backendWay(tls);
    const request = (one: HttpRequest): Promise<HttpAnswer> =>
      requestJson({ ...one, signal }, { ...httpDefaults, timeoutMs: stepMs }, fetchNow);
    const login = new Login(
      {
        apiUrl,
        ...(username === undefined ? {} : { username }),
        ...(password === undefined ? {} : { password }),
        ...(fixed === undefined ? {} : { token: fixed }),
        // One attempt is all there is.
        retryMinMs: 3_600_000,
        retryMaxMs: 3_600_000,
      },
      { request, clock, random: () => 0, onState: () => undefined },
    );
    try {
      const token = await tryRest(apiUrl, login, request, (step) => steps.push(step));
      signal.throwIfAborted();
      steps.push(await trySocket({ url, agent, clock }, token, stepMs));
    } finally {
      login.stop();
    }
  } catch (caught) {
    steps.push(failedStep(steps.length === 0 ? "settings" : "time", asDlmsError(caught)));
  }
  return reportOf(steps);
}

/** @returns the login's token, if there is one. */
async function tryRest(
  apiUrl: string,
  login: Login,
  request: (request: HttpRequest) => Promise<HttpAnswer>,
  tell: (step: TrialStep) => void,
): Promise<string | undefined> {
  const skip = (...names: string[]): void =>
    names.forEach((step) => tell({ step, state: "skipped", facts: {} }));
  if (apiUrl === "") {
    skip("rest", "login", "meters");
    return undefined;
  }
  const list: HttpRequest = { method: "GET", url: `${apiUrl}/meters?limit=1&page=1` };
  let first: HttpAnswer;
  try {
    first = await request(list);
    tell({ step: "rest", state: "ok", facts: { url: apiUrl, status: first.status } });
  } catch (caught) {
    tell(failedStep("rest", asDlmsError(caught), { url: apiUrl }));
    skip("login", "meters");
    return undefined;
  }
  let token: string | undefined;
  if (login.state === "off") skip("login");
  else
    try {
      token = await login.token();
      tell({ step: "login", state: "ok", facts: {} });
    } catch (caught) {
      tell(failedStep("login", asDlmsError(caught)));
      skip("meters");
      return undefined;
    }
  try {
    const answer = token === undefined ? first : await request({ ...list, token });
    tell({ step: "meters", state: "ok", facts: { count: countOf(answer) } });
  } catch (caught) {
    tell(failedStep("meters", asDlmsError(caught)));
  }
  return token;
}

/** @throws DlmsError why meters cannot be listed. */
function countOf({ status, json }: HttpAnswer): number {
  if (status === 401 || status === 403)
    throw new DlmsError("BACKEND_LOGIN", `The backend does not let this login list meters (${status}).`);
  const rows = json?.["data"];
  if (status !== 200 || !Array.isArray(rows))
    throw new DlmsError(
      "BACKEND_ERROR",
      json === undefined
        ? `There are no meter records at this address: it answered ${status} without JSON.`
        : `The list of meters was answered with ${status} in an unknown form.`,
    );
  const pagination = json?.["pagination"];
  const total = isObject(pagination) ? pagination["total"] : undefined;
  return typeof total === "number" && Number.isSafeInteger(total) ? total : rows.length;
}

function trySocket(
  basics: Pick<ConnectionBasics, "url" | "agent" | "clock">,
  token: string | undefined,
  stepMs: number,
): Promise<TrialStep> {
  const { url, clock } = basics;
  return new Promise((resolve) => {
    const finish = (step: TrialStep): void => {
      cancel();
      connection.close();
      resolve(step);
    };
    const failed = (error: DlmsError): void => finish(failedStep("socket", error, { url }));
    const connection = new HesConnection({
      ...basics,
      gateway: "test",
      token: () => Promise.resolve(token),
      onDenied: () => undefined,
      onEvent: () => undefined,
      onUp: () => finish({ step: "socket", state: "ok", facts: { url } }),
      onDown: failed,
    });
    const cancel = clock.at(clock.now() + stepMs, () =>
      failed(
        new DlmsError("BACKEND_UNREACHABLE", `The backend did not answer Socket.IO within ${stepMs} ms.`),
      ),
    );
    connection.open();
  });
}
