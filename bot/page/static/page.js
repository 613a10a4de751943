// The phone: which chat is open, what is typed and tapped, and what comes back.

import { chatOf, memory, newNumber, save } from "./memory.js";
import { Failure, doAct, listArrivals, listChats } from "./server.js";
import { avatar, make, nodesOfLine, settleChoices, timeOf } from "./talk.js";

const $ = (id) => document.getElementById(id);
const talk = $("talk");
const text = $("text");

const THINKING = 450;
const LOOK = 2500;

let name = "";
let offered = [];
let chat = null;
const waiting = {};

const state = () => chatOf(chat.id);
const member = () => (chat.group ? memory.member : 0);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// Lines

function add(id, line) {
  const room = chatOf(id);
  const before = room.lines.at(-1);
  room.lines.push(line);
  if (id === chat.id && !$("room").hidden) {
    talk.append(...nodesOfLine(line, before, chat, member(), name));
    settleChoices(talk, member());
    reveal(line);
  } else if (line.who === "bot") {
    room.unread += 1;
  }
  save();
  showLists();
}

// A reply longer than the screen is read from the question on, not from its end.
function reveal(line) {
  const last = talk.lastElementChild;
  if (line.who === "bot") {
    const asked = [...talk.querySelectorAll(".mine")].at(-1);
    const from = asked && last.offsetTop - asked.offsetTop < talk.clientHeight / 3 ? asked : last;
    talk.scrollTop = Math.min(from.offsetTop - talk.offsetTop - 8, talk.scrollHeight);
  } else {
    talk.scrollTop = talk.scrollHeight;
  }
  showBelow();
}

function showBelow() {
  $("below").hidden = talk.scrollHeight - talk.scrollTop - talk.clientHeight < 60;
}

function drawTalk() {
  talk.setAttribute("aria-live", "off");
  const lines = state().lines;
  talk.replaceChildren(...lines.flatMap((line, at) => nodesOfLine(line, lines[at - 1], chat, member(), name)));
  settleChoices(talk, member());
  talk.scrollTop = talk.scrollHeight;
  showBelow();
  requestAnimationFrame(() => talk.setAttribute("aria-live", "polite"));
}

// Acts

function act(kind, shown, key = "") {
  const who = kind === "text" ? member() : "note";
  const line = { who, text: shown, at: Date.now(), kind, key, member: member(), number: newNumber() };
  add(chat.id, line);
  return deliver(chat.id, line);
}

async function deliver(id, line) {
  const room = chatOf(id);
  line.state = "pending";
  save();
  const heard = !offered.find((one) => one.id === id).group || mentions(line.text);
  if (heard) typing(id, 1);
  try {
    const doing = { visitor: memory.visitor, chat: id, member: line.member, kind: line.kind, number: line.number, text: line.key };
    const [{ reply }] = await Promise.all([doAct(doing), heard && pause(THINKING)]);
    delete line.state;
    delete line.error;
    if (line.kind === "enter") room.entered = new Date().toDateString();
    if (heard) typing(id, -1);
    if (reply) add(id, { who: "bot", text: reply, at: Date.now(), to: line.member });
  } catch (failure) {
    if (!(failure instanceof Failure)) console.error(failure);
    if (heard) typing(id, -1);
    line.state = "failed";
    line.error = failure instanceof Failure ? failure.message : "没发出去";
    if (id === chat.id) drawTalk();
  }
  save();
}

function again(number) {
  const line = state().lines.find((one) => one.number === number);
  delete line.state;
  drawTalk();
  deliver(chat.id, line);
}

const mentions = (said) => said.includes(`@${name}`) || said.includes(`＠${name}`);

function say(said) {
  // Half an emoji, left by cutting or pasting, is no text.
  const words = said.toWellFormed().trim();
  if (!words) return;
  act("text", words, words);
  showHints();
}

function typing(id, more) {
  waiting[id] = (waiting[id] || 0) + more;
  showTitle();
}

function showTitle() {
  const busy = waiting[chat.id] > 0;
  const words = chat.group ? `${name}正在输入…` : "对方正在输入…";
  $("title").textContent = busy ? words : chat.title + (chat.group ? `(${chat.members.length + 1})` : "");
  $("status").textContent = busy ? words : "";
}

// Chats

function openChat(id) {
  chat = offered.find((one) => one.id === id) || offered[0];
  memory.chat = chat.id;
  state().unread = 0;
  showRoom(true);
  $("where").textContent = chat.where;
  $("phone").dataset.role = chat.role;
  $("leave").parentElement.hidden = !chat.kinds.includes("leave");
  $("deeds").hidden = true;
  showTitle();
  drawMenu();
  drawMembers();
  showHints();
  introduce();
  drawTalk();
  showLists();
  enter();
  save();
}

