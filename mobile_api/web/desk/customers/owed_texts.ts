/** Words of what a customer ordered and owes. */

import { speaker } from "../../shell/language.ts";

const zh = { orders: "订单", owed: "应收款", over: "逾期 {days} 天", not_due: "未到期", credit: "贷项" } as const;

const en: Record<keyof typeof zh, string> = {
  orders: "Orders",
  owed: "Receivables",
  over: "{days} days over",
  not_due: "Not due",
  credit: "Credit",
};

export const say = speaker({ zh, en });
