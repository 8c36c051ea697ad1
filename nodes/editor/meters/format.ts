/** Numbers, times and octets as people read them, in the editor's language. */
import { word } from "../words.js";

/** `12.3 kB` */
export function octets(count: number): string {
  if (count < 1_000) return word("unit.octets", { count: Math.round(count) });
  const units = ["kB", "MB", "GB", "TB"];
  let value = count / 1_000;
  let at = 0;
  while (value >= 999.5 && at < units.length - 1) {
    value /= 1_000;
    at++;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[at]}`;
}

/** `3 min`, from milliseconds; never below zero. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 90) return word("unit.seconds", { count: seconds });
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return word("unit.minutes", { count: minutes });
  const hours = Math.round(minutes / 60);
  if (hours < 36) return word("unit.hours", { count: hours });
  return word("unit.days", { count: Math.round(hours / 24) });
}

/** How long ago an ISO time was. */
export function ago(iso: string, now: number): string {
  return duration(now - Date.parse(iso));
}

export function clockTime(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? "" : date.toLocaleTimeString([], { hour12: false });
}

/** A rate of something, with enough digits to tell it from none. */
export function rate(perSecond: number | undefined): string {
  if (perSecond === undefined) return "–";
  return perSecond === 0 || perSecond >= 10 ? String(Math.round(perSecond)) : perSecond.toPrecision(2);
}
