/**
 * Image transfer (class 18): new firmware in numbered blocks, verified and, if wanted, activated. Goes on where an
 * earlier attempt stopped when the meter's record of blocks fits the image, sends again what the meter says is missing,
 * and waits for the meter's own work by its status. Every repetition is bounded; pauses and time are arguments.
 */
import { fromLatin1, toHex } from "../bytes/hex.js";
import { asDlmsError, DlmsError, usageError } from "../core/errors.js";
import { type ImageActivateInfo, type ImageClient, ImageObject, type ImageState } from "./image-object.js";
import { type ImageProgress, Patient, type PatientOptions } from "./image-patience.js";

export interface ImageTransferOptions extends PatientOptions {
  readonly image: Uint8Array;
  /** What the meter calls the image: text (Latin-1) or octets, at most 255. */
  readonly identifier: string | Uint8Array;
  /** Default 0-0:44.0.0.255. */
  readonly obis?: string | Uint8Array;
  /** Blocks that the meter has already are not sent again, if its record of blocks fits this image. Default true. */
  readonly resume?: boolean;
  /** Default true. */
  readonly verify?: boolean;
  /** Puts the image into effect, which usually restarts the meter. Default false. */
  readonly activate?: boolean;
  readonly onProgress?: (progress: ImageProgress) => void;
  /** Awaited between two blocks: others may use the link. */
  readonly betweenBlocks?: () => Promise<void>;
}

export interface ActivationOptions extends PatientOptions {
  /** Default 0-0:44.0.0.255. */
  readonly obis?: string | Uint8Array;
  /** It was asked for before, and nobody knows whether the meter heard it: only what becomes of it is waited for. */
  readonly wasAsked?: boolean;
}

export interface ImageTransfer {
  readonly status: ImageState;
  readonly blockOctets: number;
  readonly total: number;
  /** Blocks that this call sent. */
  readonly sent: number;
  readonly resumed: boolean;
  /** What the meter says it would activate, where it says so. */
  readonly toActivate: readonly ImageActivateInfo[];
}

/** @throws DlmsError IMAGE_DISABLED, IMAGE_REJECTED, IMAGE_INCOMPLETE, CANCELLED, VERIFY_TIMEOUT, the meter's answer. */
export async function transferImage(
  client: ImageClient,
  options: ImageTransferOptions,
): Promise<ImageTransfer> {
  return new Transfer(client, options).run();
}

/** Activates the image that the meter holds verified. @throws as `transferImage`. */
export async function activateImage(client: ImageClient, options: ActivationOptions): Promise<ImageState> {
  const object = new ImageObject(client, options.obis);
  const patient = new Patient(options);
  if (options.wasAsked !== true) {
    patient.check();
    await options.beforeActivating?.();
    try {
      await object.activate();
    } catch (caught) {
      // The meter works on it; its status tells the rest.
      if (asDlmsError(caught).code !== "TEMPORARY_FAILURE") throw caught;
    }
  }
  const status = await patient.until(
    () => object.status(),
    (seen) => seen !== "activation-initiated" && seen !== "verification-successful",
    patient.limits.activateMs,
  );
  if (status === "activation-failed")
    throw new DlmsError("IMAGE_REJECTED", "The meter could not activate the image.");
  return status;
}

class Transfer {
  readonly #client: ImageClient;
  readonly #object: ImageObject;
  readonly #options: ImageTransferOptions;
  readonly #patient: Patient;
  readonly #identifier: Uint8Array;
  #blockOctets = 0;
  #sent = 0;
  #resumed = false;

