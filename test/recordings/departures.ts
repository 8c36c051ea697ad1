/**
 * Where a recorded client does what ours never would, or a recorded server what nobody can follow. The recording is
 * replayed up to there; `frames` counts both directions, so that none of it gets lost unnoticed.
 */
export interface Departure {
  readonly name: string;
  readonly frames: number;
  readonly reason: string;
}

const COUNTER_TOO_LOW =
  "the client gives up when the server says that its counter is too low; ours goes on above it and tries once more";

const CLEAR_RELEASE =
  "the client's RLRQ carries an initiate request though nothing is ciphered; ours carries none";

const BLOCK_TOO_LONG =
  "the client's block is two octets longer than the PDU that the server takes; ours is not";

const BLOCKS_BEGIN_ANEW =
  "the server begins its blocks anew, with other octets, when more than one is asked for; ours gives up then";

export const departures: readonly Departure[] = [
  { name: "gxjcli-gxj_hdlc_ecdsa", frames: 86, reason: CLEAR_RELEASE },
  { name: "gxjcli-gxj_hdlc_gbt_w1", frames: 86, reason: CLEAR_RELEASE },
  { name: "gxjcli-gxj_hdlc_gbt_w3", frames: 39, reason: BLOCKS_BEGIN_ANEW },
  { name: "gxjcli-gxj_hdlc_plain", frames: 86, reason: BLOCK_TOO_LONG },
  { name: "gxjcli-gxj_wrapper_ecdsa", frames: 20, reason: CLEAR_RELEASE },
  { name: "gxjcli-gxj_wrapper_gbt_w3", frames: 12, reason: BLOCKS_BEGIN_ANEW },
  { name: "gxjcli-gxj_wrapper_plain", frames: 20, reason: BLOCK_TOO_LONG },
  {
    name: "gxpy-gxj_hdlc_hls2_gbt_access",
    frames: 34,
    reason: "the client gives up after the first of several general blocks; ours acknowledges it",
  },
  {
    name: "gxcli-gxc_wrapper_gmac_readall",
    frames: 4,
    reason:
      "the client opens a second association for another client address on one connection; ours has one",
  },
  { name: "gxpy-gxc_hdlc_gmac_replayed_ic", frames: 4, reason: COUNTER_TOO_LOW },
  {
    name: "gxpy-gxj_wrapper_gmac_glo",
    frames: 62,
    reason: "the second block of a SET holds all that is left, yet is not marked as the last one; ours is",
  },
  {
    name: "gxpy-gxc_hdlc_hls2_longset",
    frames: 10,
    reason:
      "the server answers the first block of a SET with a copy of the request; ours waits for its next segment",
  },
  {
    name: "gxpy-gxc_wrapper_hls2_longset",
    frames: 6,
    reason:
      "the server answers the first block of a SET with a copy of the request, cut short; ours waits for the rest",
  },
  {
    name: "jcli-gxc_hdlc_none",
    frames: 14,
    reason:
      "the client sends a GET with list though multiple references were not negotiated; ours never does",
  },
  {
    name: "jcli-gxc_wrapper_none",
    frames: 12,
    reason:
      "the client sends a GET with list though multiple references were not negotiated; ours never does",
  },
];

/**
 * Conversations whose client takes one counter for GMAC and for the APDU around it, which ours never does: compared by
 * frames whose APDU is in clear.
 */
export const countedElsewhere: readonly { readonly name: string; readonly reason: string }[] = [
  {
    name: "dcosem-gxc_hdlc_gmac",
    reason: "the client uses the counter of its third pass again for the APDU that carries it",
  },
];

/** Conversations whose client ciphers with a key that the recording does not name: its AARQ is compared without it. */
export const underAnotherKey: readonly { readonly name: string; readonly reason: string }[] = [
  { name: "gxpy-gxc_hdlc_gmac_wrong_key", reason: "the client was given a wrong key on purpose" },
  { name: "gxpy-gxc_wrapper_gmac_wrong_key", reason: "the client was given a wrong key on purpose" },
];

/** Conversations whose client cuts APDUs into segments at other places; compared by whole APDUs, frame by frame else. */
export const cutElsewhere: readonly { readonly name: string; readonly reason: string }[] = [
  {
    name: "gxpy-gxj_hdlc_hls2_full",
    reason: "the client leaves three octets of the first segment unused, as if the LLC counted twice",
  },
  {
    name: "gxpy-gxc_hdlc_hls2_longset",
    reason: "the client leaves three octets of the first segment unused, as if the LLC counted twice",
  },
];

/** Steps of recorded clients whose recorded answer no server of ours gives; all others are compared. */
export interface ServerDeparture {
  readonly name: string;
  readonly skipped: number;
  readonly reason: string;
}

const UNFINISHED_BLOCKS = "the recorded general block transfer is not carried to its end";

export const serverDepartures: readonly ServerDeparture[] = [
  { name: "gxjcli-gxj_hdlc_gbt_w3", skipped: 1, reason: UNFINISHED_BLOCKS },
  { name: "gxjcli-gxj_wrapper_gbt_w3", skipped: 1, reason: UNFINISHED_BLOCKS },
  { name: "gxpy-gxj_hdlc_hls2_gbt_access", skipped: 1, reason: UNFINISHED_BLOCKS },
  {
    name: "gxcli-gxc_wrapper_gmac_readall",
    skipped: 4,
    reason: "the recorded server is silent to a second association for another client address",
  },
  {
    name: "gxpy-gxc_hdlc_hls2_longset",
    skipped: 2,
    reason:
      "the recorded server answers the first block of a SET with a copy of the request, and then nothing",
  },
  {
    name: "gxpy-gxc_wrapper_hls2_longset",
    skipped: 1,
    reason: "the recorded server answers the first block of a SET with a copy of the request",
  },
  {
    name: "gxpy-gxj_hdlc_hls2_full",
    skipped: 1,
    reason: "the recorded server states more elements of its object list than it sends",
  },
];

/** Recorded answers that our server gives otherwise, and why. */
export const ourOwn: readonly { readonly apdu: string; readonly reason: string }[] = [
  { apdu: "C503C103", reason: "the last answer to a SET in blocks lacks the block number" },
  {
    apdu: "D80202",
    reason:
      "this server says service-unknown of a service that was not negotiated; ours says service-not-allowed, as others",
  },
];

/** AAREs that our server sends otherwise. */
export const ownAare: readonly { readonly name: RegExp; readonly reason: string }[] = [
  {
    name: /-jdlms_/,
    reason:
      "the recorded AARE names the protocol version and grants conformance bits the client did not propose",
  },
];
