/**
 * Commands to record. Imports nothing but types: child processes load it, too.
 */
import { type CommandEntry, type StoredCommand } from "../../src/store/index.js";

export const TOKEN = "12345678901234567890";

export function tokenLoad(commandId: string, more: Partial<CommandEntry> = {}): CommandEntry {
  const token = more.token ?? TOKEN;
  return {
    commandId,
    command: "remote-load",
    meterSerialNumber: "58000123",
    token,
    payload: { meterSerialNumber: "58000123", token },
    origin: "bridge",
    acceptedAt: 1_700_000_000_000,
    expiresAt: 1_800_000_000_000,
    hasBackendId: true,
    ...more,
  };
}

export function relay(
  commandId: string,
  action: "connect" | "disconnect",
  more: Partial<CommandEntry> = {},
): CommandEntry {
  return {
    commandId,
    command: "remote-control",
    meterSerialNumber: "58000123",
    action,
    payload: { meterSerialNumber: "58000123", action },
    origin: "bridge",
    acceptedAt: 1_700_000_000_000,
    expiresAt: 1_800_000_000_000,
    hasBackendId: true,
    ...more,
  };
}

export function read(commandId: string, more: Partial<CommandEntry> = {}): CommandEntry {
  return {
    commandId,
    command: "read-meter",
    meterSerialNumber: "58000123",
    payload: { obisCode: "1-0:1.8.0.255" },
    origin: "bridge",
    acceptedAt: 1_700_000_000_000,
    expiresAt: 1_800_000_000_000,
    hasBackendId: true,
    ...more,
  };
}

/** What a test compares: who marked it belongs to the opening, not to the command. */
export function withoutOwner(command: StoredCommand | undefined): Partial<StoredCommand> | undefined {
  return command === undefined ? undefined : { ...command, leftOver: undefined };
}
