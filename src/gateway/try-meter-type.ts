/**
 * Tries a meter type on a meter that is connected now: its present association is released, one with the settings to
 * be tried is opened, the serial number read inside it, and then the meter gets its own association back. Each step
 * with the frames that passed. The link's other users wait meanwhile; a reverse link cannot be tried.
 */
import { asDlmsError, DlmsError } from "../core/errors.js";
import { type MeterType } from "../meter-types/meter-type.js";
import { type Association } from "./association.js";
import { verifyInside } from "./identify.js";
import { type Listener } from "./listener.js";
import { type MeterLink } from "./meter-link.js";
import { failedStep, reportOf, type TrialReport, type TrialStep } from "./trial-report.js";
import { type TraceEntry } from "./watches.js";

export interface TrialOptions {
  readonly serial: string;
  readonly meterType: MeterType;
  /** Gives up: what has not begun by then does not begin. */
  readonly signal: AbortSignal;
}

/** Never rejects. */
export async function tryMeterType(listener: Listener, options: TrialOptions): Promise<TrialReport> {
  const steps: TrialStep[] = [];
  const frames: TraceEntry[] = [];
  const unwatch = listener.watch(options.serial, (entry) => {
    if (frames.length < 200 && entry.direction !== "note") frames.push(entry);
  });
  const tell = (step: TrialStep): void => {
    steps.push({ ...step, frames: frames.splice(0) });
  };
  try {
    const link = listener.linkOf(options.serial);
    if (link.isReversed)
      throw new DlmsError(
        "REVERSE_NOT_ALLOWED",
        "The meter opened this link's association itself, so no other can be tried on it.",
      );
    const { remoteAddress, id } = link;
    tell({
      step: "link",
      state: "ok",
      facts: {
        address: remoteAddress,
        link: id,
        dialect: link.dialect.name,
        framing: link.associations.framing ?? "auto",
      },
    });
    await link.use(() => inTurn(link, options, tell));
  } catch (caught) {
    tell(failedStep(steps.length === 0 ? "link" : "turn", asDlmsError(caught)));
  } finally {
    unwatch();
  }
  return reportOf(steps);
}

async function inTurn(
  link: MeterLink,
  { meterType, signal }: TrialOptions,
  tell: (step: TrialStep) => void,
): Promise<void> {
  if (signal.aborted || link.isEnded) throw new DlmsError(link.isEnded ? "LINK_LOST" : "METER_BUSY");
  const own = link.meterType;
  const hadOwn = link.isAssociated;
  await link.associations.release();
  tell({ step: "release", state: hadOwn ? "ok" : "skipped", facts: { meterType: own.name } });
  link.meterType = meterType;
  try {
    await tryOut(link, meterType, signal, tell);
  } finally {
    await link.associations.release();
    link.meterType = own;
  }
  if (link.isEnded) return;
  try {
    await link.associated(true);
    tell({ step: "restore", state: "ok", facts: { meterType: own.name } });
  } catch (caught) {
    // That the settings in use do not work either is worth knowing, and no fault of those that were tried.
    tell({ ...failedStep("restore", asDlmsError(caught), { meterType: own.name }), state: "skipped" });
  }
}

async function tryOut(
  link: MeterLink,
  { name, association: { clientSap, mechanism, serverSap }, serial: { obis } }: MeterType,
  signal: AbortSignal,
  tell: (step: TrialStep) => void,
): Promise<void> {
  const asked = { meterType: name, client: clientSap, server: serverSap, mechanism };
  let association: Association;
  try {
    association = await link.associations.open(signal, undefined);
  } catch (caught) {
    tell(failedStep("associate", asDlmsError(caught), asked));
    return;
  }
  const { maxSendPdu, conformance } = association.info;
  tell({
    step: "associate",
    state: "ok",
    facts: { ...asked, maxPdu: maxSendPdu, conformance: [...conformance].join(" ") },
  });
  try {
    await verifyInside(association.client, link);
    tell({ step: "serial", state: "ok", facts: { serial: link.serial ?? "", obis } });
  } catch (caught) {
    tell(failedStep("serial", asDlmsError(caught), { serial: link.serial ?? "", obis }));
  }
}