  constructor(client: ImageClient, options: ImageTransferOptions) {
    const { identifier, image } = options;
    this.#client = client;
    this.#object = new ImageObject(client, options.obis);
    this.#options = options;
    this.#patient = new Patient(options);
    this.#identifier = typeof identifier === "string" ? fromLatin1(identifier, "identifier") : identifier;
    if (this.#identifier.length < 1 || this.#identifier.length > 255)
      throw usageError("FIELD_INVALID", "identifier", "the image's identifier must be 1 to 255 octets");
    if (image.length < 1) throw usageError("FIELD_INVALID", "image", "the image is empty");
  }

  get #total(): number {
    return Math.ceil(this.#options.image.length / this.#blockOctets);
  }

  async run(): Promise<ImageTransfer> {
    const { activate = false, verify = true } = this.#options;
    const start = await this.#patient.ask(() => this.#object.start());
    if (!start.isEnabled) throw new DlmsError("IMAGE_DISABLED");
    this.#blockOctets = start.blockOctets;
    let { status } = start;
    if (!(await this.#isHeld(status))) {
      const missing = await this.#begin(status);
      await this.#send(missing);
      status = "initiated";
    }
    if (verify && status !== "verification-successful") status = await this.#verify();
    const toActivate = verify ? await this.#object.toActivate() : [];
    if (activate) {
      this.#tell("activating", this.#total);
      status = await activateImage(this.#client, this.#options);
    }
    return {
      status,
      blockOctets: this.#blockOctets,
      total: this.#total,
      sent: this.#sent,
      resumed: this.#resumed,
      toActivate,
    };
  }

  /** The meter holds this very image, verified. */
  async #isHeld(status: ImageState): Promise<boolean> {
    if (this.#options.resume === false || status !== "verification-successful") return false;
    const identification = toHex(this.#identifier);
    const held = await this.#object.toActivate();
    const isHeld = held.some(
      (info) => info.size === this.#options.image.length && info.identification === identification,
    );
    this.#resumed ||= isHeld;
    return isHeld;
  }

  /** Initiates, or goes on with what the meter has begun. @returns the blocks it has not. */
  async #begin(status: ImageState): Promise<readonly number[]> {
    const { image, resume = true } = this.#options;
    if (resume && status === "initiated") {
      const missing = await this.#object.missing(this.#total);
      if (missing !== undefined && missing.length < this.#total) {
        this.#resumed = true;
        return missing;
      }
    }
    this.#tell("initiating", 0);
    await this.#patient.ask(() => this.#object.initiate(this.#identifier, image.length));
    // Some choose the size of their blocks only now.
    this.#blockOctets = (await this.#patient.ask(() => this.#object.start())).blockOctets;
    return Array.from({ length: this.#total }, (_, i) => i);
  }

  async #send(first: readonly number[]): Promise<void> {
    let missing = first;
    for (let round = 0; missing.length > 0; round++) {
      if (round > this.#patient.limits.rounds)
        throw new DlmsError("IMAGE_INCOMPLETE", `The meter does not keep block ${missing[0]} of the image.`);
      let have = this.#total - missing.length;
      this.#tell("transferring", have);
      for (const number of missing) {
        await this.#patient.ask(() => this.#block(number));
        this.#sent += 1;
        have += 1;
        this.#tell("transferring", have);
        await this.#options.betweenBlocks?.();
      }
      missing = (await this.#object.missing(this.#total)) ?? [];
    }
  }

  #block(number: number): Promise<void> {
    const from = number * this.#blockOctets;
    const octets = this.#options.image.subarray(from, from + this.#blockOctets);
    return this.#object.block(number, octets);
  }

  async #verify(): Promise<ImageState> {
    this.#tell("verifying", this.#total);
    this.#patient.check();
    let saidYes = false;
    try {
      await this.#object.verify();
      saidYes = true;
    } catch (caught) {
      const error = asDlmsError(caught);
      if (error.code !== "TEMPORARY_FAILURE") throw rejected(error);
    }
    const status = await this.#patient.until(
      () => this.#object.status(),
      // A meter that says yes and shows nothing of it has verified all the same.
      (seen) => seen !== "verification-initiated" && (saidYes || seen !== "initiated"),
      this.#patient.limits.verifyMs,
    );
    if (status === "verification-failed")
      throw new DlmsError("IMAGE_REJECTED", "The meter verified the image and rejected it.");
    return status;
  }

  #tell(phase: ImageProgress["phase"], blocks: number): void {
    this.#options.onProgress?.({ phase, blocks, total: this.#total });
  }
}

/** A meter may also say by the method's result that the image is no good. */
function rejected(error: DlmsError): DlmsError {
  if (error.code !== "SERVICE_REFUSED") return error;
  return new DlmsError("IMAGE_REJECTED", error.message, { cause: error });
}
