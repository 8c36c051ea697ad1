/**
 * The login of the demo backend in the variants real backends have: none; plain; with a one-time passcode, with or
 * without the quick way around it. Tokens are random, live in memory and can be made to expire.
 */
import { randomBytes, randomInt, timingSafeEqual } from "node:crypto";
import { isObject } from "./model.js";

export type LoginVariant = "none" | "plain" | "passcode" | "passcode-only";

export interface Reply {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

const MAXIMUM_SESSIONS = 1_000;

export class DemoAuth {
  readonly variant: LoginVariant;
  readonly #users: Readonly<Record<string, string>>;
  readonly #tokens = new Set<string>();
  readonly #passcodes = new Map<string, string>();

  constructor(variant: LoginVariant, users: Readonly<Record<string, string>>) {
    this.variant = variant;
    this.#users = users;
  }

  /** Whether this bearer token opens the door; every caller may enter without a login. */
  allows(token: string | undefined): boolean {
    return this.variant === "none" || (token !== undefined && this.#tokens.has(token));
  }

  /** All tokens given so far stop to work. */
  expireTokens(): void {
    this.#tokens.clear();
  }

  /** `path` is what follows `/auth/`. Undefined: no such call. */
  handle(path: string, body: unknown): Reply | undefined {
    const fields = isObject(body) ? body : {};
    if (path === "login") return this.#login(fields);
    if (path === "quick-relogin" && this.variant !== "passcode-only") return this.#grant(fields);
    if (path !== "generate-passcode") return undefined;
    const passcode = String(randomInt(100_000, 1_000_000));
    const sessionId = randomBytes(12).toString("hex");
    if (this.#passcodes.size >= MAXIMUM_SESSIONS) this.#passcodes.clear();
    this.#passcodes.set(sessionId, passcode);
    return { status: 200, body: { success: true, data: { sessionId, passcode, expiresIn: 600 } } };
  }

  #login(fields: Record<string, unknown>): Reply {
    if (this.variant === "passcode" || this.variant === "passcode-only") {
      const { passcode, sessionId } = fields;
      if (typeof passcode !== "string" || typeof sessionId !== "string") {
        return refused(400, "Username, password, passcode and sessionId are required");
      }
      const expected = this.#passcodes.get(sessionId);
      this.#passcodes.delete(sessionId);
      if (expected !== passcode) return refused(401, "Invalid passcode");
    }
    return this.#grant(fields);
  }

  #grant({ username, password }: Record<string, unknown>): Reply {
    if (typeof username !== "string" || typeof password !== "string") {
      return refused(400, "Username and password are required");
    }
    const expected = Object.hasOwn(this.#users, username) ? this.#users[username] : undefined;
    if (this.variant !== "none" && (expected === undefined || !sameText(expected, password))) {
      return refused(401, "Invalid credentials");
    }
    const token = randomBytes(24).toString("hex");
    if (this.#tokens.size >= MAXIMUM_SESSIONS) this.#tokens.clear();
    this.#tokens.add(token);
    return { status: 200, body: { success: true, data: { user: { username, role: "admin" }, token } } };
  }
}

function refused(status: number, message: string): Reply {
  return { status, body: { success: false, message } };
}

function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
