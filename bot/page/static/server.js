// The way to the platform behind the page.

const PATIENCE = 20000;

export class Failure extends Error {}

async function ask(path, options = {}) {
  let response;
  try {
    response = await fetch(path, { ...options, signal: AbortSignal.timeout(PATIENCE) });
  } catch {
    throw new Failure("网络好像不通");
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Failure(answer.error || "没发出去，服务出了点问题");
  return answer;
}

export const listChats = () => ask("/page/chats");

export const doAct = (act) =>
  ask("/page/acts", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(act) });

export const listArrivals = (after, visitor) => ask(`/page/arrivals?after=${after}&visitor=${visitor}`);
