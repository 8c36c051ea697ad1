/**
 * The public API. Node-RED nodes import this file and nothing below it, and so does a program that uses the engine
 * without Node-RED: `connectMeter` for one meter, `Listener` for meters that dial in, `SimulatorHost` for meters that
 * do not exist.
 */

// Errors, secrets, traces.
export { asDlmsError, DlmsError, type ErrorPayload, usageError } from "./core/errors.js";
export {
  type ErrorCode,
  type ErrorEntry,
  type ErrorFamily,
  errorTable,
  type Fault,
  type Retry,
} from "./core/error-table.js";
export { limits } from "./core/limits.js";
export { backendLimits, listenerLimits, type Settable, shownLimit } from "./core/limits.js";
export { Secret } from "./core/secret.js";
export { type TraceRecord, type TraceSink } from "./core/trace.js";
export { fromHex, toHex } from "./bytes/hex.js";
export { inspectFrame } from "./inspect/index.js";

// Data, names and numbers of COSEM.
export { type CosemDateTime, data, type Data, decodeDateTime, encodeDateTime } from "./axdr/index.js";
export { formatObis, parseObis } from "./cosem/obis.js";
export { describeObis, type ObisDescription, searchObis } from "./cosem/dictionary/index.js";
export { attributeById, classById } from "./cosem/classes/index.js";
export { type ObjectListEntry } from "./cosem/object-list.js";
export { scaleDecimal, toJsonNumber } from "./cosem/decimal.js";
export { type Unit, unitByCode } from "./cosem/units.js";

// One meter, asked by a script.
export {
  type ActionRef,
  type AttributeRef,
  type ClockOptions,
  type ClockReading,
  type ClockSetting,
  DlmsClient,
  type DlmsClientOptions,
  type ImageActivateInfo,
  type ImageLimits,
  type ImageProgress,
  type ImageState,
  type ImageTransfer,
  type ImageTransferOptions,
  type MethodRef,
  type ProfileRequest,
  type ProfileRow,
  type ProfileRows,
  type Reading,
  type ReadItem,
  type SetClockOptions,
  type SetRef,
} from "./client/index.js";
export {
  activateSecurity,
  changeHlsSecret,
  changePassword,
  type KeyTransfer,
  type NewKeys,
  transferKeys,
} from "./client/security.js";
export { connectMeter, type ConnectMeterOptions } from "./transport/connect.js";
export {
  type AssociationInfo,
  type BehindGateway,
  fullConformance,
  type GeneralBlockOptions,
  type Mechanism as AuthenticationMechanism,
  type ShortNameOptions,
  supportedConformance,
} from "./association/index.js";
export { type ShortNameObject } from "./cosem/short-names.js";
export { type ConformanceBit, conformanceBits } from "./xdlms/index.js";
export { type ConnectSecurity } from "./transport/connect-security.js";
export { type CounterSource, MemoryCounters } from "./transport/outside.js";
export { type Clock, systemClock } from "./transport/clock.js";
export {
  type CurveKeys,
  type KeyQuery,
  type KeyStore,
  type MeterKeys,
  type PrivateKey,
  privateKeyFromPkcs8,
  type PublicKey,
  publicKeyFromSpki,
  type SecurityKeys,
  type SecurityMode,
  type SecurityQuirks,
  type SecuritySuite,
  type SymmetricKey,
} from "./security/index.js";

// What meters are like.
export { presets } from "./meter-types/presets.js";
export {
  type ClockRule,
  type Framing,
  type Mechanism,
  mechanismNames,
  type MeterType,
  type PresetName,
  presetNames,
  type RelayRule,
  type SerialRule,
  type TokenEncoding,
  type TokenRule,
  type TokenRuleName,
} from "./meter-types/meter-type.js";
export { standardClock } from "./meter-types/clock-rules.js";
export { tokenRules } from "./meter-types/token-rules.js";
export { defaultSecurity, type SecuritySettings } from "./meter-types/security-settings.js";
export {
  type Dialect,
  dialectByName,
  dialects,
  type PatternDeclaration,
  patternDialect,
} from "./meter-types/dialects/index.js";

// What outlives the process.
export {
  type CommandEntry,
  openStore,
  type OutboxItem,
  type Recorded,
  type Store,
  type StoredCommand,
  type StoredItem,
  type StoreLimits,
  type StoreOptions,
  type StoreStats,
  type StoreUse,
} from "./store/index.js";

