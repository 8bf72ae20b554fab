// The supplier's desk: purchase orders, stock and cost, and how the next call is answered.
import { act } from "./api.js";
import { badge, byId, clock, h, money, orderLink, setText, sync, units } from "./dom.js";

// How soon it ships when it does so automatically; the last time that the sandbox named.
let shipsAfter = 15;

function purchaseCard(row) {
  return h("article", { class: "card order" },
    h("div", { class: "order-head" }, h("span", { class: "order-name mono" }, row.reference), badge(row.state),
      orderLink(row), h("time", {}, clock(row.at))),
    h("p", { class: "order-text" }, h("b", {}, units(row.lines)),
      h("span", {}, [`to ${row.country}`, ...row.parcels.map((parcel) => `${parcel.carrier} ${parcel.number}`)].join(" · ")),
      h("strong", {}, row.surcharge ? `${money(row.amount)} + ${money(row.surcharge)}` : money(row.amount))),
    h("div", { class: "buttons" },
      h("button", { "aria-label": `Ship ${row.reference}`, disabled: !row.shippable, onclick: () => act("ship", { reference: row.reference }, `${row.reference} is on its way`) }, "Ship"),
      h("button", { class: "quiet", "aria-label": `Ship in two parcels: ${row.reference}`, disabled: !row.partable, onclick: () => act("ship_in_two", { reference: row.reference }, `${row.reference} left in two parcels`) }, "Ship in two parcels"),
      h("button", { class: "quiet", "aria-label": `Ship, used number: ${row.reference}`, disabled: !row.shippable, onclick: () => act("ship", { reference: row.reference, used_before: true }, `${row.reference} left under a number that was used before`) }, "Ship, used number"),
      row.parcels.map((parcel) => h("button", { class: "quiet", onclick: () => act("replace_number", { tracking_number: parcel.number }, `${parcel.number} was replaced`) }, `Replace ${parcel.number}`))));
}

// The maker answers on the page that its mail links to: what it said is shown here.
const LETTERS = { ORDER: "Read the mail", COPY: "Read the reminder", WITHDRAWN: "Read the withdrawal" };

function makerCard(row) {
  const seen = new Set();
  const once = row.answers.filter((said) => !seen.has(said) && seen.add(said));
  return h("article", { class: "card order" },
    h("div", { class: "order-head" }, h("span", { class: "order-name mono" }, row.reference), badge(row.state), orderLink(row), h("time", {}, clock(row.at))),
    h("p", { class: "order-text" }, h("b", {}, units(row.lines)), once.length ? h("span", {}, once.join(" · ")) : null),
    h("div", { class: "buttons" },
      h("a", { class: "button", href: row.link, target: "_blank", rel: "noopener", "aria-label": `Open the page of ${row.reference}` }, "Open its page"),
      row.mails.map((mail) => h("a", { class: "button quiet", href: `#mailbox/${encodeURIComponent(mail.message)}`, "aria-label": `${LETTERS[mail.kind]} of ${row.reference}` }, LETTERS[mail.kind])),
      h("span", { class: "hint" }, "Code of the mail: ", h("b", { class: "mono" }, row.code))));
}

function setter(sku, name, value, action, attributes) {
  return h("form", {
    onsubmit: (event) => {
      event.preventDefault();
      const input = event.target.elements[0];
      delete input.dataset.dirty;
      act(action, { sku, [name]: input.value }, `${sku}: ${name} is ${input.value}`);
    },
  }, h("label", {}, h("span", {}, name === "cost" ? "Cost $" : "Stock"), h("input", { type: "number", name, value, min: 0, "aria-label": `${name === "cost" ? "Cost $" : "Stock"} of ${sku}`, ...attributes })), h("button", { class: "quiet", "aria-label": `Set ${name} of ${sku}` }, "Set"));
}

function articleRow(row) {
  return h("div", { class: "article" },
    row.by_api ? h("img", { src: `/pictures/${encodeURIComponent(row.sku)}.svg`, alt: "", width: 64, height: 44 }) : null,
    h("div", { class: "article-name" }, h("b", {}, row.sku), h("span", {}, row.title)),
    setter(row.sku, "stock", row.stock, "set_stock", { step: 1, inputMode: "numeric" }),
    setter(row.sku, "cost", row.cost, "set_cost", { step: "0.01", inputMode: "decimal" }));
}

byId("auto-ship").addEventListener("change", (event) => {
  act("auto_ship", { seconds: event.target.checked ? shipsAfter : null }, event.target.checked ? "Ships automatically" : "Waits for you");
});

export function showSupplier(state) {
  const { supplier } = state;
  sync(byId("purchases"), supplier.purchase_orders, (row) => row.reference, purchaseCard);
  sync(byId("by-mail"), state.maker.orders, (row) => row.reference, makerCard);
  byId("by-mail-empty").hidden = state.maker.orders.length > 0;
  byId("purchases-empty").hidden = supplier.purchase_orders.length > 0;
  sync(byId("articles"), supplier.articles.filter((row) => row.by_api), (row) => row.sku, articleRow);
  sync(byId("accessories"), supplier.articles.filter((row) => !row.by_api), (row) => row.sku, articleRow);
  const waiting = supplier.queued.createOrderV2 || [];
  const others = Object.entries(supplier.queued).filter(([name]) => name !== "createOrderV2");
  for (const button of byId("next-answer").children) {
    button.setAttribute("aria-pressed", String(button.dataset.answer === (waiting[0] || "accept")));
  }
  const planned = waiting.length > 1 ? [`${waiting.length} answers are planned`] : [];
  setText(byId("queued"), [...planned, ...others.map(([name, list]) => `${name}: ${list.join(", ")}`)].join(" · "));
  const boxes = supplier.articles.filter((row) => row.by_api).map((row) => row.sku);
  sync(byId("surcharge-on"), boxes, (sku) => sku, (sku) => h("option", { value: sku }, sku));
  const extra = Object.entries(supplier.surcharges);
  setText(byId("surcharges"), extra.length ? `Next: ${extra.map(([key, amount]) => `${key} +${money(amount)}`).join(", ")}` : "");
  shipsAfter = supplier.auto_ship_seconds ?? shipsAfter;
  setText(byId("auto-ship-when"), `Ship automatically, ${shipsAfter} s after payment`);
  if (document.activeElement !== byId("auto-ship")) byId("auto-ship").checked = supplier.auto_ship_seconds !== null;
  sync(byId("supplier-facts"), [["Merchant's balance", money(supplier.balance)]], (fact) => fact[0],
    ([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)));
  const { fetches, last } = supplier.feed;
  setText(byId("feed-facts"), fetches ? `Fetched ${fetches} times, last at ${clock(last)}.` : "Nobody has fetched it yet.");
}
