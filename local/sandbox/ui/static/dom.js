// Small helpers: build elements without HTML text, and refresh lists without touching what somebody is typing.

export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else if (name === "data") Object.assign(node.dataset, value);
    else if (name in node && name !== "list") node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

// Two stores may count their orders alike, so an order is known by its store too.
export const HOME = "shopify";
export const anchor = (order) => `${order.store === HOME ? "" : `${order.store}-`}${order.order.slice(1)}`;
const STORES = { shopify: "Shopify", woocommerce: "WooCommerce", bigcommerce: "BigCommerce" };
export const storeTitle = (kind) => STORES[kind] || kind;

export function orderLink(row) {
  return row.order ? h("a", { class: "badge link", href: `#timeline/${anchor(row)}` }, `${row.order} ${storeTitle(row.store)}`) : null;
}

const drawn = new WeakMap();

// Keeps one child per row. A child is drawn again only when its row changed; inputs keep what was typed and the cursor.
export function sync(container, rows, keyOf, draw) {
  const old = new Map([...container.children].map((child) => [child.dataset.key, child]));
  const first = !("drawn" in container.dataset);
  container.dataset.drawn = "";
  let after = null;
  for (const row of rows) {
    const key = String(keyOf(row));
    const signature = JSON.stringify(row);
    let child = old.get(key);
    old.delete(key);
    if (!child || drawn.get(child) !== signature) {
      const fresh = draw(row);
      fresh.dataset.key = key;
      drawn.set(fresh, signature);
      if (child) {
        carryOver(child, fresh);
        child.replaceWith(fresh);
        restoreFocus(fresh);
      } else if (!first) fresh.classList.add("fresh");
      child = fresh;
    }
    const place = after ? after.nextSibling : container.firstChild;
    if (child !== place) container.insertBefore(child, place);
    after = child;
  }
  for (const gone of old.values()) gone.remove();
}

let wanted = null;

function carryOver(from, to) {
  wanted = null;
  for (const input of from.querySelectorAll("input[name], select[name]")) {
    const twin = to.querySelector(`[name="${CSS.escape(input.name)}"]`);
    if (!twin) continue;
    if (input.dataset.dirty) {
      if (input.type === "checkbox") twin.checked = input.checked;
      else twin.value = input.value;
      twin.dataset.dirty = "1";
    }
    if (input === document.activeElement) wanted = input.name;
  }
  for (const open of from.querySelectorAll("details[open]")) {
    const twin = to.querySelector(`details[data-name="${CSS.escape(open.dataset.name || "")}"]`);
    if (twin) twin.open = true;
  }
}

function restoreFocus(fresh) {
  if (wanted) fresh.querySelector(`[name="${CSS.escape(wanted)}"]`)?.focus();
}

export function markDirty(event) {
  if (event.target.matches("input[name], select[name]")) event.target.dataset.dirty = "1";
}

export const byId = (id) => document.getElementById(id);

export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function clock(stamp) {
  return new Date(stamp).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
}

export const money = (amount) => `$${Number(amount).toFixed(2)}`;

const WORDS = { CREATED: "created", IN_CART: "in cart", UNPAID: "unpaid", UNSHIPPED: "paid, to be shipped", PAID: "paid",
  PARTIALLY_FULFILLED: "partly sent", FULFILLED: "sent", UNFULFILLED: "not sent", MAILED: "waits for an answer", UNCONFIRMED: "not confirmed", WITHDRAWAL_ASKED: "asked not to ship",
  AUTHORIZED: "authorised only" };
const TONES = { PAID: "good", FULFILLED: "good", DELIVERED: "good", CONFIRMED: "good", UNCONFIRMED: "warn", WITHDRAWAL_ASKED: "warn", REFUSED: "bad", REJECTED: "bad", PARKED: "warn", delivered: "good", SHIPPED: "good", CANCELLED: "bad",
  VOIDED: "bad", REFUNDED: "bad", failure: "bad", return_to_sender: "bad", AUTHORIZED: "warn", PENDING: "warn",
  PARTIALLY_REFUNDED: "warn", PARTIALLY_PAID: "warn", PARTIALLY_FULFILLED: "info", UNSHIPPED: "info", in_transit: "info",
  out_for_delivery: "info", INVESTIGATE: "warn", CANCEL: "bad" };

export function badge(state, text) {
  const words = text || WORDS[state] || String(state).toLowerCase().replaceAll("_", " ");
  return h("span", { class: `badge ${TONES[state] || ""}` }, words);
}

export function units(lines) {
  return lines.map((line) => `${line.quantity} × ${line.sku || line.title}`).join(", ");
}