// A 公众号 is followed once; an app or a robot is told of the first visit of the day.
function enter() {
  const { entered, lines } = state();
  const due = chat.kinds.includes("leave") ? !entered : entered !== new Date().toDateString();
  const under_way = lines.some((line) => line.kind === "enter" && line.state);
  if (chat.kinds.includes("enter") && due && !under_way) {
    act("enter", chat.kinds.includes("leave") ? `您关注了“${name}”` : `您打开了“${chat.title}”`);
  }
}

function introduce() {
  const room = state();
  if (!chat.group || room.entered) return;
  room.entered = new Date().toDateString();
  const words = `群里有${chat.members.join("、")}和${name}。\n要${name}回答，先点下面的“@${name}”。`;
  room.lines.unshift({ who: "note", text: words, at: room.lines[0]?.at ?? Date.now() });
}

async function leave() {
  $("deeds").hidden = true;
  await act("leave", `您取消关注了“${name}”`);
  if (state().lines.at(-1).state !== "failed") {
    memory.chats[chat.id] = undefined;
    showRoom(false);
    save();
  }
}

function clearChat() {
  $("deeds").hidden = true;
  state().lines = [];
  save();
  drawTalk();
  showHints();
}

function showRoom(open) {
  $("room").hidden = !open;
  $("list").hidden = open;
  $("phone").classList.toggle("listing", !open);
  $("more").hidden = !open;
  $("back").setAttribute("aria-label", open ? "聊天列表，换个身份" : "回到聊天");
  if (!open) {
    $("title").textContent = "聊天";
    $("where").textContent = "换一个，就是换个身份";
    $("status").textContent = "聊天列表";
    showLists();
    $("chats").querySelector("button").focus();
  }
}

function showLists() {
  for (const list of [$("chats"), $("aside")]) {
    const focused = list.contains(document.activeElement) && document.activeElement.dataset.chat;
    list.replaceChildren(...offered.map(row));
    if (focused) list.querySelector(`[data-chat="${focused}"]`).focus();
  }
  const unread = offered.reduce((sum, one) => sum + (one.id === chat.id ? 0 : chatOf(one.id).unread), 0);
  $("unread").hidden = !unread;
  $("unread").textContent = unread;
}

function row(one) {
  const room = chatOf(one.id);
  const last = room.lines.at(-1);
  const button = make("button", "row");
  button.type = "button";
  button.dataset.chat = one.id;
  if (one.id === chat.id) button.setAttribute("aria-current", "true");
  const face = one.group ? make("span", "avatar people", ...one.members.map((_, at) => avatar(at, one))) : avatar("bot", one);
  const head = make("span", "head", make("span", "what", one.title), make("span", `tag ${one.role === "居民" ? "" : "work"}`, one.role));
  const told = make("span", "last", last ? last.text.split("\n")[0] : one.where);
  const side = make("span", "when", last ? timeOf(last.at) : "");
  if (room.unread) side.append(make("span", "badge", String(room.unread)));
  button.append(face, make("span", "middle", head, told), side);
  return make("li", "", button);
}

// Under the talk

function showHints() {
  const fresh = !state().lines.some((line) => line.kind === "text");
  $("hints").hidden = !fresh;
  $("hints").replaceChildren(
    ...chat.hints.map((hint) => {
      const button = make("button", "hint", hint);
      button.type = "button";
      button.dataset.say = hint;
      return button;
    }),
  );
  showBelow();
}

function drawMembers() {
  $("speaker").hidden = !chat.group;
  $("mention").textContent = `@${name}`;
  $("members").replaceChildren(
    ...chat.members.map((called, at) => {
      const button = make("button", "member", called);
      button.type = "button";
      button.dataset.member = at;
      button.setAttribute("aria-pressed", String(at === member()));
      return button;
    }),
  );
}

function drawMenu() {
  const showing = chat.menu.length > 0 && state().menu;
  $("toggle").hidden = !chat.menu.length;
  $("toggle").setAttribute("aria-label", showing ? "换成键盘" : "换成菜单");
  $("input").classList.toggle("menus", showing);
  $("typing").hidden = showing;
  $("menu").hidden = !showing;
  $("menu").replaceChildren(
    ...chat.menu.map(({ name: called, keys }, at) => {
      const top = make("button", "top", called);
      top.type = "button";
      top.setAttribute("aria-expanded", "false");
      top.setAttribute("aria-controls", `menu${at}`);
      const items = keys.map(([label, key]) => {
        const item = make("button", "", label);
        item.type = "button";
        item.dataset.key = key;
        return make("li", "", item);
      });
      const sub = make("ul", "sheet", ...items);
      sub.id = `menu${at}`;
      sub.hidden = true;
      return make("div", "part", top, sub);
    }),
  );
}

