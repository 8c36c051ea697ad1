/** Asks a connected meter for its object list: what it shows to the client of its meter type, with access rights. */
import { DlmsError } from "../core/errors.js";
import { type ObjectListEntry } from "../cosem/object-list.js";
import { type Listener } from "./listener.js";

/**
 * Waits for the commands under way.
 * @param signal gives up waiting; a request that was sent is waited for.
 * @throws DlmsError METER_OFFLINE, METER_BUSY; the meter's refusal, or its silence.
 */
export async function readMeterObjects(
  listener: Listener,
  serial: string,
  signal: AbortSignal,
): Promise<readonly ObjectListEntry[]> {
  const link = listener.linkOf(serial);
  return link.use(async () => {
    if (signal.aborted) throw new DlmsError("METER_BUSY");
    return (await link.associated(true)).client.readObjectList();
  });
}
