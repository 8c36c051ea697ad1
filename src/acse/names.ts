/** Object identifiers and codes of ACSE as DLMS uses it (IEC 62056-5-3). */

/** Application context names: joint-iso-ccitt(2) country(16) country-name(756) identified-organisation(5) DLMS-UA(8) 1 x */
export const applicationContexts = {
  "logical-name": "2.16.756.5.8.1.1",
  "short-name": "2.16.756.5.8.1.2",
  "logical-name-ciphered": "2.16.756.5.8.1.3",
  "short-name-ciphered": "2.16.756.5.8.1.4",
} as const;

/** Authentication mechanism names: … DLMS-UA(8) 2 x */
export const mechanisms = {
  none: "2.16.756.5.8.2.0",
  lls: "2.16.756.5.8.2.1",
  hls: "2.16.756.5.8.2.2",
  "hls-md5": "2.16.756.5.8.2.3",
  "hls-sha1": "2.16.756.5.8.2.4",
  "hls-gmac": "2.16.756.5.8.2.5",
  "hls-sha256": "2.16.756.5.8.2.6",
  "hls-ecdsa": "2.16.756.5.8.2.7",
} as const;

/** Association-result ::= INTEGER */
export const associationResults = { accepted: 0, "rejected-permanent": 1, "rejected-transient": 2 } as const;

/** acse-service-user diagnostic of the AARE. */
export const serviceUserDiagnostics = {
  null: 0,
  "no-reason-given": 1,
  "application-context-name-not-supported": 2,
  "calling-ap-title-not-recognized": 3,
  "calling-ap-invocation-identifier-not-recognized": 4,
  "calling-ae-qualifier-not-recognized": 5,
  "calling-ae-invocation-identifier-not-recognized": 6,
  "called-ap-title-not-recognized": 7,
  "called-ap-invocation-identifier-not-recognized": 8,
  "called-ae-qualifier-not-recognized": 9,
  "called-ae-invocation-identifier-not-recognized": 10,
  "authentication-mechanism-name-not-recognised": 11,
  "authentication-mechanism-name-required": 12,
  "authentication-failure": 13,
  "authentication-required": 14,
} as const;

/** acse-service-provider diagnostic of the AARE. */
export const serviceProviderDiagnostics = {
  null: 0,
  "no-reason-given": 1,
  "no-common-acse-version": 2,
} as const;

/** Release request and response reasons. */
export const releaseReasons = { normal: 0, urgent: 1, "user-defined": 30 } as const;
