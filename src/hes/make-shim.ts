/** The backend's DLMS calls, where they are wanted: run by the listener, past the flow. */
import { DlmsError } from "../core/errors.js";
import { type LogEvent } from "../gateway/events.js";
import { type Clock } from "../transport/clock.js";
import { type HesOptions, type ListenerLike } from "./options.js";
import { DlmsShim } from "./shim.js";

/** @throws DlmsError NOT_CONFIGURED when there is nothing to run the calls. */
export function makeShim(
  { shim }: Pick<HesOptions, "shim">,
  listener: ListenerLike,
  deps: { readonly clock: Clock; readonly log: (level: LogEvent["level"], text: string) => void },
): DlmsShim | undefined {
  if (shim === undefined) return undefined;
  const { execute, registry } = listener;
  if (execute === undefined)
    throw new DlmsError("NOT_CONFIGURED", "shim needs a listener that runs commands.", { field: "shim" });
  return new DlmsShim(shim, { registry, execute: (command) => execute.call(listener, command), ...deps });
}
