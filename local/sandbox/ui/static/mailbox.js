// Mails in a sandboxed frame, text messages as bubbles.
import { byId, clock, h, setText, sync } from "./dom.js";

let chosen = null;
let messages = [];

function letter(message) {
  chosen = message.id;
  byId("reader").hidden = false;
  document.body.classList.add("reading");
  const isMail = message.channel === "mail";
  byId("letterhead").replaceChildren(
    h("h2", {}, isMail ? message.subject || "(no subject)" : "Text message"),
    h("p", {}, h("span", {}, `To ${message.to}`), message.sender ? h("span", {}, `From ${message.sender}`) : null, h("time", {}, clock(message.at))),
    message.files.length ? h("p", { class: "files" }, message.files.map((file, number) =>
      h("a", { class: "badge link", href: `/mail-files/${number}/${encodeURIComponent(message.id)}`, target: "_blank" }, file.name))) : "");
  const frame = byId("letter");
  frame.hidden = !isMail;
  if (isMail) frame.src = `/mail/${encodeURIComponent(message.id)}`;
  byId("bubble").hidden = isMail;
  setText(byId("bubble"), message.text);
  list();
}

function row(message) {
  const isMail = message.channel === "mail";
  return h("button", { class: `message ${message.current ? "current" : ""}`, onclick: () => letter(message) },
    h("i", { class: `is-${message.channel}` }, isMail ? "@" : "SMS"),
    h("span", { class: "message-text" }, h("b", {}, isMail ? message.subject || "(no subject)" : message.text), h("small", {}, `To ${message.to}`)),
    h("time", {}, clock(message.at)));
}

function list() {
  sync(byId("messages"), messages.map((message) => ({ ...message, current: message.id === chosen })), (message) => message.id, row);
}

function openFromAddress() {
  const [tab, id] = location.hash.slice(1).split("/");
  const wanted = tab === "mailbox" && id ? messages.find((message) => message.id === decodeURIComponent(id)) : null;
  if (wanted && wanted.id !== chosen) letter(wanted);
}

byId("reader-back").addEventListener("click", () => document.body.classList.remove("reading"));
window.addEventListener("hashchange", openFromAddress);

export function showMailbox(state) {
  messages = state.mailbox.messages;
  byId("mail-problem").hidden = !state.mailbox.problem;
  setText(byId("mail-problem"), state.mailbox.problem || "");
  byId("messages-empty").hidden = messages.length > 0;
  list();
  openFromAddress();
  const wide = window.matchMedia("(min-width: 860px)").matches;
  if (chosen === null && messages.length && wide && location.hash.startsWith("#mailbox")) letter(messages[0]);
}
