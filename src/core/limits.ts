/**
 * Every bound in one place: lengths, counts, depths, buffers, waits. Hostile input is normal input.
 * All are settable where they are used; these are the defaults. Times in milliseconds, sizes in octets.
 */
export const limits = {
  /** Nesting of array/structure in one Data. */
  dataDepth: 16,
  /** Elements of one array, structure or SEQUENCE OF; also bounded by the bytes that remain. */
  elements: 65_536,
  /** One reassembled APDU, whatever carried it. */
  apduBytes: 1_048_576,
  /** HDLC information field, IEC 62056-46. */
  hdlcInfoMin: 32,
  hdlcInfoMax: 2_030,
  /** Octets kept while hunting for a frame start. */
  deframerBytes: 4_096,
  /** APDUs waiting in one link. */
  linkQueueApdus: 64,
  /** Octets given to a channel that the network has not taken yet; beyond it the channel is ended. */
  channelBytes: 4_194_304,
  /** Unread events of one machine; beyond it the machine ends with a LimitError. */
  machineEvents: 1_024,
  /** First bytes looked at to name a dialect. */
  dialectBytes: 1_024,
  /** A user-defined dialect pattern sees at most this much. */
  patternBytes: 256,
  /** Commands waiting for one meter. */
  commandsPerMeter: 100,
  /** Links of one listener. */
  links: 20_000,
  /** Blocks of a general block transfer sent without waiting, whatever window the peer announces. */
  generalBlocksInFlight: 20,
  /** Blocks or acknowledgements of it that bring nothing new, one after the other. */
  blockRepetitions: 200,
  /** One request of an association with all its blocks and segments, milliseconds. */
  requestTotalMs: 600_000,
  /** Meter object list kept per meter. */
  objectListEntries: 10_000,
  /** Items in one read command. */
  readItems: 256,
  /** Characters of a string taken from a message before it is judged too long. */
  textChars: 1_024,
  /** Characters of one text within a value that is to be written. */
  valueChars: 65_536,
  /** One firmware image. */
  imageBytes: 33_554_432,
  /** Rows taken from one profile read. */
  profileRows: 100_000,
} as const;

export type Limits = { readonly [K in keyof typeof limits]: number };
