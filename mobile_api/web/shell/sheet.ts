/** A table as a workbook, written by the server (P-714), and any file that is given to the person. */

import { phone } from "./phone.ts";

const XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const KEPT_MS = 60_000;

export interface SheetColumn {
  readonly name: string;
  /** Its numbers are integers of so many decimals. */
  readonly digits?: number;
  /** Its numbers are days since 1970, or moments: milliseconds since 1970 by this device's calendar and clock. */
  readonly kind?: "number" | "day" | "moment";
}
export type SheetCell = string | number | null;

/** Throws Problem when the server refuses, UnreachableError without a network. */
export async function saveSheet(title: string, columns: readonly SheetColumn[], rows: readonly (readonly SheetCell[])[]): Promise<void> {
  const bytes = await phone.session.transport.written("/v1/desk/sheets", { title, columns, rows });
  saveFile(`${title}.xlsx`, bytes, XLSX);
}

/** Gives bytes to the person as a file. */
export function saveFile(name: string, bytes: Uint8Array, media: string): void {
  const address = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type: media }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.target = "_blank"; // the router leaves it alone
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
}
