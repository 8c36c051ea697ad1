/**
 * A change of a meter's keys, secret or policy, over its live link: kept before it is sent, sent inside a verified
 * association, and shown by a new one that is opened with what is new. Until then old and new are both tried.
 */
import { activateSecurity, changeHlsSecret, changePassword, transferKeys } from "../../client/security.js";
import { asDlmsError, DlmsError } from "../../core/errors.js";
import { isRefusal } from "../commands/context.js";
import { type MeterLink } from "../meter-link.js";
import { changed, type KeyChange, type MeterSecrets } from "./key-changes.js";
import { type Keyring } from "./keyring.js";

export type SecurityChange =
  /** New keys, by class 64, under the master key that the meter has. */
  | { readonly type: "keys"; readonly keys: NonNullable<KeyChange["keys"]>; readonly obis?: string }
  /** A new password of LLS or secret of HLS, whichever the meter type uses. */
  | { readonly type: "secret"; readonly secret: NonNullable<KeyChange["secret"]>; readonly inClear?: boolean }
  /** Raises the least protection that the meter demands. */
  | { readonly type: "policy"; readonly policy: number; readonly obis?: string }
  /** What type and directory know holds again, whatever was changed; nothing is sent. */
  | { readonly type: "forget" };

/**
 * `changed`: an association was opened with what is new. `offered`: the meter took it, or may have taken it, and has
 * not shown it yet; old and new are tried from now on.
 */
export type SecurityOutcome = "changed" | "offered";

export interface ChangeHost {
  readonly keyring: Keyring;
  /** Why it is not certain which meter this is, if it is not. */
  readonly doubt: () => DlmsError | undefined;
}

/**
 * @throws DlmsError before anything is sent: METER_OFFLINE, REVERSE_NOT_ALLOWED, IDENTITY_MISMATCH,
 *   SECURITY_KEY_MISSING, SECURITY_UNPROTECTED, of the store; the meter's refusal.
 */
export async function changeSecurity(
  link: MeterLink,
  host: ChangeHost,
  change: SecurityChange,
): Promise<SecurityOutcome> {
  return link.use(async () => {
    const { keyring } = host;
    const meter = link.serial ?? "";
    if (change.type === "forget") {
      await keyring.changes?.forget(meter);
      return "changed";
    }
    const doubt = host.doubt();
    if (doubt !== undefined) throw doubt;
    if (link.isReversed && !link.meterType.allowReverse) throw new DlmsError("REVERSE_NOT_ALLOWED");
    await link.associated(true);
    await link.verify();
    const usual = await keyring.usual(link.meterType, { meterSerialNumber: meter });
    if (change.type === "policy") {
      await activateSecurity(link.client, change.policy, change.obis);
      return "changed";
    }
    return offer(link, keyring, meter, usual, change);
  }, true);
}

async function offer(
  link: MeterLink,
  { changes }: Keyring,
  meter: string,
  usual: MeterSecrets,
  change: Extract<SecurityChange, { type: "keys" | "secret" }>,
): Promise<SecurityOutcome> {
  if (changes === undefined)
    throw new DlmsError("STORE_UNAVAILABLE", "Without a store new keys cannot be kept.");
  const { proved } = await changes.find(meter, usual);
  const now = proved === undefined ? usual : changed(usual, proved);
  await changes.offer(
    meter,
    usual,
    change.type === "keys" ? { keys: change.keys } : { secret: change.secret },
  );
  const sentBefore = link.octetsSent;
  try {
    await send(link, now, change);
  } catch (caught) {
    const error = asDlmsError(caught);
    // It did not leave, or the meter said no: nothing has changed.
    if (isRefusal(error) || link.octetsSent === sentBefore) {
      await changes.withdraw(meter, usual);
      throw error;
    }
    if (error.family !== "TimeoutError" && error.family !== "TransportError") throw error;
  }
  return show(link, async () => (await changes.find(meter, usual)).offered === undefined);
}

async function send(
  link: MeterLink,
  { keys: { master } }: MeterSecrets,
  change: Extract<SecurityChange, { type: "keys" | "secret" }>,
): Promise<void> {
  const { mechanism, security } = link.meterType.association;
  if (change.type === "keys") {
    const { keys, obis } = change;
    const suite = link.client.association?.ciphering?.suite ?? security?.suite ?? 0;
    return transferKeys(link.client, { suite, master, keys, ...(obis === undefined ? {} : { obis }) });
  }
  const options = { inClear: change.inClear === true };
  return mechanism === "lls"
    ? changePassword(link.client, change.secret, options)
    : changeHlsSecret(link.client, change.secret, options);
}

/** A new association, opened with what is new if the meter has it. */
async function show(link: MeterLink, isProved: () => Promise<boolean>): Promise<SecurityOutcome> {
  // An association that the meter opened cannot be opened anew from here.
  if (link.isReversed || link.isEnded) return "offered";
  try {
    await link.client.release();
    link.dropAssociation();
    await link.associated(true);
  } catch (caught) {
    // Whoever needs the meter next tries again; what was sent is not undone by it.
    if (!(caught instanceof DlmsError)) throw caught;
  }
  return (await isProved()) ? "changed" : "offered";
}
