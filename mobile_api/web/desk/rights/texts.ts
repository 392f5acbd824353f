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
  erase: "永久删除此人",
  erase_of: "永久删除 {name}",
  erase_contact:
    "{name} 的姓名、电话、邮箱、备注及修改记录会从服务器和所有手机上删除；其他记录中提到的姓名和号码会被遮盖。业务员录入的其他内容保留。手机离线时录入的关于此人的内容，之后也不会恢复。",
  erase_user:
    "{name} 的姓名、账号、个人设置、设备名称，以及所有拜访中的位置会被删除；其他人看到的是“前同事”。{name} 为公司录入的拜访、联系记录、报价等内容保留，请先移交其客户。",
  erase_active: "此人仍在使用账号。请先停用账号并移交客户，然后才能永久删除。",
  erase_never: "此操作无法撤销。已有的备份不受影响，恢复备份时会再次删除。",
  erase_type: "请输入此人的姓名以确认",
  erase_hint: "与上面显示的完全一致：{name}",
  erase_now: "永久删除",
  erase_wrong: "姓名不一致",
  erase_wrong_means: "没有删除任何内容。",
  erase_wrong_next: "请照原样输入：{name}",
  erased: "已永久删除",
  erasures: "删除记录",
  erasures_lead: "谁在何时永久删除了哪一条。这里不含被删除者的任何信息。",
  kind: "类别",
  by: "操作人",
  at: "时间",
  id: "编号",
  none: "还没有人被永久删除。",
} as const;

const en: Record<keyof typeof zh, string> = {
  held: "What we hold",
  held_of: "What we hold about {name}",
  held_lead: "The file has all that the system holds about {name}. It is personal: give it to nobody else, then delete it.",
  save: "Save the file",
  saving: "Writing…",
  saved: "The file is saved",
  rights: "Rights of persons",
  erase: "Erase this person",
  erase_of: "Erase {name}",
  erase_contact:
    "Name, numbers, mail, notes and history of {name} go from the server and from every phone. " +
    "In other records the name and the numbers are masked. All else that the reps entered stays. " +
    "What an offline phone enters about {name} does not come back later.",
  erase_user:
    "Name, account, settings and names of devices of {name} go, and where {name} was at visits. Others see a former colleague. " +
    "Visits, contact logs and quotes that {name} entered for the company stay. Hand the customers over first.",
  erase_active: "This user is active. End the user first, and hand over the customers; then the person can be erased.",
  erase_never: "There is no way back. Backups that exist stay as they are; a restore erases again.",
  erase_type: "Type the name to go on",
  erase_hint: "Exactly as it stands: {name}",
  erase_now: "Erase for good",
  erase_wrong: "This is another name",
  erase_wrong_means: "Nothing was erased.",
  erase_wrong_next: "Type it as it stands: {name}",
  erased: "Erased for good",
  erasures: "Erasures",
  erasures_lead: "Who erased which record for good, and when. Nothing of the person stands here.",
  kind: "Kind",
  by: "Erased by",
  at: "When",
  id: "Id",
  none: "Nobody was erased yet.",
};

export const say = speaker({ zh, en });