// Meters that dial in.
export { Listener, type ListenerDeps } from "./gateway/listener.js";
export { type AccessLists } from "./transport/access-list.js";
export { type ServerTls } from "./transport/server-tls.js";
export { type ListenerOptions, type ListenerTimes, type MeterTypeRule } from "./gateway/options.js";
export {
  type Binding,
  type MeterView,
  type Registration,
  type Registry,
  type RegistryChanges,
} from "./gateway/registry.js";
export { type ActivityView, type LastError, type LastSuccess } from "./gateway/activity.js";
export { type ListenerCounters } from "./gateway/counters.js";
export { type TraceEntry } from "./gateway/watches.js";
export { type TrialReport, type TrialStep } from "./gateway/trial-report.js";
export { tryPort } from "./gateway/try-port.js";
export { tryMeterType } from "./gateway/try-meter-type.js";
export { readMeterObjects } from "./gateway/meter-objects.js";
export { type SecurityChange, type SecurityOutcome } from "./gateway/security/change.js";
export {
  parseSecurityChange,
  type SecurityCommand,
  securityCommands,
} from "./gateway/security/parse-change.js";
export { AskedKeys, type AskedKeysOptions, type KeyQuestion } from "./gateway/keys/asked-keys.js";
export { KeyFile, type KeyFileOptions } from "./gateway/keys/key-file.js";
export { masterKeyOf } from "./gateway/keys/sealed.js";
export {
  type AlarmEvent,
  type ListenerEvents,
  type ListenerPhase,
  type ListenerState,
  type LogEvent,
  type MeterEvent,
  type MeterEventName,
  type NotificationEvent,
  type ProgressEvent,
} from "./gateway/events.js";
export {
  type Command,
  type CommandDefaults,
  type BackendCommandName,
  type CommandName,
  type CommandResult,
  type MeterReading,
  type Outcome,
  parseCommand,
  type ReadMeter,
  refuse,
  type RelayAction,
  type RemoteControl,
  type RemoteLoad,
  type CallMethod,
  type ClockAction,
  type ClockReport,
  type FirmwareAction,
  type FirmwareReport,
  type MeterClock,
  type MeterFirmware,
  type ReadProfile,
  type ResultContent,
  type WriteItem,
  type WriteMeter,
  type WrittenItem,
} from "./gateway/messages.js";

// The history of commands, which outlives the process.
export {
  CommandJournal,
  type FinalEvent,
  type JournalEvents,
  type JournalOptions,
  type JournalStatus,
  type RecordedCommand,
  type RecordOptions,
  type UnansweredCommand,
} from "./gateway/journal/index.js";

// The backend.
export { HesBridge, type HesEvents, type HesStatus } from "./hes/bridge.js";
export { type BridgeCommand } from "./hes/command-desk.js";
export { type HesOptions, type HesTimes, type Presence, type SocketMode } from "./hes/options.js";
export { DlmsShim, type ShimDeps, type ShimLimits, type ShimOptions } from "./hes/shim.js";
export { type MeterCommandResult, type MeterUpdate } from "./hes/contract.js";
export { resolveMeter } from "./hes/resolve-meter.js";
export { tryBackend, type TryBackendOptions } from "./hes/try-backend.js";

// Meters that do not exist.
export { sealImage } from "./simulator/behaviours/image.js";
export { type ControlMode, controlModes } from "./simulator/behaviours/relay.js";
export { type Faults } from "./simulator/faults.js";
export { fleetDialects, type FleetOptions, fleetPlan } from "./simulator/fleet.js";
export { Ledger } from "./simulator/ledger.js";
export { type SimulatedMeterOptions } from "./simulator/meter-options.js";
export { type MeterSecuritySettings } from "./simulator/meter-secrets.js";
export { SimulatedMeter, type SimulatorEvent, type SimulatorEventName } from "./simulator/simulated-meter.js";
export { wantsSignatures, withMeterSigning } from "./simulator/signing-keys.js";
export { withTestKeys } from "./simulator/test-keys.js";
export {
  type MeterHandle,
  SimulatorHost,
  type SimulatorHostEvent,
  type SimulatorHostOptions,
} from "./transport/simulator-host.js";
