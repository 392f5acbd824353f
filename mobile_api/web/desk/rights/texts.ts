/** What the desk says about the rights of persons. */

import { speaker } from "../../shell/language.ts";

const zh = {
  held: "我们保存的信息",
  held_of: "我们保存的关于 {name} 的信息",
  held_lead: "导出文件包含系统中关于 {name} 的全部信息，供本人查阅。文件含个人信息，请只交给本人，用完后删除。",
  save: "导出文件",
  saving: "正在导出…",
  saved: "文件已导出",
  rights: "联系人权利",
  rights_of: "{name}：查看或导出我们保存的信息",
  no_contacts: "还没有联系人。",
} as const;

const en: Record<keyof typeof zh, string> = {
  held: "What we hold",
  held_of: "What we hold about {name}",
  held_lead: "The file has all that the system holds about {name}. It is personal: give it to nobody else, then delete it.",
  save: "Save the file",
  saving: "Writing…",
  saved: "The file is saved",
  rights: "Rights of persons",
  rights_of: "{name}: what we hold",
  no_contacts: "There are no contacts yet.",
};

export const say = speaker({ zh, en });
