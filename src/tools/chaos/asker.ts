/**
 * The asking side of a chaos run: offers each planned command to the gateway until it is acknowledged, with the same
 * id, as a careful backend does; never two open relay commands for one meter. Collects what is told.
 */
import { type CommandAck } from "../../hes/contract.js";
import { type DemoBackend } from "../demo/backend.js";
import { type AskedCommand, type ToldResult } from "./account.js";
import { type PlannedCommand } from "./plan.js";

const ACK_MS = 2_000;
const AGAIN_MS = 250;
/** Commands offered at the same time. */
const AT_ONCE = 60;
/** Longer than any relay command takes, its verification and a restart included. */
const RELAY_TURN_MS = 90_000;
/** A command refused so often (a full store, say) is given up, visibly not accepted. */
const REFUSALS = 100;

export class Asker {
  readonly asked: AskedCommand[] = [];
  readonly told: ToldResult[] = [];
  /** Never acknowledged: must have had no effect. */
  readonly refused: PlannedCommand[] = [];
  readonly refusalCodes = new Map<string, number>();
  readonly #backend: () => DemoBackend | undefined;
  readonly #answered = new Set<string>();
  readonly #tokens = new Map<string, string>();
  /** By meter: resolves when its relay may be asked for again. */
  readonly #relayTurns = new Map<string, Promise<unknown>>();
  readonly #relayOver = new Map<string, () => void>();
  #isOver = false;

  constructor(backend: () => DemoBackend | undefined) {
    this.#backend = backend;
  }

  /** Accepted commands without a result. */
  get open(): number {
    return this.asked.filter(({ commandId }) => !this.#answered.has(commandId)).length;
  }

  /** Whether this token was asked for, and its result has not come. */
  awaits(token: string): boolean {
    const commandId = this.#tokens.get(token);
    return commandId !== undefined && !this.#answered.has(commandId);
  }

  /** A `meter-command-result` as the backend got it. */
  readonly onResult = (payload: unknown): void => {
    const { commandId, meterSerialNumber, success, outcome, error } = payload as Readonly<
      Record<string, unknown>
    >;
    if (typeof commandId !== "string" || isRefusal(outcome, error)) return;
    this.told.push({
      commandId,
      meterSerialNumber: typeof meterSerialNumber === "string" ? meterSerialNumber : null,
      success: success === true,
      outcome: String(outcome),
      at: Date.now(),
    });
    this.#answered.add(commandId);
    this.#relayOver.get(commandId)?.();
  };

  /** Offers all commands over about `forMs`. Resolves when each was acknowledged or given up. */
  async run(plan: readonly PlannedCommand[], forMs: number): Promise<void> {
    const gapMs = forMs / plan.length;
    const startedAt = Date.now();
    const running = new Set<Promise<void>>();
    // A relay command waits for the meter's one before it, and must not hold up the others meanwhile.
    const relays: Promise<void>[] = [];
    for (const [i, command] of plan.entries()) {
      const early = startedAt + i * gapMs - Date.now();
      if (early > 0) await pause(early);
      if (command.action !== undefined) {
        relays.push(this.#offerInTurn(command));
        continue;
      }
      while (running.size >= AT_ONCE) await Promise.race(running);
      const offer: Promise<void> = this.#offer(command).finally(() => running.delete(offer));
      running.add(offer);
    }
    await Promise.all([...running, ...relays]);
  }

  /** What is not acknowledged by now is not offered any more. */
  giveUp(): void {
    this.#isOver = true;
    for (const wake of this.#relayOver.values()) wake();
  }

  /** In the order of the plan, each after the result of the one before: so the last one decides how the relay stands. */
  #offerInTurn(command: PlannedCommand): Promise<void> {
    const { commandId, meterSerialNumber } = command;
    const before = this.#relayTurns.get(meterSerialNumber) ?? Promise.resolve();
    const offered = before.then(() => this.#offer(command));
    const over = new Promise<void>((resolve) => this.#relayOver.set(commandId, resolve));
    const turn = offered.then(() =>
      this.#isOver || this.#answered.has(commandId) ? undefined : Promise.race([over, atMost(RELAY_TURN_MS)]),
    );
    this.#relayTurns.set(meterSerialNumber, turn);
    return offered;
  }

  async #offer(planned: PlannedCommand): Promise<void> {
    const { commandId, command, meterSerialNumber, action, token, sequence, ...rest } = planned;
    const payload = {
      commandId,
      meterSerialNumber,
      ...rest,
      ...(token === undefined ? {} : { token }),
      ...(action === undefined ? {} : { action }),
    };
    const offeredAt = Date.now();
    if (token !== undefined) this.#tokens.set(token, commandId);
    for (let refusals = 0; refusals < REFUSALS && !this.#isOver;) {
      const ack = (await this.#backend()?.offer(command, payload, ACK_MS)) as CommandAck | undefined;
      if (ack?.accepted === true) {
        this.asked.push({
          commandId,
          command,
          meterSerialNumber,
          sequence,
          offeredAt,
          ...(token === undefined ? {} : { token }),
          ...(action === undefined ? {} : { action }),
        });
        return;
      }
      if (ack !== undefined) {
        refusals++;
        this.refusalCodes.set(ack.code, (this.refusalCodes.get(ack.code) ?? 0) + 1);
      }
      await pause(AGAIN_MS);
    }
    this.refused.push(planned);
    this.#relayOver.get(commandId)?.();
  }
}

/** What is told beside an offer that was not accepted; the same command is offered again and accepted later. */
function isRefusal(outcome: unknown, error: unknown): boolean {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return outcome === "not-sent" && typeof code === "string" && /^(STORE_|QUEUE_FULL)/.test(code);
}

/** A bound on a wait that keeps no process alive. */
function atMost(ms: number): Promise<void> {
  return new Promise((wake) => setTimeout(wake, ms).unref());
}

export function pause(ms: number): Promise<void> {
  return new Promise((wake) => setTimeout(wake, ms));
}
