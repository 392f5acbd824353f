/** Moments and names as people read them. */

import { signal } from "@preact/signals";
import { language } from "./language.ts";
import { say } from "./texts.ts";

const DAY_MS = 86_400_000;
export const locale = (): string => (language.value === "zh" ? "zh-CN" : "en-GB");

/** Days since 1970 by this device's calendar. */
export function dayOf(ms: number): number {
  const local = new Date(ms);
  return Math.floor(Date.UTC(local.getFullYear(), local.getMonth(), local.getDate()) / DAY_MS);
}

export function ago(ms: number): string {
  const minutes = Math.floor((Date.now() - ms) / 60_000);
  if (minutes < 1) return say("just_now");
  if (minutes < 60) return say("minutes_ago", { n: minutes });
  const days = dayOf(Date.now()) - dayOf(ms);
  if (days === 0) return say("hours_ago", { n: Math.floor(minutes / 60) });
  return days === 1 ? say("yesterday") : say("days_ago", { n: days });
}

/** A day as days since 1970, as people say it: today, tomorrow, or the date with its weekday. */
export function dayWord(day: number): string {
  const away = day - dayOf(Date.now());
  if (away === 0) return say("today");
  if (away === 1) return say("tomorrow");
  if (away === -1) return say("yesterday");
  return dateWord(day);
}

/** Half a year away a date needs its year. */
const isFar = (day: number): boolean => Math.abs(day - dayOf(Date.now())) > 180;

/** A day as days since 1970, as its date with its weekday, or far away with its year. */
export function dateWord(day: number): string {
  const more = isFar(day) ? ({ year: "numeric" } as const) : ({ weekday: "short" } as const);
  return new Intl.DateTimeFormat(locale(), { timeZone: "UTC", month: "short", day: "numeric", ...more }).format(day * DAY_MS);
}

/** A moment with its day, far away with its year instead of its time. */
export function moment(ms: number): string {
  const more = isFar(dayOf(ms)) ? ({ year: "numeric" } as const) : ({ hour: "2-digit", minute: "2-digit" } as const);
  return new Intl.DateTimeFormat(locale(), { month: "short", day: "numeric", ...more }).format(ms);
}

/** Of ISO 4217: currencies whose minor unit is not a hundredth. */
const MINOR_DIGITS: Readonly<Record<string, number>> = { JPY: 0, KRW: 0, VND: 0, CLP: 0, ISK: 0, BHD: 3, JOD: 3, KWD: 3, OMR: 3, TND: 3 };

export const minorDigits = (currency: string): number => MINOR_DIGITS[currency] ?? 2;

/** An integer of `digits`-th decimals with its point and groups of thousands; never through a float. */
export function decimal(value: number, digits: number): string {
  const text = String(Math.abs(value)).padStart(digits + 1, "0");
  const whole = text.slice(0, text.length - digits).replace(/\B(?=(\d{3})+$)/g, ",");
  return (value < 0 ? "−" : "") + whole + (digits > 0 ? `.${text.slice(-digits)}` : "");
}

export function money(minor: number, currency: string): string {
  const sign = currency === "CNY" && language.value === "zh" ? "¥" : `${currency}\u00a0`;
  return sign + decimal(minor, minorDigits(currency));
}

/** Thousandths without idle zeros. */
export function quantity(thousandths: number): string {
  return decimal(thousandths, 3).replace(/\.?0+$/, "");
}

export function percent(bps: number): string {
  return `${decimal(bps, 2).replace(/\.?0+$/, "")}\u00a0%`;
}

/** Whether distances are told in miles and feet. */
export const miles = signal(false);
const MILE_MM = 1_609_344;
const FOOT_MM = 304.8;

export function distance(mm: number): string {
  if (miles.value) {
    const far = mm / MILE_MM;
    return far < 0.1 ? `${Math.round(mm / FOOT_MM)} ft` : `${far.toFixed(far < 10 ? 1 : 0)} mi`;
  }
  const metres = Math.round(mm / 1000);
  return metres < 1000 ? `${metres} m` : `${(metres / 1000).toFixed(metres < 10_000 ? 1 : 0)} km`;
}

export function clock(ms: number): string {
  return new Intl.DateTimeFormat(locale(), { hour: "2-digit", minute: "2-digit" }).format(ms);
}

export function count(number: number): string {
  return new Intl.NumberFormat(locale()).format(number);
}

/**
 * By name in the order of the reader's language. Letters are put in that order once, and names compared by their places in it: a collator
 * asked about thousands of Chinese names takes longer than all the rest of the list.
 */
export function byName<T extends { readonly name: string }>(items: readonly T[]): T[] {
  const names = items.map(({ name }) => name.toLowerCase());
  const letters = [...new Set(names.join(""))].sort(new Intl.Collator(locale()).compare);
  const place = new Map(letters.map((letter, at) => [letter, String.fromCodePoint(at + 1)]));
  const keyed = items.map((item, at) => ({ item, key: Array.from(names[at]!, (letter) => place.get(letter)).join("") }));
  keyed.sort((left, right) => (left.key < right.key ? -1 : left.key > right.key ? 1 : 0));
  return keyed.map(({ item }) => item);
}

/** Two letters of a name: of a Chinese firm those after its city, as most names of firms begin alike. */
export function initials(name: string, city = ""): string {
  const bare = city !== "" && name.startsWith(city) && name.length > city.length + 1 ? name.slice(city.length) : name;
  const chinese = /^[\u3400-\u9fff]{1,2}/.exec(bare);
  if (chinese !== null) return chinese[0];
  const words = bare
    .replace(/[^\p{L}\p{N}\s]/gu, " ")
    .trim()
    .split(/\s+/);
  return words
    .slice(0, 2)
    .map((word) => [...word][0] ?? "")
    .join("")
    .toUpperCase();
}

/** One of 360 tones, always the same for a name. */
export function hue(name: string): number {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)!) % 360;
  return sum;
}
