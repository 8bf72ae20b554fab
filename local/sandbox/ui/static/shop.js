// The shelf, and what the merchant does to orders.
import { act } from "./api.js";
import { HOME, anchor, badge, byId, clock, h, money, setText, storeTitle, sync, units } from "./dom.js";

const GUIDE = "GUIDE-PDF";

let stores = [HOME];
let latest = null;
let chosen = stores[0];

// The store whose shelf and orders are shown: the last one that the address named.
export function chosenStore() {
  const [tab, store] = location.hash.slice(1).split("/");
  if (tab === "shop" && stores.includes(store)) chosen = store;
  return chosen;
}

function stockBadge(available) {
  if (available === null) return h("span", { class: "badge good" }, "download");
  if (available <= 0) return h("span", { class: "badge bad" }, "sold out");
  return h("span", { class: `badge ${available <= 3 ? "warn" : "good"}` }, available <= 3 ? `only ${available} left` : `${available} in stock`);
}

const sells = (store, sku) => latest.shelf.some((row) => row.store === store && row.sku === sku);

function buy({ sku, store }) {
  const quantity = Number(byId("opt-quantity").value);
  const withGuide = byId("opt-guide").checked && sku !== GUIDE && sells(store, GUIDE);
  const cart = withGuide ? { lines: [{ sku, quantity }, { sku: GUIDE, quantity: 1 }] } : { sku, quantity };
  act("buy", {
    ...cart, store, buyer: byId("opt-buyer").value, pay: byId("opt-pay").value,
    sms: byId("opt-sms").checked, currency: byId("opt-currency").value,
  }, (result) => `Thank you! Order ${result.order} over ${money(result.total)}`);
}

function shelfCard(row) {
  const about = new DOMParser().parseFromString(row.description, "text/html");
  const first = about.querySelector("p")?.textContent || about.body.textContent;
  const points = [...about.querySelectorAll("li")].slice(0, 3).map((point) => h("li", {}, point.textContent));
  return h("article", { class: "card lamp" },
    h("img", { src: `/pictures/${encodeURIComponent(row.sku)}.svg`, alt: row.title, width: 320, height: 220 }),
    h("div", { class: "lamp-text" },
      h("div", { class: "lamp-head" }, h("span", { class: "sku" }, row.sku), stockBadge(row.available)),
      h("h3", {}, row.title), h("p", {}, first), points.length ? h("ul", {}, points) : null,
      h("div", { class: "lamp-foot" }, h("strong", { class: "price" }, money(row.price)),
        row.compare_at && Number(row.compare_at) > Number(row.price) ? h("s", {}, money(row.compare_at)) : null,
        h("button", { class: "buy", "aria-label": `Buy ${row.sku}`, data: { sku: row.sku }, disabled: row.available !== null && row.available <= 0, onclick: () => buy(row) }, "Buy"))));
}

function lineEditor(order) {
  const rows = order.lines.filter((line) => line.sku);
  if (!rows.length) return null;
  return h("details", { class: "inline", data: { name: "edit" } }, h("summary", { "aria-label": `Edit ${order.order}` }, "Edit"),
    h("div", { class: "drop" }, rows.map((line) => h("form", {
      class: "row", onsubmit: (event) => {
        event.preventDefault();
        act("edit", { order: order.order, store: order.store, sku: line.sku, quantity: Number(event.target.elements[0].value) }, `${order.order} changed`);
      },
    }, h("label", {}, line.sku, h("input", { type: "number", min: 0, max: 99, value: line.quantity, name: `edit-${line.sku}` })),
    h("button", { class: "quiet", "aria-label": `Set quantity of ${line.sku} in ${order.order}` }, "Set")))));
}

function orderCard(order) {
  const open = order.cancellable;
  const button = (label, name, args, enabled, danger) => h("button", {
    class: danger ? "quiet danger" : "quiet", "aria-label": `${label} ${order.order}`, disabled: !enabled,
    onclick: () => act(name, { order: order.order, store: order.store, ...args }, `${order.order}: ${label.toLowerCase()}`),
  }, label);
  return h("article", { class: "card order" },
    h("div", { class: "order-head" }, h("a", { class: "order-name", href: `#timeline/${anchor(order)}` }, order.order),
      badge(order.payment), badge(order.fulfillment), order.risk !== "ACCEPT" ? badge(order.risk, `risk: ${order.risk.toLowerCase()}`) : null,
      order.sms ? h("span", { class: "badge" }, "SMS") : null, h("time", {}, clock(order.at))),
    h("p", { class: "order-text" }, h("b", {}, units(order.lines.map((line) => ({ ...line, quantity: order.fulfillment === "CANCELLED" ? line.ordered : line.quantity })))), h("span", {}, `${order.buyer} · ${order.place}`), h("strong", {}, money(order.total))),
    order.fulfillment === "CANCELLED" ? null : h("div", { class: "buttons" },
      button("Capture", "capture", {}, order.capturable),
      h("button", { class: "quiet", "aria-label": `Correct address of ${order.order}`, onclick: () => act("address", { order: order.order, store: order.store, buyer: "tampere" }, `${order.order}: address corrected`) }, "Correct address"),
      button(order.risk === "ACCEPT" ? "Mark as risky" : "Mark as safe", "risk", { recommendation: order.risk === "ACCEPT" ? "INVESTIGATE" : "ACCEPT" }, true),
      button("Refund", "refund", {}, order.refundable, true), button("Cancel", "cancel", {}, open, true),
      // Last, since it opens below the buttons.
      lineEditor(order)));
}

function storeTab(row) {
  return h("a", { href: `#shop/${row.store}`, "aria-current": row.current ? "true" : "false" }, storeTitle(row.store),
    row.orders ? h("b", { class: "count" }, String(row.orders)) : null);
}

export function showShop(state) {
  latest = state.shop;
  stores = latest.stores.map((row) => row.store);
  chosenStore();
  const here = (rows) => rows.filter((row) => row.store === chosen);
  const orders = here(latest.orders);
  const shelf = here(latest.shelf).sort((one, other) => (one.available === null) - (other.available === null));
  const tabs = stores.map((store) => ({ store, current: store === chosen, orders: latest.orders.filter((row) => row.store === store).length }));
  sync(byId("stores"), tabs, (row) => row.store, storeTab);
  sync(byId("shelf"), shelf, (row) => `${row.store} ${row.sku}`, shelfCard);
  byId("shelf-empty").hidden = shelf.length > 0;
  sync(byId("orders"), orders, anchor, orderCard);
  byId("orders-empty").hidden = orders.length > 0;
  const { installed, subscriptions } = here(latest.stores)[0];
  const facts = [["On sale", shelf.length], ["Orders", orders.length],
    ["App", installed ? (subscriptions ? "listening" : "not listening") : "removed"]];
  sync(byId("shop-facts"), facts, (fact) => fact[0], ([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, String(value))));
  setText(byId("opt-guide").nextElementSibling, sells(chosen, GUIDE) ? "Add the trail guide (PDF)" : "Trail guide is not on sale");
}
