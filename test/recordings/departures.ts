/**
 * Where a recorded client does what ours never would, or a recorded server what nobody can follow. The recording is
 * replayed up to there; `frames` counts both directions, so that none of it gets lost unnoticed.
 */
export interface Departure {
  readonly name: string;
  readonly frames: number;
  readonly reason: string;
}

const GENERAL_BLOCK_TRANSFER = "the server answers with general block transfer (E0), which is not spoken yet";

export const departures: readonly Departure[] = [
  { name: "gxjcli-gxj_hdlc_ecdsa", frames: 11, reason: GENERAL_BLOCK_TRANSFER },
  { name: "gxjcli-gxj_hdlc_gbt_w1", frames: 11, reason: GENERAL_BLOCK_TRANSFER },
  { name: "gxjcli-gxj_hdlc_gbt_w3", frames: 11, reason: GENERAL_BLOCK_TRANSFER },
  { name: "gxjcli-gxj_hdlc_plain", frames: 11, reason: GENERAL_BLOCK_TRANSFER },
  { name: "gxjcli-gxj_wrapper_ecdsa", frames: 9, reason: GENERAL_BLOCK_TRANSFER },
  { name: "gxjcli-gxj_wrapper_gbt_w3", frames: 9, reason: GENERAL_BLOCK_TRANSFER },
  { name: "gxjcli-gxj_wrapper_plain", frames: 9, reason: GENERAL_BLOCK_TRANSFER },
  {
    name: "gxpy-gxj_hdlc_hls2_gbt_access",
    frames: 14,
    reason: "the client sends an ACCESS request (D9), which is not spoken yet",
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
