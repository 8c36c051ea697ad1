/**
 * call-method: any method of any object (ACTION), once. What a method does cannot be read back in general, so after
 * silence the outcome is `unknown`, and the method is not called again.
 */
import { data, type Data } from "../../axdr/index.js";
import { type MethodRef } from "../../client/index.js";
import { asDlmsError, DlmsError, usageError } from "../../core/errors.js";
import { classById } from "../../cosem/classes/index.js";
import { dataByDeclaration, dataFromJson } from "../../cosem/data-from-json.js";
import { methodsOf } from "../../cosem/interface-class.js";
import { jsonValue } from "../../cosem/value.js";
import { type CallMethod } from "../messages.js";
import { type ObjectResolver } from "../resolve.js";
import { type CommandContext, type CommandReport, isRefusal, keptBack } from "./context.js";

export async function callMethod(
  command: CallMethod,
  context: CommandContext,
  resolver: ObjectResolver,
): Promise<CommandReport> {
  let method: MethodRef;
  let parameters: Data | undefined;
  try {
    const { obisCode, classId } = await resolver.resolve(command, context.meterType, context.client());
    method = { obis: obisCode, classId, methodId: command.methodId };
    parameters = parametersOf(command, classId);
  } catch (caught) {
    const error = asDlmsError(caught);
    const outcome = error.family === "UsageError" ? "invalid" : "not-sent";
    return { success: false, outcome, attempts: 0, error };
  }
  try {
    await context.beforeSending({}, false);
  } catch (caught) {
    return keptBack(asDlmsError(caught));
  }
  const sentBefore = context.octetsSent();
  try {
    const returned = await context.client().action(method, parameters);
    const content = returned === undefined ? {} : { returned: jsonValue(returned) };
    return { success: true, outcome: "done", attempts: 1, content };
  } catch (caught) {
    const error = asDlmsError(caught);
    if (context.octetsSent() === sentBefore)
      return { success: false, outcome: "not-sent", attempts: 0, error };
    return { success: false, outcome: isRefusal(error) ? "refused" : "unknown", attempts: 1, error };
  }
}

/** A method that may have been called: nothing tells whether it was. */
export function settleMethod(): CommandReport {
  const error = new DlmsError("VERIFY_TIMEOUT", "Whether the method was carried out cannot be read back.");
  return { success: false, outcome: "unknown", attempts: 0, error };
}

/** @throws DlmsError FIELD_INVALID naming the value or its type. */
function parametersOf({ methodId, type, value }: CallMethod, classId: number): Data | undefined {
  if (type !== undefined) return dataFromJson(type, value, "value");
  if (value === undefined) return data.integer(0);
  if (value === null) return undefined;
  const declared = classById(classId);
  const parameter = declared && methodsOf(declared).find(({ id }) => id === methodId)?.parameter;
  const built = parameter && dataByDeclaration(parameter, value, "value");
  if (built === undefined)
    throw usageError("FIELD_INVALID", "type", "type is missing: the method's declaration does not tell it");
  return built;
}
