/**
 * Login at the backend, whichever variant it wants: plain; with a passcode, by quick-relogin or by a passcode that the
 * backend hands out itself; or none. One attempt at a time; after a failure attempts are spaced and go on for ever,
 * so that a corrected password or a returning backend needs no restart.
 */
import { DlmsError, asDlmsError } from "../core/errors.js";
import { type Secret } from "../core/secret.js";
import { type Clock } from "../transport/clock.js";
import { isObject, type HttpAnswer, type HttpRequest } from "./http.js";

/** `off`: no login configured. `pending`: not tried yet, or the backend could not be reached. */
export type LoginState = "off" | "pending" | "ok" | "refused";

export interface LoginOptions {
  readonly apiUrl: string;
  readonly username?: string;
  readonly password?: Secret<string>;
  /** Given out for good: nobody logs in, and it is tried again at intervals once it was refused. */
  readonly token?: Secret<string>;
  /** First and longest wait between attempts after a failure. */
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
}

export interface LoginDeps {
  readonly request: (request: HttpRequest) => Promise<HttpAnswer>;
  readonly clock: Clock;
  /** 0 to below 1. */
  readonly random: () => number;
  /** Told after every attempt; `error` is why it failed. */
  readonly onState: (state: LoginState, error?: DlmsError) => void;
}

export class Login {
  readonly #options: LoginOptions;
  readonly #deps: LoginDeps;
  #state: LoginState;
  #token: string | undefined;
  #error: DlmsError | undefined;
  #flight: Promise<string | undefined> | undefined;
  #failures = 0;
  #cancelRetry: (() => void) | undefined;
  #stopped = false;

  constructor(options: LoginOptions, deps: LoginDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#state = options.token || (options.username && options.password) ? "pending" : "off";
  }

  get state(): LoginState {
    return this.#state;
  }

  /**
   * The bearer token, after a login if need be; undefined when no login is configured.
   * @throws DlmsError the last attempt's error while the next attempt is not due.
   */
  async token(): Promise<string | undefined> {
    if (this.#state === "off") return undefined;
    if (this.#token !== undefined) return this.#token;
    if (this.#flight === undefined && this.#cancelRetry !== undefined && this.#error) throw this.#error;
    return this.#attempt();
  }

  /** The backend answered 401 to `stale`: log in again, unless somebody did so already. */
  async renew(stale: string): Promise<string | undefined> {
    this.drop(stale);
    return this.token();
  }

  /** Forgets a token that somebody turned down; the next one who needs a token logs in. */
  drop(stale: string): void {
    if (this.#token === stale) this.#token = undefined;
  }

  /** A token fresh from the login was refused as well: wait before the next one. */
  reject(token: string): void {
    if (this.#token !== token) return;
    this.#token = undefined;
    this.#failed(new DlmsError("BACKEND_LOGIN", "The backend refuses the token it has just given (401)."));
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
  }

  #attempt(): Promise<string | undefined> {
    this.#flight ??= this.#logIn()
      .then((token) => {
        this.#token = token;
        this.#failures = 0;
        this.#error = undefined;
        this.#setState("ok");
        return token;
      })
      .catch((caught: unknown) => {
        throw this.#failed(asDlmsError(caught));
      })
      .finally(() => (this.#flight = undefined));
    return this.#flight;
  }

  #failed(error: DlmsError): DlmsError {
    this.#error = error;
    this.#failures += 1;
    const { retryMinMs, retryMaxMs } = this.#options;
    const wait = Math.min(retryMaxMs, retryMinMs * 2 ** Math.min(this.#failures - 1, 20));
    this.#cancelRetry?.();
    if (!this.#stopped) {
      const at = this.#deps.clock.now() + wait * (0.75 + this.#deps.random() / 2);
      this.#cancelRetry = this.#deps.clock.at(at, () => {
        this.#cancelRetry = undefined;
        // The failure is already told through onState; nobody waits for this attempt.
        if (this.#token === undefined) this.#attempt().catch(() => undefined);
      });
    }
    this.#setState(error.code === "BACKEND_LOGIN" ? "refused" : "pending", error);
    return error;
  }

  #setState(state: LoginState, error?: DlmsError): void {
    this.#state = state;
    if (!this.#stopped) this.#deps.onState(state, error);
  }

  async #logIn(): Promise<string> {
    const { token: given } = this.#options;
    if (given !== undefined) return given.reveal();
    const username = this.#options.username ?? "";
    const password = this.#options.password?.reveal() ?? "";
    const plain = await this.#post("login", { username, password });
    const token = tokenOf(plain);
    if (token !== undefined) return token;
    if (plain.status !== 400 || !asksForPasscode(plain)) throw refusal(plain);
    const quick = tokenOf(await this.#post("quick-relogin", { username, password }));
    if (quick !== undefined) return quick;
    const issued = await this.#post("generate-passcode", { username });
    const data = isObject(issued.json?.["data"]) ? issued.json["data"] : {};
    const { passcode, sessionId } = data;
    if (passcode === undefined || sessionId === undefined) throw refusal(issued);
    const final = await this.#post("login", { username, password, passcode, sessionId });
    const late = tokenOf(final);
    if (late === undefined) throw refusal(final);
    return late;
  }

  #post(path: string, body: Record<string, unknown>): Promise<HttpAnswer> {
    return this.#deps.request({ method: "POST", url: `${this.#options.apiUrl}/auth/${path}`, body });
  }
}

function tokenOf(answer: HttpAnswer): string | undefined {
  if (answer.status < 200 || answer.status > 299) return undefined;
  const data = answer.json?.["data"];
  const token = isObject(data) ? data["token"] : answer.json?.["token"];
  // Checked because it becomes a header value.
  return typeof token === "string" && /^[\x21-\x7e]{1,8192}$/.test(token) ? token : undefined;
}

function asksForPasscode(answer: HttpAnswer): boolean {
  return /passcode|session/i.test(JSON.stringify(answer.json ?? {}));
}

/** Only the status goes into the text: a backend may repeat the request in its answer. */
function refusal(answer: HttpAnswer): DlmsError {
  const status = answer.status;
  if (status === 400 || status === 401 || status === 403) {
    return new DlmsError(
      "BACKEND_LOGIN",
      `The backend refused the login (${status}); check user name and password.`,
    );
  }
  return new DlmsError("BACKEND_ERROR", `The backend's login answered ${status} without a token.`);
}
