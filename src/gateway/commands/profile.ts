/**
 * read-profile: rows of a profile generic (class 7) as objects. Reading changes nothing, so after a break it is done
 * once more over a fresh association.
 */
import { asDlmsError, type DlmsError } from "../../core/errors.js";
import { type ReadProfile } from "../messages.js";
import { type CommandContext, type CommandReport, needsRecovery } from "./context.js";

export async function readProfile(command: ReadProfile, context: CommandContext): Promise<CommandReport> {
  const { entries, from, last, obisCode: obis, to } = command;
  const { profileRows } = context.meterType;
  for (let attempts = 1; ; attempts++) {
    try {
      const { obisCode, columns, rows } = await context.client().readProfile({
        obis,
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
        ...(entries === undefined ? {} : { entries }),
        ...(last === undefined ? {} : { last }),
        ...(profileRows === undefined ? {} : { rowsPerRequest: profileRows }),
      });
      return { success: true, outcome: "read", attempts, content: { obisCode, columns, rows } };
    } catch (caught) {
      const error = asDlmsError(caught);
      if (attempts === 2 || !needsRecovery(error)) return failed(error, attempts);
    }
    try {
      await context.recover();
    } catch (caught) {
      return failed(asDlmsError(caught), attempts);
    }
  }
}

function failed(error: DlmsError, attempts: number): CommandReport {
  return { success: false, outcome: "failed", attempts, error };
}