function closeMenus(except = null) {
  for (const top of $("menu").querySelectorAll("[aria-expanded]")) {
    if (top === except) continue;
    top.setAttribute("aria-expanded", "false");
    top.nextElementSibling.hidden = true;
  }
}

function setLarge(large) {
  memory.large = large;
  document.documentElement.classList.toggle("large", large);
  $("large").setAttribute("aria-pressed", String(large));
  fit();
  showBelow();
  save();
}

function fit() {
  text.style.height = "auto";
  text.style.height = `${Math.min(text.scrollHeight + 2, 140)}px`;
  $("send").classList.toggle("ready", Boolean(text.value.trim()));
}

// Notices that arrive by themselves

async function look() {
  try {
    const { run, next, arrivals } = await listArrivals(memory.seen.next, memory.visitor);
    // A restarted server counts from the beginning again.
    const lost = run !== memory.seen.run && memory.seen.next > 0;
    memory.seen = { run, next: lost ? 0 : next };
    if (!lost) arrivals.forEach(arrive);
    save();
  } catch (failure) {
    if (!(failure instanceof Failure)) console.error(failure);
  }
  setTimeout(look, LOOK);
}

function arrive({ chat: id, group, text: told, at }) {
  if (group) add(id, { who: "note", text: `发到“${group}”的通知`, at });
  add(id, { who: "bot", text: told, at });
}

// Hands

talk.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (button?.dataset.number) again(button.dataset.number);
  else if (button?.dataset.say) say(chat.group ? `@${name} ${button.dataset.say}` : button.dataset.say);
  else if (chat.group && target.matches("img.avatar")) openChat("robot");
});
talk.addEventListener("scroll", showBelow, { passive: true });
$("below").addEventListener("click", () => talk.scrollBy({ top: talk.clientHeight * 0.8, behavior: "smooth" }));
$("hints").addEventListener("click", ({ target }) => target.dataset.say && say(target.dataset.say));

$("input").addEventListener("submit", (event) => {
  event.preventDefault();
  say(text.value);
  text.value = "";
  fit();
  text.focus();
});
text.addEventListener("keydown", (event) => {
  // While an input method composes, Enter picks a word; 229 is what Safari says then.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  $("input").requestSubmit();
});
text.addEventListener("input", fit);

$("toggle").addEventListener("click", () => {
  state().menu = !state().menu;
  drawMenu();
  save();
  if (!state().menu) text.focus();
});
$("menu").addEventListener("click", ({ target }) => {
  if (target.dataset.key) {
    closeMenus();
    act("click", `点了菜单“${target.textContent}”`, target.dataset.key);
    showHints();
  } else if (target.matches(".top")) {
    const open = target.getAttribute("aria-expanded") === "true";
    closeMenus(target);
    target.setAttribute("aria-expanded", String(!open));
    target.nextElementSibling.hidden = open;
  }
});
$("mention").addEventListener("click", () => {
  if (!mentions(text.value)) text.value = `@${name} ${text.value}`;
  fit();
  text.focus();
});
$("members").addEventListener("click", ({ target }) => {
  if (!target.dataset.member) return;
  memory.member = Number(target.dataset.member);
  drawMembers();
  drawTalk();
  save();
});

for (const list of [$("chats"), $("aside")]) {
  list.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (button) openChat(button.dataset.chat);
  });
}
for (const way of [$("back"), $("where")]) {
  way.addEventListener("click", () => ($("room").hidden ? openChat(chat.id) : showRoom(false)));
}
$("large").addEventListener("click", () => setLarge(!memory.large));
$("more").addEventListener("click", () => {
  $("deeds").hidden = !$("deeds").hidden;
  $("more").setAttribute("aria-expanded", String(!$("deeds").hidden));
});
$("clear").addEventListener("click", clearChat);
$("leave").addEventListener("click", leave);
document.addEventListener("click", ({ target }) => {
  if (!target.closest("#menu")) closeMenus();
  if (!target.closest("#more, #deeds")) $("deeds").hidden = true;
});
document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return;
  closeMenus();
  $("deeds").hidden = true;
});
addEventListener("resize", showBelow);

// Start

async function start() {
  setLarge(memory.large);
  try {
    ({ name, chats: offered } = await listChats());
  } catch {
    const retry = make("button", "again", "连不上小助手，点这里再试一次");
    retry.type = "button";
    retry.addEventListener("click", () => { talk.replaceChildren(); start(); });
    talk.replaceChildren(make("li", "note", retry));
    return;
  }
  for (const one of offered) {
    // What was on its way when the page was closed may have got lost; its number makes a second try harmless.
    for (const line of chatOf(one.id).lines) if (line.state) Object.assign(line, { state: "failed" });
  }
  openChat(memory.chat);
  look();
}

start();
