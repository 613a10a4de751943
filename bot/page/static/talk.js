// How the lines of a chat look.

import { nodesOf, plainNodes } from "./words.js";

const QUIET = 5 * 60 * 1000;
const LASTING = new Set(["目录", "转人工", "帮助", "订阅", "退订", "报名"]);

export function make(tag, className, ...content) {
  const node = document.createElement(tag);
  node.className = className;
  node.append(...content);
  return node;
}

export function timeOf(at, now = new Date()) {
  const when = new Date(at);
  const clock = `${when.getHours()}:${String(when.getMinutes()).padStart(2, "0")}`;
  const day = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate());
  const days = Math.round((day(now) - day(when)) / 86400000);
  if (days === 0) return clock;
  return days === 1 ? `昨天 ${clock}` : `${when.getMonth() + 1}月${when.getDate()}日 ${clock}`;
}

export function avatar(who, chat) {
  if (who === "bot") {
    const image = make("img", "avatar");
    image.src = "/page/static/bot.svg";
    image.alt = "";
    return image;
  }
  const name = chat.members[who] || "我";
  const face = make("span", `avatar person person${who}`, name.length > 1 ? name.slice(-1) : name);
  face.setAttribute("aria-hidden", "true");
  return face;
}

// One line: {who: "bot" | "note" | number of the member, text, at}; an act of ours also has {kind, key, number, state?,
// error?}, a reply {to}: the member who asked.
function lineNode(line, chat, member, name) {
  if (line.who === "note") return make("li", "note", ...plainNodes(line.text));
  const mine = line.who === member;
  const speaker = line.who === "bot" ? name : chat.members[line.who];
  const bubble = make("div", "bubble", ...(line.who === "bot" ? nodesOf(line.text) : plainNodes(line.text)));
  const body = make("div", "body");
  if (chat.group && !mine) body.append(make("span", "name", speaker));
  else body.append(make("span", "unseen", mine ? "我说：" : `${speaker}说：`));
  body.append(bubble);
  const node = make("li", mine ? "line mine" : "line", avatar(line.who, chat), body);
  if (line.to !== undefined) node.dataset.to = line.to;
  return node;
}

export function nodesOfLine(line, before, chat, member, name) {
  const nodes = [];
  if (!before || line.at - before.at > QUIET) nodes.push(make("li", "time", timeOf(line.at)));
  const node = lineNode(line, chat, member, name);
  if (line.state === "failed") {
    const again = make("button", "again", `${line.error || "没发出去"}，点这里再发`);
    again.type = "button";
    again.dataset.number = line.number;
    node.append(again);
  }
  nodes.push(node);
  return nodes;
}

// Only the newest reply's choices mean what they say; in those above the numbers are text again.
export function settleChoices(talk, member) {
  const newest = [...talk.querySelectorAll(`[data-to="${member}"]`)].at(-1);
  for (const button of talk.querySelectorAll(".say")) {
    button.disabled = !LASTING.has(button.dataset.say) && button.closest(".line") !== newest;
  }
}
