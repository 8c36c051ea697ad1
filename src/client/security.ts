/**
 * Changes to how a meter is secured, from inside its association: keys under the master key (class 64, key_transfer),
 * the policy (security_activate), the secret of HLS (class 15, change_HLS_secret) and the password of LLS (class 15,
 * attribute 7). Who keeps old and new apart until the change shows is the caller. Left out: key agreement,
 * certificates.
 */
import { data } from "../axdr/index.js";
import { DlmsError } from "../core/errors.js";
import { type Secret } from "../core/secret.js";
import { securitySetup } from "../cosem/classes/index.js";
import { type SecuritySuite, type SymmetricKey, wrapKey } from "../security/index.js";
import { type DlmsClient } from "./dlms-client.js";

/** The security setup that counts for the management client of most meters. */
export const USUAL_SECURITY_SETUP = "0-0:43.0.0.255";
const CURRENT_ASSOCIATION = { classId: 15, obis: "0-0:40.0.0.255" };

export interface NewKeys {
  readonly unicast?: SymmetricKey;
  readonly broadcast?: SymmetricKey;
  readonly authentication?: SymmetricKey;
  readonly master?: SymmetricKey;
}

export interface KeyTransfer {
  readonly suite: SecuritySuite;
  /** The master key that the meter has now. */
  readonly master: SymmetricKey | undefined;
  readonly keys: NewKeys;
  /** Object of class 64. Default 0-0:43.0.0.255. */
  readonly obis?: string;
}

const keyIds = { unicast: 0, broadcast: 1, authentication: 2, master: 3 } as const;

/**
 * Gives the meter new keys, all or none. They hold from the next association on; a meter may go on with the old ones
 * until then.
 * @throws DlmsError SECURITY_KEY_MISSING, SECURITY_KEY_INVALID before anything is sent; the meter's answer.
 */
export async function transferKeys(client: DlmsClient, transfer: KeyTransfer): Promise<void> {
  const { suite, master, keys, obis = USUAL_SECURITY_SETUP } = transfer;
  const wrapped = (Object.keys(keyIds) as (keyof NewKeys)[]).flatMap((name) => {
    const key = keys[name];
    if (key === undefined) return [];
    return [data.structure([data.enum(keyIds[name]), data.octetString(wrapKey(suite, master, key))])];
  });
  if (wrapped.length === 0)
    throw new DlmsError("FIELD_INVALID", "There is no key to transfer.", { field: "keys" });
  await client.action({ classId: securitySetup.classId, obis, methodId: 2 }, data.array(wrapped));
}

/**
 * Raises the least protection that the meter demands; it cannot be lowered.
 * @param policy levels 0 to 3 with version 0 of the class, bits from version 1 on.
 * @throws DlmsError the meter's answer.
 */
export async function activateSecurity(
  client: DlmsClient,
  policy: number,
  obis = USUAL_SECURITY_SETUP,
): Promise<void> {
  await client.action({ classId: securitySetup.classId, obis, methodId: 1 }, data.enum(policy));
}

export interface SecretChange {
  /** Sends it although the association does not encrypt. Default false. */
  readonly inClear?: boolean;
}

/**
 * The secret of HLS, for mechanisms 2, 3, 4 and 6.
 * @throws DlmsError SECURITY_UNPROTECTED where it would travel in clear; the meter's answer.
 */
export async function changeHlsSecret(
  client: DlmsClient,
  secret: Secret<Uint8Array>,
  { inClear = false }: SecretChange = {},
): Promise<void> {
  mustEncrypt(client, inClear);
  await client.action({ ...CURRENT_ASSOCIATION, methodId: 2 }, data.octetString(secret.reveal()));
}

/**
 * The password of LLS.
 * @throws DlmsError SECURITY_UNPROTECTED where it would travel in clear; the meter's answer.
 */
export async function changePassword(
  client: DlmsClient,
  password: Secret<Uint8Array>,
  { inClear = false }: SecretChange = {},
): Promise<void> {
  mustEncrypt(client, inClear);
  await client.set({ ...CURRENT_ASSOCIATION, attributeId: 7 }, data.octetString(password.reveal()));
}

function mustEncrypt(client: DlmsClient, inClear: boolean): void {
  if (inClear || client.association?.ciphering?.encrypted === true) return;
  throw new DlmsError(
    "SECURITY_UNPROTECTED",
    "The association does not encrypt: a new secret would travel in clear.",
  );
}
