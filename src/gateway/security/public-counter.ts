/**
 * The invocation counter that a meter expects of us, read with the public client (class 1, attribute 2; by the meter
 * type, often 0-0:43.1.e.255). Nobody vouches for it, so it can only raise ours.
 */
import { type DlmsClient } from "../../client/index.js";
import { DlmsError } from "../../core/errors.js";

/** Undefined where the meter shows none. @throws DlmsError when the link broke. */
export async function readPublicCounter(client: DlmsClient, obis: string): Promise<number | undefined> {
  const [value] = await client.getMany([{ classId: 1, obis, attributeId: 2 }]);
  if (value instanceof DlmsError) {
    if (value.family === "ServiceError") return undefined;
    throw value;
  }
  const isNumber =
    value?.type === "double-long-unsigned" || value?.type === "long-unsigned" || value?.type === "unsigned";
  return isNumber ? value.value : undefined;
}
