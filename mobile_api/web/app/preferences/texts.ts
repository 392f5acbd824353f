/** What the rep's app says about a customer's preferences. */

import { speaker } from "../../shell/language.ts";

const zh = {
  preferences: "偏好",
  add: "添加偏好",
  edit: "修改{subject}",
  subject: "关于",
  subject_hint: "例如：送货时间、付款方式、茶",
  wish: "希望",
  removed: "偏好已删除",
  no_subject: "请填写这条偏好是关于什么的。",
  no_subject_means: "没有主题的偏好无法查找。",
  no_subject_next: "填写“关于”后再保存。",
} as const;

const en: Record<keyof typeof zh, string> = {
  preferences: "Preferences",
  add: "Add a preference",
  edit: "Edit {subject}",
  subject: "About",
  subject_hint: "Such as delivery time, payment, tea",
  wish: "Wish",
  removed: "The preference is deleted",
  no_subject: "The subject is missing.",
  no_subject_means: "A preference about nothing cannot be found again.",
  no_subject_next: "Write in the first field and save again.",
};

export const say = speaker({ zh, en });
