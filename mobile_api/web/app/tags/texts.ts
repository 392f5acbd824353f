/** What the rep's app says about tags and interests. */

import { speaker } from "../../shell/language.ts";

const zh = {
  tags: "标签",
  add_tag: "添加标签",
  tag: "标签",
  remove: "去掉{word}",
  removed: "已去掉{word}",
  back: "恢复",
  interests: "感兴趣的产品",
  add_interest: "添加感兴趣的产品",
} as const;

const en: Record<keyof typeof zh, string> = {
  tags: "Tags",
  add_tag: "Add a tag",
  tag: "Tag",
  remove: "Take {word} away",
  removed: "{word} is taken away",
  back: "Undo",
  interests: "Interested in",
  add_interest: "Add a product of interest",
};

export const say = speaker({ zh, en });
