// Starts the page: tabs by the address's hash, one refresh a second, and buttons that carry their action in data attributes.
import { act, afterAction, readState } from "./api.js";
import { byId, markDirty, setText } from "./dom.js";
import { showCarrier } from "./carrier.js";
import { showMailbox } from "./mailbox.js";
import { chosenStore, showShop } from "./shop.js";
import { showSupplier } from "./supplier.js";
import { showTimeline } from "./timeline.js";

const TABS = ["shop", "supplier", "carrier", "mailbox", "timeline"];

function openTab() {
  const wanted = location.hash.slice(1).split("/")[0];
  const current = TABS.includes(wanted) ? wanted : "shop";
  for (const tab of TABS) {
    byId(`panel-${tab}`).hidden = tab !== current;
    byId(`tab-${tab}`).setAttribute("aria-current", tab === current ? "page" : "false");
  }
  window.scrollTo(0, 0);
}

function counts(state) {
  const numbers = {
    supplier: state.supplier.purchase_orders.filter((order) => order.shippable).length,
    carrier: state.carrier.parcels.filter((parcel) => parcel.status !== "delivered").length,
    mailbox: state.mailbox.messages.length,
  };
  for (const [tab, number] of Object.entries(numbers)) {
    const node = byId(`tab-${tab}`).querySelector(".count");
    node.hidden = !number;
    setText(node, String(number));
  }
}

function live(tone, text) {
  byId("live").className = `live ${tone}`;
  setText(byId("live").querySelector("span"), text);
}

let latest = null;
let running = false;
let again = false;

function showAll(state) {
  showShop(state);
  showSupplier(state);
  showCarrier(state);
  showMailbox(state);
  showTimeline(state);
  counts(state);
}

async function refresh() {
  if (running) { again = true; return; }
  running = true;
  try {
    const state = await readState();
    if (state) { latest = state; showAll(state); }
    const { pending, gave_up: lost } = latest.webhooks;
    live(lost ? "warn" : "on", pending ? `live · ${pending} webhook${pending > 1 ? "s" : ""} on the way` : lost ? `live · ${lost} not delivered` : "live");
    document.body.dataset.ready = "yes";
  } catch (error) {
    live("off", "the sandbox does not answer");
    console.error(error);
  } finally {
    running = false;
    if (again) { again = false; refresh(); }
  }
}

document.addEventListener("input", markDirty);
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-act]");
  if (!button) return;
  // Some actions are about the store that is shown, under the name that `at` gives.
  const at = button.dataset.at ? { [button.dataset.at]: chosenStore() } : {};
  act(button.dataset.act, { ...JSON.parse(button.dataset.args), ...at }, `${button.textContent}: set`);
});
document.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  if (form.dataset.form) act(form.dataset.form, Object.fromEntries(new FormData(form)));
});
document.querySelector(".skip").addEventListener("click", (event) => {
  // The address's hash names the tab, so the jump is ours.
  event.preventDefault();
  byId("main").focus();
});
byId("show-hooks").addEventListener("change", () => latest && showTimeline(latest));
window.addEventListener("hashchange", () => { openTab(); if (latest) showShop(latest); });
afterAction(refresh);
openTab();
refresh();
setInterval(refresh, 1000);
