// A reply's text as nodes: text stays text; links, numbered choices and quoted answers can be tapped.

const NUMBERED = /^(\d{1,2})[.．、]\s*\S/;
const INVITES = /回复\s*(数字|编号|序号)/;
const TAPPABLE = /(https?:\/\/[^\s<>"“”，。；！？、）)】]+)|(回复\s*)“([^”\n]{1,8})”|(?<![\d.])(110|119|120|12345)(?=[，。；、！？ ）]|$|或|市民)/g;

function tappable(label, word) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "say";
  button.dataset.say = word;
  button.textContent = label;
  return button;
}

function link(label, address) {
  const anchor = document.createElement("a");
  anchor.href = address;
  anchor.textContent = label;
  if (!address.startsWith("tel:")) {
    anchor.target = "_blank";
    anchor.rel = "noopener noreferrer";
  }
  return anchor;
}

function inline(line) {
  const nodes = [];
  let end = 0;
  for (const found of line.matchAll(TAPPABLE)) {
    const [whole, url, before, word, phone] = found;
    nodes.push(line.slice(end, found.index));
    if (url) nodes.push(link(url, url));
    else if (word) nodes.push(before, tappable(`“${word}”`, word));
    else nodes.push(link(phone, `tel:${phone}`));
    end = found.index + whole.length;
  }
  nodes.push(line.slice(end));
  return nodes;
}

// Which lines are choices: a run of numbered lines with an invitation to answer by number right before or after it.
// Without the invitation they are the steps of a procedure.
function choices(lines) {
  const found = new Set();
  for (let start = 0; start < lines.length; start++) {
    if (!NUMBERED.test(lines[start])) continue;
    let end = start;
    while (end < lines.length && NUMBERED.test(lines[end])) end++;
    if (INVITES.test(lines[start - 1] ?? "") || INVITES.test(lines[end] ?? "")) {
      for (let line = start; line < end; line++) found.add(line);
    }
    start = end;
  }
  return found;
}

export function nodesOf(text) {
  const lines = text.split("\n");
  const offered = choices(lines);
  return lines.map((line, number) => {
    if (offered.has(number)) {
      const button = tappable(line, NUMBERED.exec(line)[1]);
      button.classList.add("choice");
      return button;
    }
    const paragraph = document.createElement("p");
    paragraph.append(...inline(line));
    return paragraph;
  });
}

export function plainNodes(text) {
  return text.split("\n").map((line) => {
    const paragraph = document.createElement("p");
    paragraph.textContent = line;
    return paragraph;
  });
}
