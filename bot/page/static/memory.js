// What the phone remembers: chats survive a reload, as they do in WeChat.

const KEY = "mulin-chats";
const LONGEST = 200;

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) || {};
  } catch {
    return {};
  }
}

const hex = (bytes) => [...crypto.getRandomValues(new Uint8Array(bytes))].map((b) => b.toString(16).padStart(2, "0")).join("");

export const memory = { visitor: hex(8), chat: "resident", large: false, member: 0, seen: { run: "", next: 0 }, chats: {}, ...read() };

// The lines, the last entry and the unread count of one chat.
export function chatOf(id) {
  return (memory.chats[id] ??= { lines: [], entered: "", unread: 0, menu: false });
}

export function save() {
  for (const chat of Object.values(memory.chats)) chat.lines = chat.lines.slice(-LONGEST);
  try {
    localStorage.setItem(KEY, JSON.stringify(memory));
  } catch {
    // A full or forbidden storage costs the history, not the chat.
  }
}

// A MsgId: made once for each act, so that trying again cannot count twice.
export function newNumber() {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2));
  return String(1 + (high % 900000000)) + String(low % 1000000000).padStart(9, "0");
}
