// The JSON behind the pages: read the state, do something, say how it went.
import { byId, h } from "./dom.js";

let etag = null;

// The state, or null when nothing has changed since the last time.
export async function readState() {
  const response = await fetch("/api/state", { headers: etag ? { "if-none-match": etag } : {}, cache: "no-store" });
  if (response.status === 304) return null;
  if (!response.ok) throw new Error(`the sandbox answered ${response.status}`);
  etag = response.headers.get("etag");
  return response.json();
}

const listeners = [];
export const afterAction = (listener) => listeners.push(listener);

export async function act(name, args, done) {
  let answer;
  try {
    const response = await fetch(`/api/actions/${name}`, {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(args),
    });
    answer = await response.json();
  } catch (error) {
    toast(`The sandbox cannot be reached: ${error.message}`, "bad");
    return null;
  }
  if (answer.ok) toast(typeof done === "function" ? done(answer.result) : done || "Done", "good");
  else for (const error of answer.errors) toast(`${error.field}: ${error.message}`, "bad");
  for (const listener of listeners) listener();
  return answer.ok ? answer.result : null;
}

export function toast(text, tone = "good") {
  const node = h("div", { class: `toast ${tone}` }, text);
  byId("toasts").append(node);
  setTimeout(() => node.remove(), tone === "bad" ? 8000 : 3200);
}
