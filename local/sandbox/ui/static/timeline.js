// What happened to each order, over all vendors and the mailbox.
import { anchor, badge, byId, clock, h, storeTitle, sync } from "./dom.js";

const SOURCE = { store: "Store", supplier: "Supplier", carrier: "Carrier", feed: "Stock file", mailbox: "Mailbox" };

function entry(row) {
  const detail = row.message
    ? h("a", { href: `#mailbox/${encodeURIComponent(row.message)}` }, row.detail)
    : h("span", {}, row.detail);
  return h("li", { class: `${row.source} tone-${row.tone}` }, h("time", {}, clock(row.at)),
    h("div", {}, h("span", { class: `source ${row.source}` }, SOURCE[row.source] || row.source), h("b", {}, row.title), row.detail ? detail : null));
}

const isHook = (row) => row.kind === "webhook_delivered" || row.kind === "webhook_failed";

function orderLine(line) {
  const quiet = line.entries.length ? "" : "Nothing yet";
  return h("article", { class: "card timeline", id: `order-${anchor(line)}` },
    h("div", { class: "order-head" }, h("span", { class: "order-name" }, line.order), h("span", { class: "badge" }, storeTitle(line.store)), badge(line.payment), badge(line.fulfillment)),
    h("p", { class: "hint" }, line.title), quiet ? h("p", { class: "empty" }, quiet) : h("ol", { class: "line" }, line.entries.map(entry)));
}

let scrolledTo = null;

function scrollToOrder() {
  const [tab, order] = location.hash.slice(1).split("/");
  if (tab !== "timeline" || !order || scrolledTo === location.hash) return;
  const card = byId(`order-${order}`);
  if (!card) return;
  scrolledTo = location.hash;
  card.scrollIntoView({ block: "start" });
  card.classList.add("marked");
}

window.addEventListener("hashchange", () => { scrolledTo = null; requestAnimationFrame(scrollToOrder); });

export function showTimeline(state) {
  const withHooks = byId("show-hooks").checked;
  const chosen = (rows) => (withHooks ? rows : rows.filter((row) => !isHook(row)));
  const orders = state.timelines.orders.map((line) => ({ ...line, entries: chosen(line.entries) }));
  sync(byId("timelines"), orders, anchor, orderLine);
  byId("timelines-empty").hidden = orders.length > 0;
  const general = chosen(state.timelines.general).map((row, index, all) => ({ ...row, id: `${row.at} ${all.length - index} ${row.title}` }));
  sync(byId("general"), general, (row) => row.id, entry);
  scrollToOrder();
}
