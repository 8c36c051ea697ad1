/** exception-response and confirmed-service-error: as errors when the peer sends them, and the ones we send. */
import { DlmsError } from "../core/errors.js";
import { type Apdu } from "../xdlms/index.js";

/** The peer refused with an APDU that names no request; undefined for every other APDU. */
export function refusal(apdu: Apdu): DlmsError | undefined {
  if (apdu.type === "exception-response") {
    const { stateError, serviceError, invocationCounter } = apdu;
    const said = `${stateError}, ${serviceError}`;
    const code =
      serviceError === "deciphering-error"
        ? "SECURITY_REFUSED"
        : serviceError === "invocation-counter-error"
          ? "SECURITY_COUNTER_LOW"
          : "SERVICE_EXCEPTION";
    const text =
      code === "SECURITY_REFUSED"
        ? // What to do comes first: editors cut long lines.
          `Check both keys and the system titles: the meter could not decipher our message (${said}).`
        : `The meter answered with an exception: ${said}.`;
    return new DlmsError(code, text, {
      detail: {
        stateError,
        serviceError,
        ...(invocationCounter === undefined ? {} : { invocationCounter }),
      },
    });
  }
  if (apdu.type === "confirmed-service-error") {
    const { service, error } = apdu;
    return new DlmsError(
      "SERVICE_REFUSED",
      `The meter answered with a service error: ${service}, ${error.category}, ${error.code}.`,
      { detail: { service, category: error.category, error: error.code } },
    );
  }
  return undefined;
}

/** What a server says to a message that is not genuine: its counter is too low, or it does not decipher. */
export function securityException({ code, detail }: DlmsError): Apdu {
  const last = code === "SECURITY_COUNTER" ? detail?.["last"] : undefined;
  return {
    type: "exception-response",
    stateError: "service-not-allowed",
    ...(typeof last === "number"
      ? { serviceError: "invocation-counter-error", invocationCounter: last + 1 }
      : { serviceError: "deciphering-error" }),
  };
}

export type ExceptionReason =
  "operation-not-possible" | "service-not-supported" | "other-reason" | "pdu-too-long";

export function exception(serviceError: ExceptionReason): Apdu {
  return { type: "exception-response", stateError: "service-not-allowed", serviceError };
}
