/**
 * meter-firmware: image transfer (class 18) as a command. Blocks go out one by one and let every other command of the
 * meter go first in between; a transfer that breaks off goes on where it stopped. The activation is asked for once:
 * after silence the meter's status tells what became of it.
 */
import {
  activateImage,
  ImageObject,
  type ImageState,
  type ImageTransfer,
  transferImage,
} from "../../client/index.js";
import { asDlmsError, DlmsError } from "../../core/errors.js";
import { type FirmwareReport, type MeterFirmware } from "../messages.js";
import {
  type CommandContext,
  type CommandReport,
  isBroken,
  isRefusal,
  keptBack,
  needsRecovery,
  type SendingDetail,
} from "./context.js";

/** Fresh associations that a transfer may use up without a single block getting through. */
const FRUITLESS = 2;

export async function meterFirmware(command: MeterFirmware, context: CommandContext): Promise<CommandReport> {
  if (command.action === "status") return readStatus(context);
  try {
    await context.beforeSending(command.action === "activate" ? { activating: true } : {}, false);
  } catch (caught) {
    return keptBack(asDlmsError(caught));
  }
  return command.action === "activate" ? activate(context, false) : transfer(command, context);
}

/** An earlier attempt was under way: goes on with it, or finds out what became of the activation. */
export async function settleFirmware(
  command: MeterFirmware,
  context: CommandContext,
  { activating }: SendingDetail,
): Promise<CommandReport> {
  context.verifying();
  if (activating === true) return activate(context, true);
  return command.image === undefined ? byStatus(command, context) : transfer(command, context);
}

async function readStatus(context: CommandContext): Promise<CommandReport> {
  try {
    const object = new ImageObject(follow(context));
    const { status } = await object.start();
    const firmware = { status, toActivate: await object.toActivate() };
    return { success: true, outcome: "read", attempts: 1, content: { firmware } };
  } catch (caught) {
    return { success: false, outcome: "failed", attempts: 1, error: asDlmsError(caught) };
  }
}

async function transfer(command: MeterFirmware, context: CommandContext): Promise<CommandReport> {
  const { identifier = "", image = new Uint8Array(0) } = command;
  const sentBefore = context.octetsSent();
  const seen: { blocks?: number; total?: number } = {};
  let wasResumed = false;
  for (let fruitless = 0; ;) {
    let blocks = 0;
    try {
      const done = await transferImage(follow(context), {
        ...patience(context),
        image,
        identifier,
        betweenBlocks: () => context.letOthers(),
        onProgress: ({ phase, blocks: have, total }) => {
          if (phase === "transferring" && have > (seen.blocks ?? 0)) blocks++;
          seen.blocks = have;
          seen.total = total;
          context.progress({ phase, done: have, total });
        },
      });
      return await transferred(command, context, { ...done, resumed: done.resumed || wasResumed });
    } catch (caught) {
      const error = asDlmsError(caught);
      if (context.octetsSent() === sentBefore)
        return { success: false, outcome: "not-sent", attempts: 0, error };
      fruitless = blocks > 0 ? 0 : fruitless + 1;
      if (!needsRecovery(error) || fruitless > FRUITLESS) return broken(error, seen);
    }
    wasResumed = true;
    try {
      await context.recover();
    } catch (caught) {
      return broken(asDlmsError(caught), seen);
    }
  }
}

/** The image is there and verified. */
async function transferred(
  { action }: MeterFirmware,
  context: CommandContext,
  { resumed, status, toActivate, total }: Pick<ImageTransfer, "resumed" | "status" | "toActivate" | "total">,
): Promise<CommandReport> {
  const firmware: FirmwareReport = { status, blocks: total, total, resumed, toActivate };
  if (action === "transfer")
    return { success: true, outcome: "verified", attempts: 1, content: { firmware } };
  try {
    await context.beforeSending({ activating: true }, true);
  } catch (caught) {
    const error = asDlmsError(caught);
    return { success: false, outcome: "verified", attempts: 1, content: { firmware }, error };
  }
  context.progress({ phase: "activating", done: total, total });
  const { content, ...report } = await activate(context, false);
  return { ...report, content: { firmware: { ...firmware, ...content?.firmware } } };
}

/** @param wasAsked an earlier request may have arrived: it is only waited for. */
async function activate(context: CommandContext, wasAsked: boolean): Promise<CommandReport> {
  const sentBefore = context.octetsSent();
  const attempts = wasAsked ? 0 : 1;
  let status: ImageState;
  try {
    status = await activateImage(follow(context), { ...patience(context), wasAsked });
  } catch (caught) {
    const error = asDlmsError(caught);
    if (!wasAsked && context.octetsSent() === sentBefore)
      return { success: false, outcome: "not-sent", attempts: 0, error };
    if (error.code === "IMAGE_REJECTED") return { success: false, outcome: "rejected", attempts, error };
    if (isRefusal(error) && !wasAsked) return { success: false, outcome: "refused", attempts, error };
    return { success: false, outcome: "unknown", attempts, error, unsettled: isBroken(error) };
  }
  const content = { firmware: { status } };
  if (status === "activation-successful") return { success: true, outcome: "activated", attempts, content };
  const error = new DlmsError("VERIFY_TIMEOUT", `After the activation the image transfer is ${status}.`);
  return { success: false, outcome: "unknown", attempts, content, error };
}

/** After a restart the image is not there any more: only what the meter holds counts. */
async function byStatus(command: MeterFirmware, context: CommandContext): Promise<CommandReport> {
  let status: ImageState;
  let toActivate: Awaited<ReturnType<ImageObject["toActivate"]>>;
  try {
    const object = new ImageObject(follow(context));
    ({ status } = await object.start());
    toActivate = await object.toActivate();
  } catch (caught) {
    return broken(asDlmsError(caught), {});
  }
  const isHeld = status === "verification-successful" && toActivate.some(({ size }) => size === command.size);
  if (isHeld) return transferred(command, context, { resumed: true, status, toActivate, total: 0 });
  const error = new DlmsError(
    "IMAGE_INCOMPLETE",
    "The gateway was restarted during the transfer; send the image again, what the meter has is not sent twice.",
  );
  return { success: false, outcome: "interrupted", attempts: 0, content: { firmware: { status } }, error };
}

/** The image is not, or not wholly, in the meter; nothing was activated. */
function broken(error: DlmsError, seen: FirmwareReport): CommandReport {
  const content = { firmware: seen };
  const report = { success: false, attempts: 1, content, error } as const;
  if (error.code === "IMAGE_REJECTED") return { ...report, outcome: "rejected" };
  if (isRefusal(error) && error.code !== "IMAGE_INCOMPLETE") return { ...report, outcome: "refused" };
  return { ...report, outcome: "interrupted", unsettled: isBroken(error) };
}

function patience(context: CommandContext) {
  return {
    now: context.now,
    sleep: async (ms: number) => {
      await context.letOthers();
      await context.sleep(ms);
    },
  };
}

/** The client of whatever association there is at the moment. */
function follow({ client }: CommandContext): ConstructorParameters<typeof ImageObject>[0] {
  return {
    get association() {
      return client().association;
    },
    get: (attribute, selection) => client().get(attribute, selection),
    getMany: (attributes) => client().getMany(attributes),
    action: (method, parameters) => client().action(method, parameters),
  };
}
